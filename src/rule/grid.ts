/** Grids of one, two or three axes, and the rows that their cells lie in. */
import type { Rule } from "./rule.ts";

/** Cells along each axis, row-major, so that neighbours along the last axis lie side by side: [W], [H, W] or [D, H, W]. */
export type Grid =
  | readonly [width: number]
  | readonly [height: number, width: number]
  | readonly [depth: number, height: number, width: number];

/** A grid of rows and columns: what pictures are drawn on. */
export type Plane = readonly [height: number, width: number];

/** Rows [top, top + height) and columns [left, left + width) of a grid as {@link planeOf} lays it out. */
export type Box = Readonly<{ top: number; left: number; height: number; width: number }>;

/**
 * The same cells as rows along the last axis, one below the other: [1, W], [H, W] or [D * H, W]. Their numbers in memory
 * stay where they are, so that whatever knows rows and columns reads and draws a state of any grid.
 */
export function planeOf(grid: Grid): Plane {
  // Not by a division: windows of a state may have no cells.
  const rows = grid.slice(0, -1).reduce((product, cells) => product * cells, 1);
  return [rows, grid[grid.length - 1]];
}

/** The cells of a grid. */
export function cellCount(grid: Grid): number {
  return grid.reduce((product, cells) => product * cells, 1);
}

/** The centre cell: half of each axis, rounded down. */
export function centreOf(grid: Grid): number[] {
  return grid.map((cells) => cells >> 1);
}

/** The number of the cell at a position, a number for each axis; -1 outside the grid. */
export function cellNumber(grid: Grid, position: readonly number[]): number {
  let cell = 0;
  for (const [axis, cells] of grid.entries()) {
    if (!(position[axis] >= 0 && position[axis] < cells)) return -1;
    cell = cell * cells + position[axis];
  }
  return cell;
}

/** The position of a cell, a number for each axis: undoes {@link cellNumber}. */
export function positionOf(grid: Grid, cell: number): number[] {
  let rest = cell;
  return grid
    .toReversed()
    .map((cells) => {
      const along = rest % cells;
      rest = Math.floor(rest / cells);
      return along;
    })
    .toReversed();
}

export function sameGrid(a: Grid, b: Grid): boolean {
  return a.length === b.length && a.every((cells, axis) => cells === b[axis]);
}

/** A row or column of so many, from -1 (the first) to 1 (the last); 0 of one. */
export function relativePosition(i: number, size: number): number {
  return size > 1 ? (2 * i) / (size - 1) - 1 : 0;
}

/** Whether a list has a number for each of so many axes. */
export function isGrid(sizes: readonly number[], axes: 1 | 2 | 3): sizes is Grid {
  return sizes.length === axes;
}

/** A grid in words: "64x48". */
export function gridText(grid: Grid): string {
  return grid.join("x");
}

/** All of a grid. */
export function wholeBox(grid: Grid): Box {
  const [height, width] = planeOf(grid);
  return { top: 0, left: 0, height, width };
}

/** How many numbers a state on this grid holds: cells * C. */
export function stateSize(rule: Pick<Rule, "channels">, grid: Grid): number {
  return cellCount(grid) * rule.channels;
}
