/** Which cells fire. */
import { type Grid, fireMask, type Rule } from "neoblast";

/** As much of a simulation at play as says which cells fire next. */
export type Playing = Readonly<{
  rule: Rule;
  grid: Grid;
  steps: number;
  request(state: Float32Array, steps: number): Readonly<{ seed: number; firstStep?: number }>;
}>;

/** One byte a cell: 1 where it fires in the step that comes next; these are the engine's own dice. */
export function firesNext(simulation: Playing): Uint8Array {
  const { rule, grid, steps } = simulation;
  const { seed, firstStep = steps } = simulation.request(new Float32Array(0), 1);
  return fireMask(rule, grid, seed, 0, firstStep);
}
