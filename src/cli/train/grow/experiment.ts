import { fieldAt, parseConfig, uncheckedOverrides } from "../../../config/config.ts";
import { createGrowing, type GrowingTrainer, finalValidation } from "../../../experiments/growing/growing.ts";
import {
  type GrowingConfig,
  growingConfigSchema,
  type GrowingPreset,
  growingQualities,
  type GrowingQuality,
  growingPresetNames,
  type GrowingRecipe,
  growingRecipes,
} from "../../../experiments/growing/schema.ts";
import { counted, prolonged, resolveGrowingConfig } from "../../../experiments/growing/config.ts";
import {
  type GrowthReport,
  growthReport,
  relativeText,
  reportSentences,
  RETURNS,
} from "../../../experiments/growing/report.ts";
import type { ValidatedProgress } from "../../../experiments/growing/validatedTrainer.ts";
import { fitGrowingConfig } from "../../../experiments/growing/fit.ts";
import { TRAINING_CHART } from "../../../render/lossChart.ts";
import { defined } from "../settings.ts";
import type { Experiment } from "../experiment.ts";
import {
  pictureExperiment,
  type PictureOptions,
  type PictureSubject,
  targetOverrides,
} from "../pictureExperiment.ts";
import { usageError } from "../../values.ts";

export type GrowOptions = PictureOptions &
  Readonly<{
    recipe?: GrowingRecipe;
    preset?: GrowingPreset;
    quality?: GrowingQuality;
    steps?: number;
    batch?: number;
    pool?: number;
    conditional?: true;
    rollout?: [number, number];
  }>;

/** Growing a picture by gradients. */
export const growExperiment: Experiment<
  GrowingConfig,
  ValidatedProgress,
  GrowOptions,
  PictureSubject,
  GrowingTrainer
> = {
  ...pictureExperiment(TRAINING_CHART),
  command: "grow",
  need: { record: true, keep: true },
  activity: "Growing",
  unit: "step",
  presetOptions: ["recipe", "preset", "quality"],
  parse: (value) => parseConfig(growingConfigSchema, value),
  resolve: ({ presets, overrides, sets }) =>
    resolveGrowingConfig({
      overrides: uncheckedOverrides<GrowingConfig>(overrides),
      sets,
      recipe: growingRecipes.find((name) => name === presets?.recipe),
      preset: growingPresetNames.find((name) => name === presets?.preset),
      quality: growingQualities.find((name) => name === presets?.quality),
    }),
  overridesOf({ args, options }, base, stated) {
    const { steps, batch, rollout, pool } = options;
    if (pool !== undefined && base.recipe === "growing") {
      throw usageError("the recipe growing has no pool; leave out --pool, or choose --recipe persistent");
    }
    const source = sourceOf(args, options, fieldAt(stated, "target", "source"));
    return {
      target: targetOverrides(source, options, base, stated),
      training: defined({
        ...(steps !== undefined && counted(steps, base)),
        batch,
        ...(rollout !== undefined && { rollout, reach: null }),
        pool: defined({ size: pool }),
      }),
    };
  },
  total: ({ training }) => training.steps,
  length: ({ training: { steps, validation } }) =>
    validation && validation.aim > 0
      ? `to a relative error of ${relativeText(validation.aim)}, at most ${steps} steps`
      : `${steps} steps`,
  samples: ({ training: { batch } }) => (typeof batch === "number" ? batch : Math.max(batch.from, batch.to)),
  title: ({ recipe, target: { source } }) =>
    typeof source === "string" ? recipe : `${recipe}, ${source.length} goals`,
  fit: (config, { targets }) => fitGrowingConfig(config, targets),
  prolong: (config, { steps, quality }, { targets }) => prolonged(config, { steps, quality }, targets),
  create: ({ engine, config, subject }) => createGrowing({ engine, config, target: subject.targets }),
  measures: ({ loss, validated }) => [
    `loss ${loss.toExponential(2)}`,
    ...(validated === undefined ? [] : [`validated ${relativeText(validated)}`]),
    `log10 ${Math.log10(loss).toFixed(2)}`,
  ],
  notice: ({ returned }) => returned && RETURNS[returned],
  async report({ engine, trainer, config, subject, parameters, signal }) {
    const validation = await finalValidation({ engine, config, target: subject.targets }, parameters, signal);
    return growthReport(validation, config, trainer);
  },
  reportText: (report: GrowthReport, resume) => [
    ...reportSentences(report),
    ...(report.good
      ? []
      : [
          `Try --quality best, a smaller --size, or go on with more steps: ${resume} --steps ${2 * report.steps}`,
        ]),
  ],
};

/**
 * What is to grow: one picture, or a list of which an input chooses one.
 *
 * @param stated what a file says of it.
 * @throws UserError (exit status 2) where --conditional is missing, or there is nothing to choose from.
 */
function sourceOf(
  args: readonly string[],
  { conditional }: GrowOptions,
  stated: unknown,
): string | readonly string[] | undefined {
  const few = args.length === 1 || (args.length === 0 && !Array.isArray(stated));
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
