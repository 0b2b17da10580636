import { defined, uncheckedOverrides } from "../../config/config.ts";
import { usageError } from "../../errors.ts";
import {
  type Chosen,
  defineExperiment,
  type OptionTable,
  type PictureSubject,
  presetMatters,
} from "../experiment.ts";
import { pictureOptions, stepped, trainingOptions } from "../options.ts";
import { type PictureValues, targetOverrides } from "../picture.ts";
import { modelNamed } from "../trained.ts";
import { coordinateChoices, coordinatesIn, hasCoordinates, validationOf } from "./coordinates.ts";
import { counted, prolonged, resolveGrowingConfig } from "./config.ts";
import { fitGrowingConfig } from "./fit.ts";
import { createGrowing, finalValidation, type GrowingTrainer } from "./growing.ts";
import {
  BEGUN_ANEW,
  growthReport,
  type GrowthReport,
  growthReportSchema,
  relativeText,
  reportSentences,
  RETURNS,
} from "./report.ts";
import {
  type GrowingConfig,
  growingConfigSchema,
  growingPresetNames,
  growingQualities,
  growingRecipes,
} from "./schema.ts";
import { type ValidatedProgress, ValidatedTrainer } from "./validatedTrainer.ts";
import { largestError } from "./validation.ts";

export type GrowingValues = PictureValues &
  Readonly<{
    coordinates?: string;
    steps?: number;
    batch?: number;
    pool?: number;
    rollout?: [number, number];
  }>;

const options = {
  ...pictureOptions,
  "--coordinates": {
    field: "target.coordinates",
    value: "name",
    words: coordinateChoices,
    help: "whether cells learn where they are, or are given it and grow the picture sooner: learned, given or picture (given where they cannot learn it, such as in photographs, or where the picture does not get good otherwise)",
    rare: true,
  },
  ...trainingOptions,
  "--steps": {
    field: "training.steps",
    help: "training steps; all are made",
    otherwise: "as many as --quality needs",
  },
} as const satisfies OptionTable;

/** Growing a picture, or any of several, by gradients. */
export const grow = defineExperiment<
  GrowingConfig,
  ValidatedProgress,
  GrowingValues,
  PictureSubject,
  GrowingTrainer,
  GrowthReport
