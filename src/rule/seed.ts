import type { Grid, Rule } from "./rule.ts";

/**
 * A state that is empty but for one seed cell.
 *
 * @param at [row, column] of the seed; default the centre, [height >> 1, width >> 1].
 * @returns Float32Array of shape (H, W, C).
 */
export function seedState(
  rule: Rule,
  grid: Grid,
  at: readonly [number, number] = [grid[0] >> 1, grid[1] >> 1],
): Float32Array {
  const state = new Float32Array(grid[0] * grid[1] * rule.channels);
  plantSeed(state, rule, grid, at);
  return state;
}

/** Sets one cell of a state to the seed, in place. A cell outside the grid is a RangeError. */
export function plantSeed(
  state: Float32Array,
  rule: Rule,
  grid: Grid,
  [y, x]: readonly [number, number],
): void {
  if (!(y >= 0 && y < grid[0] && x >= 0 && x < grid[1])) {
    throw new RangeError(`the seed at row ${y}, column ${x} lies outside the ${grid[0]}x${grid[1]} grid`);
  }
  const cell = (y * grid[1] + x) * rule.channels;
  state.fill(0, cell, cell + rule.channels);
  state.fill(1, cell + rule.seed.from, cell + rule.seed.to);
}
