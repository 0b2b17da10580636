/** What Neoblast does with files, pictures and threads in Node. */
export { createEngine } from "./engine.ts";
export { type NamedTarget, loadTarget } from "./images.ts";
export { loadModel, saveModel } from "./models.ts";
