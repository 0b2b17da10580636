/** What a growing run depends on, as plain JSON. */
import * as z from "zod/mini";
import { between, whole, withDefault } from "../../config/fields.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { isRoomFor, NO_ROOM } from "../../model/start.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { poolChecks, poolSchema } from "../../train/memory/pool.ts";
import { colourRuleSchema, type GoalTarget, goalTargetSchema } from "../picture.ts";
import { coordinatesField } from "./coordinates.ts";
import { isPretrained } from "./pretrained.ts";
import { validationSchema } from "./validation.ts";

/** `growing`: from the seed only; `persistent`: with a pool; `regenerating`: with a pool and damage. */
export const growingRecipes = ["growing", "persistent", "regenerating"] as const;
/** `growing`: from the seed only; `persistent`: with a pool; `regenerating`: with a pool and damage. */
export type GrowingRecipe = (typeof growingRecipes)[number];

/** How good a model shall become, and so how long training may take. */
export const growingQualities = ["draft", "good", "best"] as const;
/** How good a model shall become, and so how long training may take. */
export type GrowingQuality = (typeof growingQualities)[number];

/** Conventions of a rule with the training they come from (`presets.ts`). */
export const growingPresetNames = ["distill", "article", "cax", "tutorial"] as const;
/** Conventions of a rule with the training they come from. */
export type GrowingPreset = (typeof growingPresetNames)[number];

const trainingSchema = z
  .strictObject({
    ...bpttFields,
    /**
     * Most cell updates, in millions, of all training steps together, as estimated before training (`workOfStep`): where
     * they would take more, fewer steps are made. Null: no limit.
     */
    work: withDefault(z.nullable(between(0, 1e9)), null),
    /**
     * Cells from the nearest seed to the farthest cell of the picture for which rollouts are long enough: where it is
     * farther, they are longer in proportion. Null: they are as they are.
     */
    reach: withDefault(z.nullable(whole(1, 1e5)), null),
    loss: z.strictObject({
      ...placementFields,
      ...penaltyFields,
    }),
    /** Null: every rollout starts from the seed. */
    pool: z.nullable(poolSchema),
    /** Null: the model is what all training steps make of it. */
    validation: withDefault(z.nullable(validationSchema), null),
  })
  .check(...poolChecks);

/** Everything that a run depends on, as plain JSON. */
export const growingConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: z.extend(goalTargetSchema, {
      /**
       * Whether the coordinates of cells are "learned" or "given"; or "picture", as the picture needs: given where cells cannot
       * learn them (`canLearnCoordinates`), and else learned, unless training does not get good so
       * (`validation.giveCoordinatesFrom`). Where they are given from the start, a run holds them (`GivenCoordinates`). Runs
       * that do not say are older than the field, and learn them.
       */
      coordinates: withDefault(coordinatesField, "learned"),
    }),
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
      ({ target: { coordinates }, rule }) =>
        typeof coordinates === "string" || isRoomFor(coordinates, splitRule(rule)),
      { path: ["target", "coordinates"], error: NO_ROOM },
    ),
    ...penaltyChecks(),
  );
/** Everything that a run depends on, as plain JSON. */
export type GrowingConfig = Readonly<z.infer<typeof growingConfigSchema>>;

/** Whether an input says which of several pictures cells grow. */
export function isConditional({ source }: GoalTarget): boolean {
  return typeof source !== "string";
}
