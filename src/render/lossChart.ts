/** What loss curves show. `plots.ts` draws them, and takes a while to load. */

/** What a loss curve needs of a training step's metrics: the step, and numbers by name. */
export type LossPoint = Readonly<{ step: number; loss: number | null } & Record<string, unknown>>;

/** One curve: a number of every training step. */
export type LossLine = Readonly<{ field: string; name?: string }>;

/** What the loss curves of a kind of training show. */
export type LossChart = Readonly<{
  /** What the axis counts. */
  unit: string;
  subtitle: string;
  /** At most two; the first is the loss of the model. */
  lines: readonly LossLine[];
}>;

/** Of training by gradients. */
export const TRAINING_CHART: LossChart = {
  unit: "training step",
  subtitle: "of every training step, and its moving mean",
  lines: [{ field: "loss" }],
};
