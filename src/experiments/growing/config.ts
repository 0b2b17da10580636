import { type DeepPartial, fieldAt, mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import type { Target } from "../../data/image.ts";
import {
  type GrowingConfig,
  growingConfigSchema,
  type GrowingPreset,
  type GrowingQuality,
  type GrowingRecipe,
} from "./schema.ts";
import { fitGrowingConfig } from "./fit.ts";
import { MAX_GOALS } from "../../model/start.ts";
import { isPretrained } from "./pretrained.ts";
import { growingDefaults } from "./presets.ts";

/** What a configuration is resolved from; all else is the preset's and the recipe's. */
export type GrowingChoices = Readonly<{
  /** Conventions of the rule and the training that goes with them; default "distill". */
  preset?: GrowingPreset | undefined;
  /** Default: the one that the preset is known for. */
  recipe?: GrowingRecipe | undefined;
  /** Default "good". */
  quality?: GrowingQuality | undefined;
  /** Any part of a configuration, which wins over the defaults. */
  overrides?: DeepPartial<GrowingConfig> | undefined;
  /** Settings as `training.learningRate=1e-3`, which win over everything else, the last one first. */
  sets?: readonly string[] | undefined;
}>;

/**
 * The complete configuration of a growing run. Where `target.source` is a list, the defaults are those for growing any of
 * its pictures.
 *
 * @throws UserError naming the faulty field, its value and what is allowed.
 */
export function resolveGrowingConfig({
  preset,
  recipe,
  quality,
  ...choices
}: GrowingChoices = {}): GrowingConfig {
  // What a complete configuration leaves out is as it was before there was such a field, not as by default.
  const complete = growingConfigSchema.safeParse(choices.overrides);
  if (complete.success) {
    const changed = withChanges(complete.data, choices);
    return parseConfig(growingConfigSchema, mergeConfig(changed, aimOfAll({ sets: choices.sets ?? [] })));
  }
  const source = fieldAt(withChanges({}, choices), "target", "source");
  const goals = Array.isArray(source) ? Math.min(source.length, MAX_GOALS) : 1;
  const from = (initial?: GrowingConfig["initial"]) =>
    mergeConfig(
      withChanges(growingDefaults(preset, recipe, goals, quality, initial), choices),
      aimOfAll(choices),
    );
  const merged = from();
  // The pretrained automaton is for whoever leaves its rule alone.
  const begins = fieldAt(merged, "initial") !== "random" && isPretrained(fieldAt(merged, "rule"));
  return parseConfig(growingConfigSchema, begins ? merged : from("random"));
}

/** The change by which an aim that is stated is that of any picture; undefined where none is. */
function aimOfAll(
  choices: Pick<GrowingChoices, "overrides" | "sets">,
): DeepPartial<GrowingConfig> | undefined {
  const stated = fieldAt(withChanges({}, choices), "training", "validation");
  const isOne = fieldAt(stated, "aim") !== undefined && fieldAt(stated, "aimWithCoordinates") === undefined;
  return isOne ? { training: { validation: { aimWithCoordinates: null } } } : undefined;
}

/** Training settings by which so many steps are made, and neither fewer nor more. */
export function counted(
  steps: number,
  { training: { validation } }: Pick<GrowingConfig, "training">,
): Pick<GrowingConfig["training"], "steps" | "work" | "validation"> {
  return {
    steps,
    work: null,
    validation: validation && {
      ...validation,
      aim: 0,
      aimWithCoordinates: null,
      enough: null,
      giveCoordinatesFrom: null,
    },
  };
}

/**
 * The configuration of a training that goes on: to so many steps in all, or else to another quality.
 *
 * @param target as `createGrowing` takes it.
 */
export function prolonged(
  config: GrowingConfig,
  {
    steps,
    quality = config.quality,
  }: Readonly<{ steps?: number | undefined; quality?: GrowingQuality | undefined }>,
  target: Target | readonly Target[],
): GrowingConfig {
  if (steps !== undefined) return { ...config, training: { ...config.training, ...counted(steps, config) } };
  if (quality === config.quality) return config;
  const { preset, recipe } = config;
  const { work, validation, ...defaults } = resolveGrowingConfig({ preset, recipe, quality }).training;
  const measured = config.training.validation;
  const training = {
    ...config.training,
    steps: defaults.steps,
    work,
    // When growth is to be done depends on the picture, and has been found out. What was not validated cannot become so.
    validation: measured && validation && { ...validation, steps: measured.steps },
  };
  return fitGrowingConfig({ ...config, quality, training }, target);
}
