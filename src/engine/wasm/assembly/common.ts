// What the kernels in tiles of 8 cells (`index.ts`) and those in wide tiles (`wide/index.ts`) have in common.
export { CHUNK } from "./layers";
export { biasGradient, readBiasGradient, readWeightGradient } from "./gradients";
export { dilate, foldMargin, maskCotangent, mirrorMargin, select, settle, spread, without } from "./maps";
export { squaredError, wrongPixels } from "./picture";
export { depthwiseGradient, perceiveDepthwise, scatterDepthwise } from "./depthwise";
export { neighbourProducts, neighbourSums, scatterNeighbours, softmax, softmaxBackward } from "./attention";
export { perceiveFilter, scatterFilter } from "./filter";
export { addNoise, mature, perceive, pull, scatter, update } from "./cells";
