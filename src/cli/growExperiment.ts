import { parseConfig } from "../experiments/config.ts";
import {
  createGrowing,
  type GrowingConfig,
  growingConfigSchema,
  type GrowingPreset,
  growingPresetNames,
  type GrowingRecipe,
  growingRecipes,
} from "../experiments/growing.ts";
import { resolveGrowingConfig } from "../experiments/growingConfig.ts";
import { TRAINING_CHART } from "../render/plots.ts";
import type { BpttProgress } from "../train/bptt.ts";
import { defined } from "./choices.ts";
import type { Experiment, TrainingOptions } from "./experiment.ts";
import { usageError } from "./values.ts";

export type GrowOptions = TrainingOptions &
  Readonly<{
    recipe?: GrowingRecipe;
    preset?: GrowingPreset;
    steps?: number;
    batch?: number;
    pool?: number;
    rollout?: [number, number];
  }>;

/** Growing a picture by gradients. */
export const growExperiment: Experiment<GrowingConfig, BpttProgress, GrowOptions> = {
  command: "grow",
  activity: "Growing",
  unit: "step",
  bases: ["recipe", "preset"],
  lossChart: TRAINING_CHART,
  parse: (value) => parseConfig(growingConfigSchema, value),
  resolve: ({ bases, ...choices }) =>
    resolveGrowingConfig({
      ...choices,
      recipe: growingRecipes.find((name) => name === bases?.recipe),
      preset: growingPresetNames.find((name) => name === bases?.preset),
    }),
  training({ steps, batch, rollout, pool }, { recipe }) {
    if (pool !== undefined && recipe === "growing") {
      throw usageError("the recipe growing has no pool; leave out --pool, or choose --recipe persistent");
    }
    return { steps, batch, rollout, pool: defined({ size: pool }) };
  },
  total: ({ training }) => training.steps,
  samples: ({ training: { batch } }) => (typeof batch === "number" ? batch : Math.max(batch.from, batch.to)),
  title: ({ recipe }) => recipe,
  create: createGrowing,
  measures: ({ loss }) => [`loss ${loss.toExponential(2)}`, `log10 ${Math.log10(loss).toFixed(2)}`],
};
