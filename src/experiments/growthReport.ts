/** What came out of growing a picture: how good the model is, and what it took. */
import type { GrowingConfig, GrowingTrainer } from "./growing.ts";
import { ValidatedTrainer } from "./validatedTrainer.ts";
import { defaultValidation, isWithin, type Validation } from "./validation.ts";

/** Plain JSON. */
export type GrowthReport = Readonly<{
  /** Of the model that is kept, in runs of other fire masks than training looked at. */
  validation: Validation;
  /** Runs of each picture. */
  runs: number;
  /** Largest relative error that counts as good. */
  bound: number;
  /** Whether no run died or overgrew, and the error at the last step is at most twice that at the one before. */
  holds: boolean;
  /** Whether it holds, and the error nowhere exceeds the bound. */
  good: boolean;
  /** Training steps made, and after how many of them the model was as it is kept. */
  steps: number;
  bestStep: number;
  /** Times that training went back to its best model. */
  returns: number;
}>;

/** Error at the last step over that at the one before, up to which a pattern counts as held. */
const HELD = 2;

export function growthReport(
  validation: Validation,
  { training }: Pick<GrowingConfig, "training">,
  trainer: GrowingTrainer,
): GrowthReport {
  const { bound, runs } = training.validation ?? defaultValidation;
  const course = trainer instanceof ValidatedTrainer ? trainer.course : undefined;
  const [before, last] = validation.errors.slice(-2).map(({ relative }) => relative);
  const holds =
    validation.died === 0 && validation.overgrown === 0 && (last === undefined || last <= HELD * before);
  return {
    validation,
    runs,
    bound,
    holds,
    good: holds && isWithin(validation, bound),
    steps: trainer.step,
    bestStep: course?.best?.step ?? trainer.step,
    returns: course?.returns ?? 0,
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
  return [
    `Relative error (an empty grid has 100%), mean of ${runs} runs: ${errors.join(", ")}; ${fates.join(", ")}`,
    ...(good
      ? []
      : [`This falls short: a good model has at most ${relativeText(bound)} at every step, and holds`]),
  ];
}
