import { cellNumber, centreOf, type Grid, gridText, stateSize } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Readout } from "./readout.ts";

/**
 * What a seed cell holds: channels [from, to) are 1, the others 0; with `colours` false, those among them that are the
 * picture's are 0, too, unless they are the alive channel. What cells hold that are no seeds: `ground` in the channels of the
 * picture, and everywhere added to it numbers drawn uniformly from [-noise, noise); both 0 by default, so that nothing is there.
 */
export type SeedCell = Readonly<{
  from: number;
  to: number;
  colours?: boolean | undefined;
  noise?: number | undefined;
  ground?: number | undefined;
}>;

/** What it takes to plant a seed: of a model, or of anything else that has these three. */
export type SeedLayout = Readonly<{
  rule: Pick<Rule, "channels" | "alive">;
  /** Null: no channel is the picture's. */
  readout: Readout | null;
  start: Readonly<{ cell: SeedCell }>;
}>;

/** Whether a seed cell is a range, not empty, within the channels of a rule. */
export function isCellWithinChannels({ from, to }: SeedCell, rule: Pick<Rule, "channels">): boolean {
  return from < to && to <= rule.channels;
}

/**
 * A state that is empty but for one seed cell.
 *
 * @param at position of the seed, on a plane [row, column]; default the centre, half of each axis rounded down.
 * @returns Float32Array of shape (...grid, C).
 */
export function seedState(
  layout: SeedLayout,
  grid: Grid,
  at: readonly number[] = centreOf(grid),
): Float32Array {
  const state = new Float32Array(stateSize(layout.rule, grid));
  plantSeed(state, layout, grid, at);
  return state;
}

/**
 * Sets one cell of a state to the seed, in place (`SeedCell`).
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
  layout: SeedLayout,
  grid: Grid,
  at: readonly number[],
  number = 0,
): void {
  checkPlace(at, grid);
  const { rule, start } = layout;
  const { from, to, colours } = start.cell;
  const cell = cellNumber(grid, at) * rule.channels;
  state.fill(0, cell, cell + rule.channels);
  state.fill(1, cell + from, cell + to);
  let j = 0;
  for (let channel = from; channel < to; channel++) {
    if (isHidden(layout, channel)) {
      if (isOdd(number & ++j)) state[cell + channel] = -1;
    } else if (colours === false && channel !== rule.alive.channel) {
      state[cell + channel] = 0;
    }
  }
}

/** @throws RangeError where the position of a seed lies outside the grid. */
export function checkPlace(at: readonly number[], grid: Grid): void {
  if (cellNumber(grid, at) >= 0) return;
  const place = grid.length === 2 ? `row ${at[0]}, column ${at[1]}` : at.join(", ");
  throw new RangeError(`the seed at ${place} lies outside the ${gridText(grid)} grid`);
}

function isHidden({ rule, readout }: SeedLayout, channel: number): boolean {
  if (channel === rule.alive.channel) return false;
  return !readout || channel < readout.offset || channel >= readout.offset + readout.channels;
}

/** Whether the number of ones among the bits of a number is odd. */
function isOdd(bits: number): boolean {
  let odd = false;
  for (let rest = bits; rest !== 0; rest &= rest - 1) odd = !odd;
  return odd;
}
