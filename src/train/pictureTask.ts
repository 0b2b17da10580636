import type { Readout } from "../model/readout.ts";
import { type Start, startState } from "../model/start.ts";
import type { Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { composeTask } from "./composeTask.ts";
import type { Goals } from "./goals.ts";
import { pictureLoss } from "./loss/loss.ts";
import { ofGoal, penaltyTerms, type PenaltyWeights } from "./loss/penalties.ts";
import type { PoolSettings } from "./memory/pool.ts";
import type { Task } from "./task.ts";

/** What `pictureTask` trains for. */
export type PictureTaskOptions = Readonly<{
  rule: Rule;
  /** Where the picture lies in a state. */
  readout: Readout;
  /** What growth starts from. */
  start: Start;
  grid: Grid;
  goals: Goals;
  /** Weights of what is minimised beside the picture's error; those left out are 0. */
  penalties?: Partial<PenaltyWeights>;
  /** Null: every sample starts from the seed. */
  pool: PoolSettings | null;
  seed: number;
}>;

/**
 * Growing pictures from their seeds, and holding them.
 *
 * @throws RangeError for a target that does not fit the grid, and for a penalty that the rule cannot have.
 * Source: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020.
 */
export function pictureTask({
  rule,
  readout,
  start,
  grid,
  goals,
  penalties = {},
  pool,
  seed,
}: PictureTaskOptions): Task {
  const target = (goal: number) => goals.target(goal);
  const layout = { rule, readout, start };
  // Refused at once rather than in the first step.
  pictureLoss(layout, grid, target(0));
  return composeTask({
    rule,
    grid,
    start:
      start.pictures && goals.count > 1
        ? (goal) => startState(layout, grid, undefined, goal)
        : startState(layout, grid),
    memory: pool && { ...pool, kind: "pool" },
    goals: goals.count,
    conditioner: goals.conditioner,
    terms: [
      { name: "picture", weight: 1, loss: ofGoal((goal) => pictureLoss(layout, grid, target(goal))) },
      ...penaltyTerms(penalties, { rule, readout, grid, target }),
    ],
    seed,
  });
}
