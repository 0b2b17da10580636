import { parseConfig, fieldAt } from "../config.ts";
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
import { fitGrowingConfig } from "../experiments/growingFit.ts";
import { TRAINING_CHART } from "../render/plots.ts";
import type { BpttProgress } from "../train/bptt.ts";
import { defined } from "./choices.ts";
import type { Experiment } from "./experiment.ts";
import {
  pictureExperiment,
  type PictureOptions,
  type PictureSubject,
  spelledTarget,
} from "./pictureExperiment.ts";
import { usageError } from "./values.ts";

export type GrowOptions = PictureOptions &
  Readonly<{
    recipe?: GrowingRecipe;
    preset?: GrowingPreset;
    steps?: number;
    batch?: number;
    pool?: number;
    conditional?: true;
    rollout?: [number, number];
  }>;

/** Growing a picture by gradients. */
export const growExperiment: Experiment<GrowingConfig, BpttProgress, GrowOptions, PictureSubject> = {
  ...pictureExperiment(TRAINING_CHART),
  command: "grow",
  activity: "Growing",
  unit: "step",
  bases: ["recipe", "preset"],
  parse: (value) => parseConfig(growingConfigSchema, value),
  resolve: ({ bases, ...choices }) =>
    resolveGrowingConfig({
      ...choices,
      recipe: growingRecipes.find((name) => name === bases?.recipe),
      preset: growingPresetNames.find((name) => name === bases?.preset),
    }),
  spelledOut({ args, options }, base, written) {
    const { steps, batch, rollout, pool } = options;
    if (pool !== undefined && base.recipe === "growing") {
      throw usageError("the recipe growing has no pool; leave out --pool, or choose --recipe persistent");
    }
    const source = sourceOf(args, options, fieldAt(written, "target", "source"));
    return {
      target: spelledTarget(source, options, base, written),
      training: defined({ steps, batch, rollout, pool: defined({ size: pool }) }),
    };
  },
  total: ({ training }) => training.steps,
  samples: ({ training: { batch } }) => (typeof batch === "number" ? batch : Math.max(batch.from, batch.to)),
  title: ({ recipe, target: { source } }) =>
    typeof source === "string" ? recipe : `${recipe}, ${source.length} goals`,
  fit: (config, { targets }) => fitGrowingConfig(config, targets),
  create: ({ engine, config, subject }) => createGrowing({ engine, config, target: subject.targets }),
  measures: ({ loss }) => [`loss ${loss.toExponential(2)}`, `log10 ${Math.log10(loss).toFixed(2)}`],
};

/**
 * What is to grow: one picture, or a list where cells are told which.
 *
 * @param written what a file says of it.
 * @throws UserError (exit status 2) where --conditional is missing, or there is nothing to choose from.
 */
function sourceOf(
  args: readonly string[],
  { conditional }: GrowOptions,
  written: unknown,
): string | readonly string[] | undefined {
  const few = args.length === 1 || (args.length === 0 && !Array.isArray(written));
  if (conditional && few) {
    throw usageError(
      "--conditional is for an automaton that grows any of several pictures; name two or more",
    );
  }
  if (!conditional && args.length > 1) {
    throw usageError(
      `one automaton grows ${args.length} pictures only with --conditional; add that, or name one`,
    );
  }
  return conditional && args.length > 0 ? args : args[0];
}
