/** How large a grid a model is played on, and how many seeds are planted on it. */
import type { Plane } from "../../../src/rule/grid.ts";
import { MAX_PLAYED_CELLS } from "../limits.ts";

export type GridSetup = Readonly<{
  /** Sides of the grid, as multiples of those that the model was trained on. */
  scale: number;
  /** A square number. */
  seeds: number;
}>;

export const SCALES = [1, 2, 3] as const;
export const SEEDS = [1, 4, 9] as const;

/** The largest of {@link SCALES} at which a page plays well; 1 also where the grid of training is larger than that. */
export function largestScale([height, width]: Plane): number {
  return SCALES.findLast((scale) => height * width * scale * scale <= MAX_PLAYED_CELLS) ?? 1;
}

/** The grid, no larger than a page plays well, and the seeds on it, in evenly spaced rows and columns. */
export function gridAndSeeds(trained: Plane, setup: GridSetup): { grid: Plane; seeds: [number, number][] } {
  const scale = Math.min(setup.scale, largestScale(trained));
  // Rows below a row would know nothing of it.
  const grid = [trained[0] === 1 ? 1 : trained[0] * scale, trained[1] * scale] as const;
  const rows = Math.round(Math.sqrt(setup.seeds));
  const seeds = Array.from({ length: rows * rows }, (_, i): [number, number] => [
    middle(Math.floor(i / rows), rows, grid[0]),
    middle(i % rows, rows, grid[1]),
  ]);
  return { grid, seeds };
}

/** The cell in the middle of one of several equal parts. */
function middle(part: number, parts: number, length: number): number {
  return Math.floor(((part + 0.5) / parts) * length);
}
