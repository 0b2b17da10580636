export { adam, shorten } from "./adam";
export { orthogonalize } from "./orthogonalize";
