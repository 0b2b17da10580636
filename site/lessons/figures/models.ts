/** Trained automata that the figures play. */
export { default as butterfly } from "../../../playground/public/gallery/butterfly.safetensors?url";
export { default as lizard } from "../../../playground/public/gallery/lizard.safetensors?url";
