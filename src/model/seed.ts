import type { Grid, Rule } from "../rule/rule.ts";

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

/**
 * Sets one cell of a state to the seed, in place: 1 in the channels [seed.from, seed.to) of the rule, 0 in the others and,
 * where seed.colours is false, in the picture's but for the alive one.
 *
 * Several seeds of one picture are to grow different parts, so they differ by their `number` k: with the hidden channels
 * among those of the seed counted j = 1, 2, ... (all but the alive channel and the picture's), channel j is
 * (-1)^popcount(k AND j), a row of a Walsh-Hadamard matrix. Of m such channels, the largest power of two below
 * or at 2 m seeds all differ, 16 by the article's rule with its 12; later ones repeat them. Number 0, the default, is the
 * seed of one that grows alone.
 *
 * @throws RangeError for a cell outside the grid.
 */
export function plantSeed(
  state: Float32Array,
  rule: Rule,
  grid: Grid,
  [y, x]: readonly [number, number],
  number = 0,
): void {
  checkPlace([y, x], grid);
  const cell = (y * grid[1] + x) * rule.channels;
  state.fill(0, cell, cell + rule.channels);
  state.fill(1, cell + rule.seed.from, cell + rule.seed.to);
  let j = 0;
  for (let channel = rule.seed.from; channel < rule.seed.to; channel++) {
    if (isHidden(rule, channel)) {
      if (isOdd(number & ++j)) state[cell + channel] = -1;
    } else if (rule.seed.colours === false && channel !== rule.alive.channel) {
      state[cell + channel] = 0;
    }
  }
}

/** @throws RangeError where the [row, column] of a seed lies outside the grid. */
export function checkPlace([y, x]: readonly [number, number], grid: Grid): void {
  if (y >= 0 && y < grid[0] && x >= 0 && x < grid[1]) return;
  throw new RangeError(`the seed at row ${y}, column ${x} lies outside the ${grid[0]}x${grid[1]} grid`);
}

function isHidden({ alive, image }: Rule, channel: number): boolean {
  return channel !== alive.channel && !(channel >= image.offset && channel < image.offset + image.channels);
}

/** Whether the number of ones among the bits of a number is odd. */
function isOdd(bits: number): boolean {
  let odd = false;
  for (let rest = bits; rest !== 0; rest &= rest - 1) odd = !odd;
  return odd;
}
