import type { Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";

/**
 * For every cell the number of its neighbour at an offset, in cells along each axis; beyond the edge, that of the cell
 * on the other side, or -1.
 */
export function neighboursAt(boundary: Rule["boundary"], grid: Grid, offset: readonly number[]): Int32Array {
  // Axis by axis: the neighbour among the cells of all axes so far.
  let neighbours = Int32Array.of(0);
  for (const [axis, cells] of grid.entries()) {
    const along = Int32Array.from({ length: cells }, (_, at) => {
      const to = at + offset[axis];
      if (boundary === "wrap") return modulo(to, cells);
      return to >= 0 && to < cells ? to : -1;
    });
    const before = neighbours;
    neighbours = new Int32Array(before.length * cells);
    for (let i = 0; i < neighbours.length; i++) {
      const [outer, inner] = [before[Math.floor(i / cells)], along[i % cells]];
      neighbours[i] = outer < 0 || inner < 0 ? -1 : outer * cells + inner;
    }
  }
  return neighbours;
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}
