/** What Neoblast does with files, pictures and threads in Node. */
export { type DownloadOptions, downloadMnist } from "./download.ts";
export { createEngine, type NodeEngineOptions } from "./engine.ts";
export { type NamedTarget, loadTarget } from "./images.ts";
export { loadModel, saveModel } from "./models.ts";
export { loadPicture } from "./pictureFolder.ts";
export { type PictureSetOptions, loadPictureSets } from "./pictureSets.ts";
export { openGpu } from "./webgpu.ts";
