/** What came out of growing a picture: how good the model is, and what it took. */
import * as z from "zod/mini";
import { coordinatesIn } from "./coordinates.ts";
import type { ReturnReason } from "./course.ts";
import type { GrowingConfig } from "./schema.ts";
import { ValidatedTrainer } from "./validatedTrainer.ts";
import {
  defaultValidation,
  HELD,
  isHeld,
  isWithin,
  largestError,
  leastHealed,
  type Validation,
  validationResultSchema,
} from "./validation.ts";

/** Plain JSON. */
export const growthReportSchema = z.object({
  /** Of the model that is kept, in runs of other fire masks than training looked at. */
  validation: validationResultSchema,
  /** Runs of each picture. */
  runs: z.int(),
  /** Largest relative error at the steps at which every model is measured, and after damage; of older reports, absent. */
  error: z.optional(z.number()),
  /** Largest relative error that counts as good. */
  bound: z.number(),
  /** Whether no run died or overgrew, and the error at the last step is at most twice that at the one before. */
  holds: z.boolean(),
  /** Whether it holds, and the error nowhere exceeds the bound, nor after damage. */
  good: z.boolean(),
  /** Training steps made, and after how many of them the model was as it is kept. */
  steps: z.int(),
  bestStep: z.int(),
  /** Times that training went back to its best model. */
  returns: z.int(),
  /** Whether cells of the model that is kept learned their coordinates, or are given them; of older reports, absent. */
  coordinates: z.optional(z.enum(["learned", "given"])),
});
export type GrowthReport = Readonly<z.infer<typeof growthReportSchema>>;

/** @param config of the attempt that made the model: with the coordinates that its cells are given, if any. */
export function growthReport(
  validation: Validation,
  config: Pick<GrowingConfig, "training" | "target">,
  trainer: Readonly<{ step: number }>,
): GrowthReport {
  const { training, target } = config;
  const { bound, runs, last } = training.validation ?? defaultValidation;
  // Whether a model is looked at for longer depends on how its training ended.
  const errors = validation.errors.filter(({ step }) => step !== last);
  const validated = trainer instanceof ValidatedTrainer ? trainer : undefined;
  const holds = validation.died === 0 && validation.overgrown === 0 && isHeld(validation, HELD);
  return {
    validation,
    runs,
    error: largestError({ ...validation, errors }),
    bound,
    holds,
    good: holds && isWithin(validation, bound),
    steps: trainer.step,
    bestStep: validated?.best?.step ?? trainer.step,
    returns: validated?.returns ?? 0,
    coordinates: coordinatesIn(target) ? "given" : "learned",
  };
}

/** A relative error in words: two digits that count, and per cent. */
export function relativeText(relative: number): string {
  const percent = 100 * relative;
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))}%`;
}

/** What came out, a sentence a line. */
export function reportSentences({ validation, runs, holds, good, bound }: GrowthReport): string[] {
  const errors = validation.errors.map(({ step, relative }) => `${relativeText(relative)} at step ${step}`);
  const { died, overgrown } = validation;
  const fates = [
    ...(died > 0 ? [`${relativeText(died)} of the runs died`] : []),
    ...(overgrown > 0 ? [`${relativeText(overgrown)} overgrew`] : []),
    ...(died === 0 && overgrown === 0 ? [holds ? "it holds" : "it drifts"] : []),
  ];
  const hardest = leastHealed(validation);
  return [
    `Relative error (an empty grid has 100%), mean of ${runs} runs: ${errors.join(", ")}; ${fates.join(", ")}`,
    ...(hardest
      ? [
          `200 steps after damage: at most ${relativeText(hardest.relative)} (${hardest.damage}), where it is ${relativeText(hardest.undamaged)} without`,
        ]
      : []),
    ...(good
      ? []
      : [
          `This falls short: a good model has at most ${relativeText(bound)} at every step${hardest ? " and after damage" : ""}, and holds`,
        ]),
  ];
}

/** Why training goes back to its best model, in words. */
export const RETURNS: Readonly<Record<ReturnReason, string>> = {
  lost: "Training lost its picture; back to the best model, at half the learning rate",
  stuck: "Training got no further; on from the best model, at half the learning rate",
  diverged: "Numbers exploded; back to the best model, at half the learning rate",
};

/** That training begins anew with coordinates that are given, in words. */
export const BEGUN_ANEW =
  "Cells do not learn well enough where they are; training begins anew, and they are told (coordinates given)";
