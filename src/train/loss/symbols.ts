/** Cells that are to name a symbol each. */
import type { StateWindow } from "../../engine/window.ts";
import { exponential, logarithm } from "../../math.ts";
import { type Classes, classOf } from "../../model/readout.ts";
import { cellCount, type Grid, planeOf } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Loss } from "./loss.ts";

/** The symbol that each cell is to name, as its number in memory: shape (...grid). */
export type SymbolsOfGoal = (goal: number) => Uint8Array;

/**
 * Cross-entropy of cells' scores, mean over cells: log sum_k e^{s_k} - s_wanted, in nats.
 *
 * Source: the objective of notebook 47 of CAX (Faldor and Cully, 2024).
 */
export function symbolLoss(
  { channels }: Pick<Rule, "channels">,
  grid: Grid,
  { offset, count }: Classes,
  wanted: SymbolsOfGoal,
): Loss {
  const cells = cellCount(grid);
  const powers = new Float64Array(count);
  return (state, { goal }, sink) => {
    const symbols = wanted(goal);
    let sum = (cells - state.height * state.width) * logarithm(count);
    for (const [cell, from] of cellsOf(state, grid, channels)) {
      const scores = from + offset;
      let most = -Infinity;
      for (let k = 0; k < count; k++) most = Math.max(most, state.data[scores + k]);
      let total = 0;
      for (let k = 0; k < count; k++) total += powers[k] = exponential(state.data[scores + k] - most);
      sum += logarithm(total) + most - state.data[scores + symbols[cell]];
      if (!sink) continue;
      for (let k = 0; k < count; k++) {
        sink.data[scores + k] += (sink.scale / cells) * (powers[k] / total - Number(k === symbols[cell]));
      }
    }
    return sum / cells;
  };
}

/** 1 where every cell names its symbol, else 0. */
export function rowRight(
  { channels }: Pick<Rule, "channels">,
  grid: Grid,
  classes: Classes,
  wanted: SymbolsOfGoal,
): Loss {
  return (state, { goal }) => {
    const symbols = wanted(goal);
    if (state.height * state.width < cellCount(grid)) return 0;
    for (const [cell, from] of cellsOf(state, grid, channels)) {
      if (classOf(state.data, from, classes) !== symbols[cell]) return 0;
    }
    return 1;
  };
}

/** The cells of a window: their numbers on the grid, and where their numbers begin. */
function* cellsOf(
  { top, left, height, width }: StateWindow,
  grid: Grid,
  channels: number,
): Generator<readonly [cell: number, from: number]> {
  const [, across] = planeOf(grid);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) yield [(top + y) * across + left + x, (y * width + x) * channels];
  }
}
