/** A visitor's choices for a training, and the configuration that they make. */
import { mergeConfig, uncheckedOverrides } from "../../src/config/config.ts";
import { UserError } from "../../src/errors.ts";
import type {
  GrowingConfig,
  GrowingPreset,
  GrowingQuality,
  GrowingRecipe,
} from "../../src/experiments/growing/schema.ts";
import { counted, resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { growingDefaults } from "../../src/experiments/growing/presets.ts";

export type Choices = Readonly<{
  preset: GrowingPreset;
  recipe: GrowingRecipe;
  quality: GrowingQuality;
  /** Longest side of the picture in cells. */
  size: number;
  seed: number;
  /** An imported configuration; the other choices override it. */
  imported?: GrowingConfig | undefined;
  /** Other settings by their path, as text: JSON or plain. */
  sets: Readonly<Record<string, string>>;
}>;

export const firstChoices: Choices = {
  preset: "distill",
  recipe: "persistent",
  quality: "good",
  size: 32,
  seed: 0,
  sets: {},
};

/** The part of a picture's longest side that lies empty on each side of it. */
const PADDING = 0.3;

/**
 * Where training steps are set, just as many are made: no fewer because the picture is large, or the model good before;
 * and rollouts that are set are no longer because it is far.
 *
 * @throws UserError naming the faulty setting, its value and what is allowed.
 */
export function configOf(
  { preset, recipe, quality, size, seed, imported, sets }: Choices,
  source: string,
): GrowingConfig {
  const base = imported ?? { target: { padding: Math.min(256, Math.max(4, Math.round(size * PADDING))) } };
  const chosen = {
    preset,
    recipe,
    quality,
    overrides: uncheckedOverrides<GrowingConfig>(mergeConfig(base, { seed, target: { source, size } })),
  };
  const plain = resolveGrowingConfig(chosen);
  const exactly = {
    training: {
      ...("training.steps" in sets && counted(plain.training.steps, plain)),
      ...("training.rollout" in sets && { reach: null }),
    },
  };
  return resolveGrowingConfig({
    ...chosen,
    overrides: uncheckedOverrides<GrowingConfig>(mergeConfig(chosen.overrides, exactly)),
    sets: Object.entries(sets).map(([path, text]) => `${path}=${text}`),
  });
}

/** Whether a choice of quality changes anything. */
export function hasQualities({ preset, recipe }: Pick<Choices, "preset" | "recipe">): boolean {
  const stepsOf = (quality: GrowingQuality) => growingDefaults(preset, recipe, 1, quality).training.steps;
  return stepsOf("draft") !== stepsOf("best");
}

/**
 * The choices that make a configuration again, but for a list of seeds: that is of one picture, and others may be chosen.
 *
 * @throws UserError where it is for several pictures.
 */
export function choicesOf(config: GrowingConfig): Choices {
  const { preset, recipe, quality, seed, target } = config;
  if (typeof target.source !== "string") {
    throw new UserError(
      `this configuration grows ${target.source.length} pictures by one automaton; this page trains one picture at a time`,
    );
  }
  const { seeds } = growingDefaults(preset, recipe).target;
  return {
    preset,
    recipe,
    quality,
    seed,
    size: target.size,
    imported: { ...config, target: { ...target, seeds: target.seeds === "picture" ? "picture" : seeds } },
    sets: {},
  };
}
