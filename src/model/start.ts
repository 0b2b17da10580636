/** What growth starts from: one seed, or several that grow the parts of a picture. */
import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { plantSeed } from "./seed.ts";

/** Where seeds lie, in cells from the centre cell [H >> 1, W >> 1] of a grid. They are numbered as listed, from 0 on. */
export type Seeds = readonly (readonly [down: number, right: number])[];

/** What a model starts from. */
export type Start = Readonly<{ seeds: Seeds }>;

/** One seed in the centre cell. */
export const ONE_SEED: Seeds = [[0, 0]];

/** Most seeds of one start. */
export const MAX_SEEDS = 64;

/** Whether seeds are {@link ONE_SEED}. */
export function isOneSeed(seeds: Seeds): boolean {
  return seeds.length === 1 && seeds[0][0] === 0 && seeds[0][1] === 0;
}

/** The first seed, by its number, that lies outside a grid; -1 where all lie inside. */
export function seedOutside(seeds: Seeds, grid: Grid): number {
  return seeds.findIndex(([down, right]) => !isInside(grid, (grid[0] >> 1) + down, (grid[1] >> 1) + right));
}

/**
 * The state that growth starts from: empty but for the seeds. Those that lie outside the grid are left out.
 *
 * @param seeds default {@link ONE_SEED}.
 * @returns Float32Array of shape (H, W, C).
 */
export function startState(rule: Rule, grid: Grid, seeds: Seeds = ONE_SEED): Float32Array {
  const state = new Float32Array(grid[0] * grid[1] * rule.channels);
  plantSeeds(state, rule, grid, [grid[0] >> 1, grid[1] >> 1], seeds);
  return state;
}

/**
 * Plants seeds around a cell, in place. Those that would lie outside the grid are left out.
 *
 * @param at [row, column] of the cell that takes the place of the centre.
 */
export function plantSeeds(
  state: Float32Array,
  rule: Rule,
  grid: Grid,
  at: readonly [number, number],
  seeds: Seeds = ONE_SEED,
): void {
  for (const [number, [down, right]] of seeds.entries()) {
    const [y, x] = [at[0] + down, at[1] + right];
    if (isInside(grid, y, x)) plantSeed(state, rule, grid, [y, x], number);
  }
}

/**
 * Seeds for an automaton whose cells' sense of direction is turned (`turnedRule`): turned alike about the centre, and
 * moved into the nearest cell.
 *
 * @param degrees any finite angle, counter-clockwise on screen.
 */
export function turnedSeeds(seeds: Seeds, degrees: number): Seeds {
  const cos = cosineOfDegrees(degrees);
  const sin = sineOfDegrees(degrees);
  // The sums turn -0 into 0.
  return seeds.map(([down, right]) => [
    Math.round(cos * down - sin * right) + 0,
    Math.round(sin * down + cos * right) + 0,
  ]);
}

function isInside([height, width]: Grid, y: number, x: number): boolean {
  return y >= 0 && y < height && x >= 0 && x < width;
}
