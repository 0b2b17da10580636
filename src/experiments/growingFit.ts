import type { Target } from "../data/image.ts";
import { livingCellsOf } from "./evaluation.ts";
import type { GrowingConfig } from "./growing.ts";
import { type Fitted, fitSeeds } from "./picture.ts";
import { workOfStep } from "./work.ts";

/** Training steps below which no picture is learned. */
const LEAST_STEPS = 400;

/**
 * The configuration of a growing run with all that depends on its pictures: where growth starts (`fitSeeds`), and the
 * training steps, lowered where they would take more than `training.work`. What it says already stays as it is.
 *
 * @param target as `createGrowing` takes it.
 * @throws UserError (exit status 2) for a seed outside the grid.
 */
export function fitGrowingConfig(
  config: GrowingConfig,
  target: Target | readonly Target[],
): Fitted<GrowingConfig> {
  const targets = [target].flat();
  const fitted = fitSeeds(config, targets);
  const { rule, training } = fitted;
  const { work, steps } = training;
  if (work === null) return fitted;
  const livingCells = Math.max(1, ...targets.map(({ data }) => livingCellsOf(rule, data)));
  const affordable = Math.round((1e6 * work) / workOfStep(training, rule, livingCells));
  const lowered = Math.min(steps, Math.max(LEAST_STEPS, affordable));
  return { ...fitted, training: { ...training, steps: lowered } };
}
