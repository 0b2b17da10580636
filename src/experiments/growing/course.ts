/** What validations decide in the course of training: which model is the best, when to end, when to go back. */
import * as z from "zod/mini";
import {
  HELD,
  isHeld,
  isBetter,
  isReliable,
  isWithin,
  largestError,
  type Validation,
  validationResultSchema,
  type ValidationSettings,
} from "./validation.ts";

const validatedSchema = z.object({
  /** Training steps that made the model. */
  step: z.int().check(z.minimum(0)),
  validation: validationResultSchema,
});
export type Validated = Readonly<z.infer<typeof validatedSchema>>;

/** Plain JSON. */
export const courseSchema = z.object({
  /** Null before the first validation. */
  best: z.nullable(validatedSchema),
  latest: z.nullable(validatedSchema),
  /** Validations in a row that were far worse than the best. */
  lost: z.int().check(z.minimum(0)),
  /** Validations since the best was last markedly better than the one before. */
  stuck: z.int().check(z.minimum(0)),
  /** Times that training went back to its best model. */
  returns: z.int().check(z.minimum(0)),
});
export type Course = Readonly<z.infer<typeof courseSchema>>;

export const initialCourse: Course = { best: null, latest: null, lost: 0, stuck: 0, returns: 0 };

/** Why training goes back to its best model. */
export type ReturnReason = "lost" | "stuck" | "diverged";

export type Verdict = Readonly<{
  course: Course;
  /** Whether this model is the best so far. */
  best: boolean;
  /** Absent: training goes on from here. */
  back?: ReturnReason;
}>;

/** So many times the best error is far worse; but not below the bound, where a fluke may be. */
const FAR = 4;
/** Validations in a row that must be far worse. */
const PATIENCE_LOST = 2;
/** A best model is markedly better with this part of the error of the one before, or less. */
const MARKEDLY = 0.95;
/** Validations without progress, short of the bound. */
const PATIENCE_STUCK = 4;
/** The error of an empty grid, which training begins with. */
const EMPTY = 1;
/** Each return halves the learning rate; below a 32nd it would learn nothing. */
export const MAX_RETURNS = 5;

/** Factor on the learning rate after so many returns. */
export function learningRateScale({ returns }: Course): number {
  return 0.5 ** returns;
}

/** What follows from one more validation. */
export function courseAfter(
  course: Course,
  latest: Validated,
  { aim, bound, last }: Pick<ValidationSettings, "aim" | "bound" | "last">,
): Verdict {
  const error = largestError(latest.validation);
  // What fails late has not lost its picture.
  const early = latest.validation.errors.filter(({ step }) => step !== last);
  const least = course.best ? largestError(course.best.validation) : EMPTY;
  // With a model that has arrived, training ends: one before it may have had a smaller error, but drifted.
  const isBest = course.best === null || isBetter(latest.validation, course.best.validation);
  const best = isBest || hasArrived({ ...course, latest }, { aim });
  const lost = largestError({ errors: early }) > Math.max(FAR * least, bound) ? course.lost + 1 : 0;
  const stuck = error <= MARKEDLY * least ? 0 : course.stuck + 1;
  const next = { ...course, best: best ? latest : course.best, latest, lost, stuck };
  const back =
    lost >= PATIENCE_LOST ? "lost" : stuck >= PATIENCE_STUCK && least > bound ? "stuck" : undefined;
  if (back === undefined || course.returns >= MAX_RETURNS) return { course: next, best };
  return { course: afterReturn(next), best, back };
}

/** When training has gone back to its best model. */
export function afterReturn(course: Course): Course {
  return { ...course, lost: 0, stuck: 0, returns: course.returns + 1 };
}

/** Error at the last step over that at the one before, up to which a pattern will stay: what drifts goes on drifting. */
const STEADY = 1.15;

/** Whether a validation meets the aim, and does not drift. */
export function isSteady(validation: Validation, { aim }: Pick<ValidationSettings, "aim">): boolean {
  return aim > 0 && isWithin(validation, aim) && isReliable(validation) && isHeld(validation, STEADY);
}

/** Whether training may end before all its steps are made. */
export function hasArrived({ latest }: Course, settings: Pick<ValidationSettings, "aim">): boolean {
  return latest !== null && isSteady(latest.validation, settings);
}

/** The part of the bound up to which a model is surely good: in other runs it may come out worse. */
const SURELY = 0.5;

/** Whether a model is so good that it will be in other runs, too. */
export function isSurelyGood(validation: Validation, { bound }: Pick<ValidationSettings, "bound">): boolean {
  return isWithin(validation, SURELY * bound) && isReliable(validation) && isHeld(validation, HELD);
}

/** Whether training may end, though it has not arrived: its best model is surely good, and it has taken long enough. */
export function hasEnough(
  { latest, best }: Course,
  { enough, bound }: Pick<ValidationSettings, "enough" | "bound">,
): boolean {
  if (enough === null || latest === null || best === null || latest.step < enough) return false;
  return isSurelyGood(best.validation, { bound });
}

/** Whether training is to begin anew with coordinates that are given: it is late, and its best model is not surely good. */
export function needsCoordinates(
  course: Course,
  settings: Pick<ValidationSettings, "giveCoordinatesFrom" | "aim" | "bound">,
): boolean {
  const { giveCoordinatesFrom: from } = settings;
  const { latest, best } = course;
  if (from === null || latest === null || latest.step < from || hasArrived(course, settings)) return false;
  return !best || !isSurelyGood(best.validation, settings);
}
