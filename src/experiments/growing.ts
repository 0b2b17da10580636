/**
 * Growing a picture from one cell, or any of several that an input calls for. Sources: Mordvintsev, Randazzo, Niklasson
 * and Levin, "Growing Neural Cellular Automata", Distill 2020; "Growing Conditional Neural Cellular Automata", notebook
 * 41 of CAX (Faldor and Cully, 2024).
 */
import * as z from "zod/mini";
import type { Target } from "../data/image.ts";
import type { Engine } from "../engine.ts";
import { initialParameters } from "../rule/parameters.ts";
import { coordinateChannels } from "../train/coordinates.ts";
import { between, whole, withDefault } from "../train/fields.ts";
import { oneGoal, severalGoals } from "../train/goals.ts";
import { pictureTask } from "../train/pictureTask.ts";
import { poolSchema } from "../train/pool.ts";
import { highest, lowest } from "../train/ramp.ts";
import { bpttFields, placementFields } from "../train/settings.ts";
import { BpttTrainer } from "../train/bptt.ts";
import { fitGrowingConfig } from "./growingFit.ts";
import { colourRuleSchema, type GoalTarget, goalTargetSchema } from "./picture.ts";

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
      /** Weight of cells knowing where they are, in two hidden channels; 0 for none. */
      coordinates: withDefault(between(0, 1e6), 0),
    }),
    /** Null: every rollout starts from the seed. */
    pool: z.nullable(poolSchema),
  })
  .check(
    z.refine(({ pool, batch }) => pool === null || lowest(pool.size) >= highest(batch), {
      path: ["pool", "size"],
      error: "must be at least the batch size",
    }),
    z.refine(
      ({ pool, batch }) =>
        pool === null || highest(pool.reseed) + highest(pool.damaged) + pool.switched <= highest(batch),
      {
        path: ["pool", "reseed"],
        error: "and damaged and switched together must be at most the batch size",
      },
    ),
  );

/** Everything that a run depends on, as plain JSON. */
export const growingConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: goalTargetSchema,
    /** Where the settings below came from; they alone count. */
    preset: withDefault(z.enum(growingPresetNames), "distill"),
    recipe: z.enum(growingRecipes),
    rule: colourRuleSchema,
    training: trainingSchema,
  })
  .check(
    z.refine(({ target, rule }) => isConditional(target) || rule.inputSize === 0, {
      path: ["rule", "inputSize"],
      error: "must be 0: growing one picture gives cells no input",
    }),
    z.refine(({ target, rule }) => !isConditional(target) || rule.inputSize === target.source.length, {
      path: ["rule", "inputSize"],
      error: "must be the number of pictures: each is called for by one number of the input",
    }),
    z.refine(
      ({ rule, training }) => training.loss.coordinates === 0 || coordinateChannels(rule).length === 2,
      {
        path: ["training", "loss", "coordinates"],
        error: "must be 0: the rule has no two channels beside the picture's",
      },
    ),
  );
export type GrowingConfig = Readonly<z.infer<typeof growingConfigSchema>>;

/** Whether cells are told which of several pictures to grow. */
export function isConditional({ source }: GoalTarget): boolean {
  return typeof source !== "string";
}

/**
 * The trainer of a configuration. A configuration that was not fitted to its pictures yet (`fitGrowingConfig`) is.
 *
 * @param target the picture on its grid, which is that of the automaton, premultiplied as the rule says; of several, a
 *   list, all on one grid (`onOneGrid`).
 * @throws RangeError for another number of pictures than the configuration has, of numbers than the grid has, or for
 *   grids that differ; UserError as `fitGrowingConfig`.
 */
export function createGrowing({
  engine,
  config: unfitted,
  target,
}: Readonly<{
  engine: Engine;
  config: GrowingConfig;
  target: Target | readonly Target[];
}>): BpttTrainer {
  const targets = [target].flat();
  const expected = [unfitted.target.source].flat().length;
  if (targets.length !== expected) {
    throw new RangeError(`${targets.length} targets were given; the configuration names ${expected}`);
  }
  const [{ grid }] = targets;
  const other = targets.find((each) => each.grid.join() !== grid.join());
  if (other) {
    throw new RangeError(
      `targets lie on grids of ${grid.join(" x ")} and of ${other.grid.join(" x ")} cells; put them on one by onOneGrid`,
    );
  }
  const config = fitGrowingConfig(unfitted, targets);
  const { rule, seed, training } = config;
  const { seeds } = config.target;
  const { overflow, coordinates } = training.loss;
  const pictures = targets.map(({ data }) => data);
  const goals = isConditional(config.target) ? severalGoals(pictures) : oneGoal(pictures[0]);
  return new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: pictureTask({ rule, grid, goals, overflow, coordinates, pool: training.pool, seeds, seed }),
    settings: training,
    seed,
  });
}
