/** Cells of a state: what they are, and which of them stand for a pattern. */
import { type Box, cellCount, type Grid, type Plane, wholeBox } from "../rule/grid.ts";
import { neighbourOffsets } from "../rule/kernels.ts";
import type { Rule } from "../rule/rule.ts";
import { neighboursAt } from "../step/neighbours.ts";

/** A place on a grid: rows down, columns to the right, from 0 on. */
export type Cell = readonly [row: number, column: number];

/**
 * What a cell is: mature where its own alive channel exceeds the threshold; growing where only that of one of its
 * neighbours does, of which a plane has eight; else empty. Where a rule has a mask, mature and growing cells are those that live.
 */
export const CELL_KIND = { empty: 0, growing: 1, mature: 2 } as const;

/** The kind of each cell, one byte each. */
export function cellKinds({ channels, alive, boundary }: Rule, grid: Grid, state: Float32Array): Uint8Array {
  const { empty, growing, mature } = CELL_KIND;
  const threshold = Math.fround(alive.threshold);
  const kinds = new Uint8Array(cellCount(grid));
  const around = neighbourOffsets(grid.length, 1).map((offset) => neighboursAt(boundary, grid, offset));
  for (let n = 0; n < kinds.length; n++) {
    if (!(state[n * channels + alive.channel] > threshold)) continue;
    kinds[n] = mature;
    for (const neighbours of around) {
      const neighbour = neighbours[n];
      if (neighbour >= 0 && kinds[neighbour] === empty) kinds[neighbour] = growing;
    }
  }
  return kinds;
}

/**
 * Three cells that stand for a pattern: in its middle, at its left edge in the same row, and half way between. They
 * are mature, and may be fewer where the pattern is small; without a pattern it is the centre of the grid.
 */
export function representativeCells(rule: Rule, grid: Plane, state: Float32Array): Cell[] {
  const kinds = cellKinds(rule, grid, state);
  const mature = [...kinds.keys()]
    .filter((n) => kinds[n] === CELL_KIND.mature)
    .map((n): Cell => [Math.floor(n / grid[1]), n % grid[1]]);
  if (mature.length === 0) return [[grid[0] >> 1, grid[1] >> 1]];

  const middle = (axis: 0 | 1) => {
    const places = mature.map((cell) => cell[axis]).toSorted((a, b) => a - b);
    return (places[0] + places[places.length - 1]) / 2;
  };
  const distance = ([row, column]: Cell, [y, x]: Cell) => (row - y) ** 2 + (column - x) ** 2;
  const nearest = (to: Cell) => mature.reduce((a, b) => (distance(b, to) < distance(a, to) ? b : a));

  const centre = nearest([middle(0), middle(1)]);
  const edge = mature.find(([row]) => row === centre[0])!;
  const between = nearest([centre[0], (centre[1] + edge[1]) / 2]);
  return [centre, between, edge].filter(
    (cell, i, all) => all.findIndex((other) => other.join() === cell.join()) === i,
  );
}

/** Empty cells around a pattern that is shown. */
const MARGIN = 3;

/** The box of all cells that are not empty in some state, and a margin around them; without any, the whole grid. */
export function patternBox(kinds: readonly Uint8Array[], grid: Plane): Box {
  const [height, width] = grid;
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (const kind of kinds) {
    for (let n = 0; n < kind.length; n++) {
      if (kind[n] === CELL_KIND.empty) continue;
      const [y, x] = [Math.floor(n / width), n % width];
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  if (bottom < 0) return wholeBox(grid);
  top = Math.max(0, top - MARGIN);
  left = Math.max(0, left - MARGIN);
  bottom = Math.min(height, bottom + 1 + MARGIN);
  right = Math.min(width, right + 1 + MARGIN);
  return { top, left, height: bottom - top, width: right - left };
}
