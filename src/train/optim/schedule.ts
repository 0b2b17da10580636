/** Learning rates as pure functions of the training step. */
import * as z from "zod/mini";
import { cosineOfDegrees, powerOf } from "../../math.ts";
import { between, whole, withDefault } from "../../config/fields.ts";

const fraction = between(0, 1);

export const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant") }),
  /** Times `factor` at each of these steps. */
  z.strictObject({
    kind: z.literal("step"),
    at: withDefault(z.array(whole(1, 1e6)).check(z.minLength(1)), [2000]),
    factor: withDefault(fraction, 0.1),
  }),
  /** In a straight line to `final` of the learning rate, in `over` steps; default: at the end of training. */
  z.strictObject({
    kind: z.literal("linear"),
    final: withDefault(fraction, 0.02),
    over: z.optional(whole(1, 1e6)),
  }),
  /** Times `factor` each step. */
  z.strictObject({ kind: z.literal("exponential"), factor: withDefault(fraction, 0.999) }),
  /**
   * Half a cosine wave down to `final` of the learning rate; or several, each three times as long as the one before and
   * from half as high (Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017). At the end
   * of each, what was learned has settled. They take at most `over` steps, by default all, and what is left of training is
   * one more wave, from `again` of the learning rate, by default half as high as the one before.
   */
  z.strictObject({
    kind: z.literal("cosine"),
    final: withDefault(fraction, 0.02),
    waves: withDefault(whole(1, 8), 1),
    over: z.optional(whole(1, 1e6)),
    again: z.optional(fraction),
  }),
]);
/** How the learning rate changes in the course of training. Plain JSON. */
export type Schedule = Readonly<z.infer<typeof scheduleSchema>>;

/**
 * The learning rate of a training step.
 *
 * @param settings `learningRate` is the peak; `warmup` steps rise to it in a straight line, then the schedule runs
 * over the rest of `steps`.
 * @param step counts from 0.
 */
export function learningRateAt(
  settings: Readonly<{ learningRate: number; schedule: Schedule; warmup: number; steps: number }>,
  step: number,
): number {
  const { learningRate, schedule, warmup, steps } = settings;
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  return learningRate * scheduleFactor(schedule, step - warmup, steps - warmup);
}

/** Factor on the learning rate `step` steps into a schedule of `steps` steps. */
function scheduleFactor(schedule: Schedule, step: number, steps: number): number {
  const progress = (over = steps) => (over > 0 ? Math.min(1, step / over) : 1);
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "step":
      return powerOf(schedule.factor, schedule.at.filter((at) => step >= at).length);
    case "linear":
      return 1 - (1 - schedule.final) * progress(schedule.over);
    case "exponential":
      return powerOf(schedule.factor, step);
    case "cosine": {
      const { peak, first, length } = waveAt(step, steps, schedule);
      const gone = length > 0 ? Math.min(1, (step - first) / length) : 1;
      return peak * (schedule.final + (1 - schedule.final) * 0.5 * (1 + cosineOfDegrees(180 * gone)));
    }
    default:
      return schedule satisfies never;
  }
}

/** The wave that a step of a schedule falls into: its peak, its first step and its length in steps. */
function waveAt(
  step: number,
  steps: number,
  { waves, over: asked = steps, again = powerOf(0.5, waves) }: Extract<Schedule, { kind: "cosine" }>,
): Readonly<{ peak: number; first: number; length: number }> {
  const over = Math.min(asked, steps);
  if (step >= over && over < steps) return { peak: again, first: over, length: steps - over };
  /** Of the first wave; the lengths are as 1, 3, 9, ... */
  const unit = (2 * over) / (powerOf(3, waves) - 1);
  let wave = 0;
  while (wave < waves - 1 && step >= Math.round((unit * (powerOf(3, wave + 1) - 1)) / 2)) wave++;
  const first = Math.round((unit * (powerOf(3, wave) - 1)) / 2);
  const end = Math.round((unit * (powerOf(3, wave + 1) - 1)) / 2);
  return { peak: powerOf(0.5, wave), first, length: end - first };
}