>({
  name: "grow",
  summary: "train an automaton to grow a picture",
  description:
    "Trains an automaton that grows a picture from one cell, and leaves a folder with the model, a film, a contact sheet and a page to play with it.",
  activity: "Growing",
  subject: "pictures",
  schema: growingConfigSchema,
  presets: {
    recipe: {
      names: growingRecipes,
      help: "growing (grow the picture), persistent (and keep it) or regenerating (and heal damage) (default: persistent)",
    },
    preset: {
      names: growingPresetNames,
      help: "the rule's conventions and the training that belongs to them: distill (ours), or article, cax or tutorial (as their authors train, which takes longer; tutorial with --recipe growing) (default: distill)",
      rare: true,
    },
    quality: {
      names: growingQualities,
      help: "when to stop: draft (relative error 2%, or about 1 minute), good (0.3%, 5 minutes) or best (0.15%, 20 minutes); --recipe regenerating, --conditional and --preset train as long as they need (default: good)",
    },
  },
  options,
  examples: [
    ["neoblast grow", "the lizard"],
    ["neoblast grow 🦋 --size 32 --quality draft", "smaller, and sooner done"],
    ["neoblast grow logo.png --recipe regenerating", "a picture of yours that heals"],
    ["neoblast grow 🦎 🦋 😀 --conditional", "any of three, as the input says"],
    ["neoblast grow --set training.learningRate=1e-3 --set rule.hidden=[96]"],
    ["neoblast grow --config runs/lizard-1/config.json --seed 1"],
    ["cat logo.png | neoblast grow -", "a picture from a pipe"],
    ["neoblast grow --resume runs/lizard-1"],
    ["neoblast grow --resume runs/lizard-1 --quality best", "trains on, for a better model"],
  ],
  resolve: ({ presets, overrides, sets }) =>
    resolveGrowingConfig({
      overrides: uncheckedOverrides<GrowingConfig>(overrides),
      sets,
      recipe: growingRecipes.find((name) => name === presets?.recipe),
      preset: growingPresetNames.find((name) => name === presets?.preset),
      quality: growingQualities.find((name) => name === presets?.quality),
    }),
  overridesOf(chosen: Chosen<GrowingValues>, base, stated) {
    const { coordinates, steps, batch, rollout, pool } = chosen.values;
    if (pool !== undefined && base.recipe === "growing") {
      throw usageError("the recipe growing has no pool; leave out --pool, or choose --recipe persistent");
    }
    return {
      target: { ...targetOverrides(chosen, base, stated), ...defined({ coordinates }) },
      training: defined({
        ...(steps !== undefined && counted(steps, base)),
        batch,
        ...(rollout !== undefined && { rollout, reach: null }),
        pool: defined({ size: pool }),
      }),
    };
  },
  ...stepped,
  length: (config) => {
    const { steps } = config.training;
    const validation = validationOf(config);
    if (validation && validation.aim > 0) {
      return `to a relative error of ${relativeText(validation.aim)}, at most ${steps} steps`;
    }
    return validation?.enough ? `${validation.enough} steps, at most ${steps}` : `${steps} steps`;
  },
  title: ({ recipe, target: { source, coordinates } }) =>
    [
      recipe,
      ...(typeof source === "string" ? [] : [`${source.length} goals`]),
      ...(typeof coordinates === "string" ? [] : ["coordinates given"]),
    ].join(", "),
  fit: (config, { targets }) => fitGrowingConfig(config, targets),
  prolong: (config, { steps, quality }, { targets }) =>
    prolonged(config, { steps, quality: growingQualities.find((name) => name === quality) }, targets),
  create: ({ engine, config, subject }) => createGrowing({ engine, config, target: subject.targets }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  measures: ({ loss, validated }) => [
    `loss ${loss.toExponential(2)}`,
    ...(validated === undefined ? [] : [`validated ${relativeText(validated)}`]),
    `log10 ${Math.log10(loss).toFixed(2)}`,
  ],
  notice: ({ returned, begunAnew }) => (begunAnew ? BEGUN_ANEW : returned && RETURNS[returned]),
  report: {
    schema: growthReportSchema,
    async measure({ engine, trainer, config, subject, parameters, signal }) {
      const { best, coordinates } =
        trainer instanceof ValidatedTrainer
          ? trainer
          : { best: undefined, coordinates: coordinatesIn(config.target) };
      const target: GrowingConfig["target"] = { ...config.target, coordinates: coordinates ?? "learned" };
      const setting = { engine, config: { ...config, target }, target: subject.targets };
      const validation = await finalValidation(setting, parameters, { looked: best?.validation, signal });
      return growthReport(validation, setting.config, trainer);
    },
    text: (report, resume, { preset, recipe, target, rule, training }): string[] => {
      if (report.good) return reportSentences(report);
      const presets = { preset, recipe };
      const remedies = [
        ...(presetMatters(grow, "quality", { presets, overrides: { target } }) ? ["--quality best"] : []),
        ...(report.coordinates === "learned" && hasCoordinates(rule) && !hasBegunAnew(report, training)
          ? ["--coordinates given"]
          : []),
        "a smaller --size",
      ];
      return [
        ...reportSentences(report),
        `Try ${remedies.join(", ")}, or go on with more steps: ${resume} --steps ${2 * report.steps}`,
      ];
    },
    error: ({ error, validation }) => error ?? largestError(validation),
  },
  drawings: async () => (await import("../drawing/pictures.ts")).growthDrawings,
});

/** Whether coordinates were given in a second attempt, which came out worse. */
function hasBegunAnew({ steps }: GrowthReport, { validation }: GrowingConfig["training"]): boolean {
  const from = validation?.giveCoordinatesFrom ?? null;
  return from !== null && steps > from;
}
