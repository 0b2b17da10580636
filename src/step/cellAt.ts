import type { Grid, Rule } from "../rule/rule.ts";

/** Index of the cell at a row and column; beyond the edge, that of the cell on the other side, or -1. */
export function cellAt(boundary: Rule["boundary"], [height, width]: Grid, y: number, x: number): number {
  if (boundary === "wrap") return modulo(y, height) * width + modulo(x, width);
  return y >= 0 && y < height && x >= 0 && x < width ? y * width + x : -1;
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}
