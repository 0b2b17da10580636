export * from "../common";
export { layer, layerBackward } from "./layers";
export { weightGradient } from "./gradients";
