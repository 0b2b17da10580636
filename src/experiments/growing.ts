/**
 * Growing a picture from one cell. Source: Mordvintsev, Randazzo, Niklasson and Levin, "Growing Neural Cellular
 * Automata", Distill 2020.
 */
import * as z from "zod/mini";
import type { Engine } from "../engine.ts";
import { initialParameters } from "../rule/parameters.ts";
import type { Grid } from "../rule/rule.ts";
import { ruleSchema } from "../rule/schema.ts";
import { between, whole, withDefault } from "../train/fields.ts";
import { pictureTask } from "../train/pictureTask.ts";
import { poolSchema } from "../train/pool.ts";
import type { Ramp } from "../train/ramp.ts";
import { bpttFields, placementFields } from "../train/settings.ts";
import { BpttTrainer } from "../train/bptt.ts";

const lowest = (ramp: Ramp<number>) => (typeof ramp === "number" ? ramp : Math.min(ramp.from, ramp.to));
const highest = (ramp: Ramp<number>) => (typeof ramp === "number" ? ramp : Math.max(ramp.from, ramp.to));

/** `growing`: from the seed only; `persistent`: with a pool; `regenerating`: with a pool and damage. */
export const growingRecipes = ["growing", "persistent", "regenerating"] as const;
export type GrowingRecipe = (typeof growingRecipes)[number];

/** Conventions of a rule with the training they come from (`growingPresets.ts`). */
export const growingPresetNames = ["distill", "article", "cax", "tutorial"] as const;
export type GrowingPreset = (typeof growingPresetNames)[number];

const trainingSchema = z
  .strictObject({
    ...bpttFields,
    loss: z.strictObject({
      ...placementFields,
      /** Weight of the penalty on values outside [-1, 1]; 0 for none. */
      overflow: withDefault(between(0, 1e6), 0),
    }),
    /** Null: every rollout starts from the seed. */
    pool: z.nullable(poolSchema),
  })
  .check(
    z.refine(({ pool, batch }) => pool === null || lowest(pool.size) >= highest(batch), {
      path: ["pool", "size"],
      error: "must be at least the batch size",
    }),
    z.refine(({ pool, batch }) => pool === null || pool.reseed + highest(pool.damaged) <= highest(batch), {
      path: ["pool", "reseed"],
      error: "and damaged together must be at most the batch size",
    }),
  );

/** Everything that a run depends on, as plain JSON. */
export const growingConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: z.strictObject({
      /** An emoji, or the name of a picture file. */
      source: z.string().check(z.minLength(1)),
      /** Longest side of the picture in cells. */
      size: whole(4, 512),
      /** Empty cells around it. */
      padding: whole(0, 256),
    }),
    /** Where the settings below came from; they alone count. */
    preset: withDefault(z.enum(growingPresetNames), "distill"),
    recipe: z.enum(growingRecipes),
    rule: ruleSchema,
    training: trainingSchema,
  })
  .check(
    z.refine(({ rule }) => rule.inputSize === 0, {
      path: ["rule", "inputSize"],
      error: "must be 0: growing one picture gives cells no input",
    }),
    z.refine(({ rule }) => rule.image.channels > 1, {
      path: ["rule", "image", "channels"],
      error: "must be 3 or 4: the target is in colour",
    }),
  );
export type GrowingConfig = Readonly<z.infer<typeof growingConfigSchema>>;

/** Grid of a configuration: the picture and its padding. */
export function growingGrid({ target }: GrowingConfig): Grid {
  const side = target.size + 2 * target.padding;
  return [side, side];
}

/**
 * The trainer of a configuration.
 *
 * @param target picture on the grid, shape (H, W, 4), premultiplied as the rule says.
 */
export function createGrowing({
  engine,
  config,
  target,
}: Readonly<{ engine: Engine; config: GrowingConfig; target: Float32Array }>): BpttTrainer {
  const { rule, seed, training } = config;
  const grid = growingGrid(config);
  const { overflow } = training.loss;
  return new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: pictureTask({ rule, grid, target, overflow, pool: training.pool, seed }),
    settings: training,
    seed,
  });
}
