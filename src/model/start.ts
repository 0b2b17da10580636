/** What growth starts from: one seed, or several that grow the parts of a picture. */
import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import type { Grid } from "../rule/rule.ts";
import { plantSeed, type SeedCell, type SeedLayout } from "./seed.ts";

/** Where seeds lie, in cells from the centre cell [H >> 1, W >> 1] of a grid. They are numbered as listed, from 0 on. */
export type Seeds = readonly (readonly [down: number, right: number])[];

/** What a model starts from: where its seeds lie, and what a seed cell holds. */
export type Start = Readonly<{ seeds: Seeds; cell: SeedCell }>;

/** What it takes to plant all seeds of a start: of a model, or of anything else that has it. */
export type StartLayout = SeedLayout & Readonly<{ start: Start }>;

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
 * @returns Float32Array of shape (H, W, C).
 */
export function startState(layout: StartLayout, grid: Grid): Float32Array {
  const state = new Float32Array(grid[0] * grid[1] * layout.rule.channels);
  plantSeeds(state, layout, grid, [grid[0] >> 1, grid[1] >> 1]);
  return state;
}

/**
 * Plants seeds around a cell, in place. Those that would lie outside the grid are left out.
 *
 * @param at [row, column] of the cell that takes the place of the centre.
 */
export function plantSeeds(
  state: Float32Array,
  layout: StartLayout,
  grid: Grid,
  at: readonly [number, number],
): void {
  for (const [number, [down, right]] of layout.start.seeds.entries()) {
    const [y, x] = [at[0] + down, at[1] + right];
    if (isInside(grid, y, x)) plantSeed(state, layout, grid, [y, x], number);
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

/** A start whose seeds are turned ({@link turnedSeeds}). */
export function turnedStart(start: Start, degrees: number): Start {
  return { ...start, seeds: turnedSeeds(start.seeds, degrees) };
}

function isInside([height, width]: Grid, y: number, x: number): boolean {
  return y >= 0 && y < height && x >= 0 && x < width;
}
