import { startState, type Seeds } from "../model/start.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { composeTask } from "./composeTask.ts";
import type { Goals } from "./goals.ts";
import { pictureLoss } from "./loss/loss.ts";
import { ofGoal, penaltyTerms, type PenaltyWeights } from "./loss/penalties.ts";
import type { PoolSettings } from "./memory/pool.ts";
import type { Task } from "./task.ts";

export type PictureTaskOptions = Readonly<{
  rule: Rule;
  grid: Grid;
  goals: Goals;
  /** Weights of what is minimised beside the picture's error; those left out are 0. */
  penalties?: Partial<PenaltyWeights>;
  /** Null: every sample starts from the seed. */
  pool: PoolSettings | null;
  /** Where growth starts; default: one seed in the centre. */
  seeds?: Seeds;
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
  grid,
  goals,
  penalties = {},
  pool,
  seeds,
  seed,
}: PictureTaskOptions): Task {
  const target = (goal: number) => goals.target(goal);
  // Refused at once rather than in the first step.
  pictureLoss(rule, grid, target(0));
  return composeTask({
    rule,
    grid,
    start: startState(rule, grid, seeds),
    memory: pool && { ...pool, kind: "pool" },
    goals: goals.count,
    conditioner: goals.conditioner,
    terms: [
      { name: "picture", weight: 1, loss: ofGoal((goal) => pictureLoss(rule, grid, target(goal))) },
      ...penaltyTerms(penalties, { rule, grid, target }),
    ],
    seed,
  });
}
