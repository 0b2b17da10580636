export { CHUNK, biasGradient, layer, readBiasGradient, readWeightGradient, weightGradient } from "./layers";
export { dilate, foldMargin, maskCotangent, mirrorMargin, select, settle, spread } from "./maps";
export { perceive, pull, scatter, update } from "./cells";
