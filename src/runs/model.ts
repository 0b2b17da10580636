import type { Engine } from "../engine.ts";
import type { Experiment, ExperimentConfig, Subject } from "../experiments/experiment.ts";
import type { Model } from "../model/model.ts";
import type { Trainer } from "../train/trainer.ts";

/** What makes a run, wherever it is carried out. */
export type RunParts = Readonly<{
  experiment: Experiment;
  config: ExperimentConfig;
  subject: Subject;
  trainer: Trainer;
  engine: Engine;
}>;

/** Training steps at the end whose mean loss is the model's. */
const LOSS_STEPS = 50;

/** The mean of the last losses; undefined where all of those steps were skipped. @param losses NaN of skipped steps. */
export function recentLoss(losses: readonly number[]): number | undefined {
  const known = losses.slice(-LOSS_STEPS).filter(Number.isFinite);
  return known.length > 0 ? known.reduce((sum, loss) => sum + loss, 0) / known.length : undefined;
}

/**
 * The model of a run as trained so far. The same steps give the same bytes, whatever interrupted them.
 *
 * @param losses of all steps so far, NaN of those skipped; the last ones do.
 */
export function modelOfRun(
  { experiment, config, subject, trainer, engine }: RunParts,
  losses: readonly number[],
): Model {
  const model = experiment.modelOf(trainer, config, subject);
  const loss = recentLoss(losses);
  return {
    ...model,
    provenance: { ...model.provenance, build: engine.build, ...(loss !== undefined && { loss }) },
  };
}
