/**
 * Growing a picture from one cell. Source: Mordvintsev, Randazzo, Niklasson and Levin, "Growing Neural Cellular
 * Automata", Distill 2020.
 */
import * as z from "zod/mini";
import type { Engine } from "../engine.ts";
import { initialParameters } from "../rule/parameters.ts";
import { between, whole, withDefault } from "../train/fields.ts";
import { oneGoal } from "../train/goals.ts";
import { pictureTask } from "../train/pictureTask.ts";
import { poolSchema } from "../train/pool.ts";
import type { Ramp } from "../train/ramp.ts";
import { bpttFields, placementFields } from "../train/settings.ts";
import { BpttTrainer } from "../train/bptt.ts";
import { pictureGrid, pictureRuleSchema, pictureTargetSchema } from "./picture.ts";

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
export const growingConfigSchema = z.strictObject({
  /** Of all random draws. */
  seed: whole(0, 2 ** 32 - 1),
  target: pictureTargetSchema,
  /** Where the settings below came from; they alone count. */
  preset: withDefault(z.enum(growingPresetNames), "distill"),
  recipe: z.enum(growingRecipes),
  rule: pictureRuleSchema,
  training: trainingSchema,
});
export type GrowingConfig = Readonly<z.infer<typeof growingConfigSchema>>;

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
  const grid = pictureGrid(config.target);
  const { overflow } = training.loss;
  return new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: pictureTask({ rule, grid, goals: oneGoal(target), overflow, pool: training.pool, seed }),
    settings: training,
    seed,
  });
}
