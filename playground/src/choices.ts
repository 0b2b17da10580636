/** What a visitor chose for a training, and the configuration that makes of it. */
import { mergeConfig } from "../../src/config.ts";
import { UserError } from "../../src/errors.ts";
import type { GrowingConfig, GrowingPreset, GrowingRecipe } from "../../src/experiments/growing.ts";
import { resolveGrowingConfig } from "../../src/experiments/growingConfig.ts";
import { growingDefaults } from "../../src/experiments/growingPresets.ts";

export type Choices = Readonly<{
  preset: GrowingPreset;
  recipe: GrowingRecipe;
  /** Longest side of the picture in cells. */
  size: number;
  seed: number;
  /** A configuration that was brought along; choices go before it. */
  brought?: GrowingConfig | undefined;
  /** Other settings by their path, as text: JSON or plain. */
  sets: Readonly<Record<string, string>>;
}>;

export const firstChoices: Choices = { preset: "distill", recipe: "persistent", size: 32, seed: 0, sets: {} };

/** The part of a picture's longest side that lies empty on each side of it. */
const PADDING = 0.3;

/** @throws UserError naming the faulty setting, its value and what is allowed. */
export function configOf(
  { preset, recipe, size, seed, brought, sets }: Choices,
  source: string,
): GrowingConfig {
  const base = brought ?? { target: { padding: Math.min(256, Math.max(4, Math.round(size * PADDING))) } };
  return resolveGrowingConfig({
    preset,
    recipe,
    overrides: mergeConfig(base, { seed, target: { source, size } }),
    sets: Object.entries(sets).map(([path, text]) => `${path}=${text}`),
  });
}

/**
 * The choices that make a configuration again, but for a list of seeds: that is of one picture, and others may be chosen.
 *
 * @throws UserError where it is for several pictures.
 */
export function choicesOf(config: GrowingConfig): Choices {
  const { preset, recipe, seed, target } = config;
  if (typeof target.source !== "string") {
    throw new UserError(
      `this configuration grows ${target.source.length} pictures by one automaton; this page trains one picture at a time`,
    );
  }
  const { seeds } = growingDefaults(preset, recipe).target;
  return {
    preset,
    recipe,
    seed,
    size: target.size,
    brought: { ...config, target: { ...target, seeds: target.seeds === "picture" ? "picture" : seeds } },
    sets: {},
  };
}
