/**
 * Growing a picture from one cell, or any of several that an input calls for. Sources: Mordvintsev, Randazzo, Niklasson
 * and Levin, "Growing Neural Cellular Automata", Distill 2020; "Growing Conditional Neural Cellular Automata", notebook
 * 41 of CAX (Faldor and Cully, 2024).
 */
import * as z from "zod/mini";
import type { Target } from "../data/image.ts";
import type { Engine } from "../engine.ts";
import { pcg4d, STREAM } from "../random.ts";
import { initialParameters } from "../rule/parameters.ts";
import { startState } from "../rule/start.ts";
import { coordinateChannels } from "../train/coordinates.ts";
import { between, whole, withDefault } from "../train/fields.ts";
import { oneGoal, oneHot, severalGoals } from "../train/goals.ts";
import { pictureTask } from "../train/pictureTask.ts";
import { poolSchema } from "../train/pool.ts";
import { highest, lowest } from "../train/ramp.ts";
import { bpttFields, placementFields } from "../train/settings.ts";
import { BpttTrainer } from "../train/bptt.ts";
import { fitGrowingConfig } from "./growingFit.ts";
import { isPretrained, pretrainedParameters } from "./pretrained.ts";
import { ValidatedTrainer, type ValidationCall } from "./validatedTrainer.ts";
import { defaultValidation, validate, type Validation, validationSchema } from "./validation.ts";
import { colourRuleSchema, type GoalTarget, goalTargetSchema } from "./picture.ts";

/** `growing`: from the seed only; `persistent`: with a pool; `regenerating`: with a pool and damage. */
export const growingRecipes = ["growing", "persistent", "regenerating"] as const;
export type GrowingRecipe = (typeof growingRecipes)[number];

/** How good a model shall become, and so how long training may take. */
export const growingQualities = ["draft", "good", "best"] as const;
export type GrowingQuality = (typeof growingQualities)[number];

/** Conventions of a rule with the training they come from (`growingPresets.ts`). */
export const growingPresetNames = ["distill", "article", "cax", "tutorial"] as const;
export type GrowingPreset = (typeof growingPresetNames)[number];

const trainingSchema = z
  .strictObject({
    ...bpttFields,
    /**
     * Cell updates, in millions, that all steps together may take as far as that can be foreseen: a large picture gets
     * fewer steps. Null: any.
     */
    work: withDefault(z.nullable(between(0, 1e9)), null),
    /**
     * Cells from the nearest seed to the farthest cell of the picture for which rollouts are long enough: where it is
     * farther, they are longer in proportion. Null: they are as they are.
     */
    reach: withDefault(z.nullable(whole(1, 1e5)), null),
    loss: z.strictObject({
      ...placementFields,
      /** Weight of the penalty on values outside [-1, 1]; 0 for none. */
      overflow: withDefault(between(0, 1e6), 0),
      /** Weight of cells knowing where they are, in two hidden channels; 0 for none. */
      coordinates: withDefault(between(0, 1e6), 0),
    }),
    /** Null: every rollout starts from the seed. */
    pool: z.nullable(poolSchema),
    /** Null: the model is what all training steps make of it. */
    validation: withDefault(z.nullable(validationSchema), null),
  })
  .check(
    z.refine(({ pool, batch }) => pool === null || lowest(pool.size) >= highest(batch), {
      path: ["pool", "size"],
      error: "must be at least the batch size",
    }),
    z.refine(
      ({ pool, batch }) =>
        pool === null ||
        highest(pool.reseed) + highest(pool.damaged) + highest(pool.switched) <= highest(batch),
      {
        path: ["pool", "reseed"],
        error: "and damaged and switched together must be at most the batch size",
      },
    ),
  );

/** With settings of validation, the model is the best that was validated. */
export type GrowingTrainer = BpttTrainer | ValidatedTrainer;

/** Everything that a run depends on, as plain JSON. */
export const growingConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: goalTargetSchema,
    /** Where the settings below came from; they alone count. */
    preset: withDefault(z.enum(growingPresetNames), "distill"),
    recipe: z.enum(growingRecipes),
    /** Likewise. */
    quality: withDefault(z.enum(growingQualities), "good"),
    /** The parameters that training begins with: fresh ones, or those of `pretrained.ts`. */
    initial: withDefault(z.enum(["random", "pretrained"]), "random"),
    rule: colourRuleSchema,
    training: trainingSchema,
  })
  .check(
    z.refine(({ initial, rule }) => initial === "random" || isPretrained(rule), {
      path: ["initial"],
      error: "must be random: the rule is not the one of the pretrained automaton",
    }),
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
}>): GrowingTrainer {
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
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: config.initial === "random" ? initialParameters(rule, seed) : pretrainedParameters(),
    task: pictureTask({ rule, grid, goals, overflow, coordinates, pool: training.pool, seeds, seed }),
    settings: training,
    seed,
  });
  const { validation: settings } = training;
  if (settings === null) return trainer;
  return new ValidatedTrainer({
    trainer,
    settings,
    validate: growingValidation({ engine, config, target }),
  });
}

/** Times as many runs as in a validation that a closer look takes. */
const CLOSELY = 4;

/**
 * How good models of a configuration are: each picture from its seeds, in several runs, by the settings of validation or,
 * where there are none, `defaultValidation`.
 *
 * @param target as `createGrowing` takes it.
 */
export function growingValidation({
  engine,
  config,
  target,
}: Readonly<{
  engine: Engine;
  config: GrowingConfig;
  target: Target | readonly Target[];
}>): (call: ValidationCall) => Promise<Validation> {
  const targets = [target].flat();
  const { rule, seed, training, target: source } = fitGrowingConfig(config, targets);
  const settings = training.validation ?? defaultValidation;
  const [{ grid }] = targets;
  const request = {
    engine,
    rule,
    grid,
    start: startState(rule, grid, source.seeds),
    goals: targets.map(({ data }, goal) => ({
      target: data,
      ...(isConditional(source) && { input: oneHot(goal, targets.length) }),
    })),
  };
  return ({ parameters, step, closely, signal }) =>
    validate({
      ...request,
      parameters,
      settings: closely ? { ...settings, runs: CLOSELY * settings.runs } : settings,
      seed: pcg4d(seed, STREAM.validation, step, Number(closely)),
      signal,
    });
}

/** In place of a training step, for runs that no validation has looked at. */
const AFTER_TRAINING = 0xffffffff;

/** How good a model is that is kept, by runs of other fire masks than training looked at. */
export function finalValidation(
  setting: Parameters<typeof growingValidation>[0],
  parameters: Float32Array,
  signal?: AbortSignal,
): Promise<Validation> {
  return growingValidation(setting)({ parameters, step: AFTER_TRAINING, closely: false, signal });
}
