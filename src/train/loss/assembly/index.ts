export { project, projectBackward } from "./project";
export { ascending } from "./ascending";
