/** Cells that say what they are part of. */
import type { StateWindow } from "../../engine/window.ts";
import { type Classes, classOf } from "../../model/readout.ts";
import { cellCount, type Grid } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Loss } from "./loss.ts";

/**
 * Half the squared distance of living cells' scores from 1 for their class and 0 for all others, summed over cells and
 * classes and divided by the cells of the grid. Living is what exceeds the threshold of the rule's alive channel.
 *
 * @param classOfGoal the class that all cells of a sample of a goal are to name, from 0 on.
 * Source: Randazzo, Mordvintsev, Niklasson, Levin and Greydanus, "Self-classifying MNIST Digits", Distill 2020, whose
 * sum is not divided.
 */
export function classLoss(
  rule: Rule,
  grid: Grid,
  { offset, count }: Classes,
  classOfGoal: (goal: number) => number,
): Loss {
  const cells = cellCount(grid);
  return (state, { goal }, sink) => {
    const wanted = classOfGoal(goal);
    const slope = sink ? sink.scale / cells : 0;
    let sum = 0;
    for (const cell of livingCells(rule, state)) {
      for (let k = 0; k < count; k++) {
        const difference = state.data[cell + offset + k] - (k === wanted ? 1 : 0);
        sum += difference * difference;
        if (sink) sink.data[cell + offset + k] += slope * difference;
      }
    }
    return sum / (2 * cells);
  };
}

/** The share of a state's living cells that name the class of its goal; 1 where nothing lives. */
export function classAccuracy(rule: Rule, classes: Classes, classOfGoal: (goal: number) => number): Loss {
  return (state, { goal }) => {
    const wanted = classOfGoal(goal);
    let living = 0;
    let right = 0;
    for (const cell of livingCells(rule, state)) {
      living++;
      if (classOf(state.data, cell, classes) === wanted) right++;
    }
    return living === 0 ? 1 : right / living;
  };
}

/** Where the numbers of each living cell begin. */
function* livingCells({ channels, alive }: Rule, { data }: StateWindow): Generator<number> {
  const threshold = Math.fround(alive.threshold);
  for (let cell = 0; cell < data.length; cell += channels) {
    if (data[cell + alive.channel] > threshold) yield cell;
  }
}
