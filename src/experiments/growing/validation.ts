/** How good a model in training is: grown from its seeds again and again, as its user would, not as training sees it. */
import * as z from "zod/mini";
import type { Engine, State } from "../../engine.ts";
import type { Readout } from "../../model/readout.ts";
import type { Plane } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import { type DamageKind, damageKinds } from "../../edit/damage.ts";
import { disposeStates } from "../../engine/states.ts";
import { pictureLoss } from "../../train/loss/loss.ts";
import { livingCellsOf } from "../../analysis/evaluation.ts";
import {
  damageRuns,
  DAMAGED_AT,
  outcomesOf,
  measureRuns,
  type Measurement,
  RECOVERED_AT,
  rollOn,
} from "../../analysis/evaluationRuns.ts";

/** When and how a model is validated, and what follows. */
export const validationSchema = z.strictObject({
  /** Relative error that training aims at: it ends where no step of `steps` exceeds it. 0: after all training steps. */
  aim: between(0, 1),
  /** The same where cells are given their coordinates: they learn in a fraction of the steps. Null: no other. */
  aimWithCoordinates: withDefault(z.nullable(between(0, 1)), null),
  /** Largest relative error of a model that counts as good. */
  bound: withDefault(between(0, 1), 0.01),
  /**
   * Training step from which on training ends, too, where the best model is surely good, within half of `bound`: in other
   * runs it may come out worse. Null: none.
   */
  enough: withDefault(z.nullable(whole(1, 1e6)), null),
  /**
   * Where `target.coordinates` is "picture" and cells learn them: training step from which on, if the best model is not surely
   * good by then, training begins anew with coordinates that are given. Null: never.
   */
  giveCoordinatesFrom: withDefault(z.nullable(whole(1, 1e6)), null),
  /** Training steps from one validation to the next. */
  every: withDefault(whole(1, 1e6), 250),
  /** Runs of each picture, which differ in their fire masks. */
  runs: withDefault(whole(1, 256), 8),
  /**
   * Steps after the seed at which the error is measured. Where the aim seems met, four or twelve times as many other runs are
   * measured before training ends, and growth that fails once in a while shows.
   */
  steps: withDefault(z.array(whole(1, 1e5)).check(z.minLength(1), z.maxLength(16)), [96, 200, 1000]),
  /** A step at which the error is measured, too, before training ends: patterns that fail late show. 0: none. */
  last: withDefault(whole(0, 1e5), 0),
  /** Damage that patterns should heal from: dealt at step 200, the error is measured at step 400, too. */
  damage: withDefault(z.array(z.enum(damageKinds)), []),
});
export type ValidationSettings = Readonly<z.infer<typeof validationSchema>>;

/** How models are measured whose training is not validated. */
export const defaultValidation: ValidationSettings = validationSchema.parse({ aim: 0 });

/** A picture that a model should grow. */
export type ValidationGoal = Readonly<{
  /** Shape (H, W, 4), premultiplied or not as the readout says. */
  target: Float32Array;
  /** What calls for it, where the rule has an input. */
  input?: Float32Array;
}>;

const share = between(0, 1);

const healedSchema = z.object({
  damage: z.enum(damageKinds),
  relative: between(0, 1e6),
  /** Of the same runs without damage, at the same step. */
  undamaged: between(0, 1e6),
});
type Healed = Readonly<z.infer<typeof healedSchema>>;

/** Plain JSON. Where there are several pictures, errors and shares are those of the one with the largest. */
export const validationResultSchema = z.object({
  /** At ascending steps; the steps after one at which the error exceeds 1 are not run. */
  errors: z.readonly(
    z.array(
      z.object({
        step: whole(1, 1e5),
        /** Mean over the runs. An empty grid has 1; more than 1e6, and what is not finite, counts as 1e6. */
        relative: between(0, 1e6),
      }),
    ),
  ),
  /** Shares of runs in which, at any of the steps, no cell lived, or more than twice as many as the target has. */
  died: share,
  overgrown: share,
  /** Share of runs whose error, when last measured, exceeds twice the bound, or the aim where that is larger; of older validations, absent. */
  failed: z.optional(share),
  /** Mean relative errors at step 400, of runs that were damaged at step 200. */
  healed: z.optional(z.readonly(z.array(healedSchema))),
});
export type Validation = Readonly<z.infer<typeof validationResultSchema>>;

export type ValidationRequest = Readonly<{
  engine: Engine;
  rule: Rule;
  /** Where the picture lies in a state. */
  readout: Readout;
  grid: Plane;
  /** Flat, by `parameterTable(rule)`. */
  parameters: Float32Array;
  /** Shape (H, W, C): where runs begin. */
  start: Float32Array;
  goals: readonly ValidationGoal[];
  settings: Pick<ValidationSettings, "bound" | "runs" | "steps" | "damage">;
  /** Channels that damage leaves. */
  kept: readonly number[];
  /** Of the fire masks and of damage. */
  seed: number;
  signal?: AbortSignal | undefined;
}>;

const WORST = 1e6;
/** So many times the bound are a failure, whatever the mean of all runs. */
const FAILURE = 2;
/** The relative error of an empty grid. */
const EMPTY = 1;

/**
 * Relative error: the mean squared error over all cells and image channels, divided by the mean square of the target,
 * which is the error of an empty grid.
 *
 * The same request gives the same bits whatever the number of threads.
 *
 * @throws as `Engine.rollout` does.
 */
export async function validate({
  engine,
  rule,
  readout,
  grid,
  parameters,
  start,
  goals,
  settings: { bound, runs, steps, damage },
  kept,
  seed,
  signal,
}: ValidationRequest): Promise<Validation> {
  const recovery = damage.length > 0 ? [DAMAGED_AT, RECOVERED_AT] : [];
  const stops = [...new Set([...steps, ...recovery])].toSorted((a, b) => a - b);
  const inputs = goals.flatMap(({ input }) => (input ? Array.from({ length: runs }, () => input) : []));
  const samples = goals.length * runs;
  const request = {
    engine,
    rule,
    grid,
    parameters,
    sampleIds: Array.from({ length: samples }, (_, sample) => sample % runs),
    ...(inputs.length > 0 && { inputs }),
    seed,
    ...(signal && { signal }),
    onSteps: () => {},
  };
  const pictures = goals.map(({ target }) => ({
    loss: pictureLoss({ rule, readout }, grid, target),
    size: meanSquare(target, readout),
  }));
  /** Of each picture, its runs. */
  const measure = (states: readonly State[]) =>
    Promise.all(
      pictures.map(({ loss }, goal) =>
        measureRuns(engine, states.slice(goal * runs, (goal + 1) * runs), loss),
      ),
    );
  const relativesOf = (measured: readonly (readonly Measurement[])[]) =>
    measured.map((seen, goal) => {
      const relative = seen.reduce((sum, { error }) => sum + error, 0) / runs / pictures[goal].size;
      return relative <= WORST ? relative : WORST;
    });
  const errors: { step: number; relative: number }[] = [];
  const growth: (readonly (readonly Measurement[])[])[] = [];
  const healed: Healed[] = [];
  let grown: readonly State[] = [];
  let recovered: readonly number[] | undefined;
  try {
    const states = Array.from({ length: samples }, () => start);
    for await (const at of rollOn({ ...request, states }, 0, stops)) {
      const measured = await measure(at.states);
      const relatives = relativesOf(measured);
      const relative = Math.max(...relatives);
      growth.push(measured);
      if (steps.includes(at.step) || relative > EMPTY) errors.push({ step: at.step, relative });
      if (relative > EMPTY) break;
      if (at.step === DAMAGED_AT && recovery.length > 0) grown = at.states.map((state) => state.share());
      if (at.step === RECOVERED_AT) recovered = relatives;
    }
    if (recovered) {
      for (const kind of damage) {
        const measured = await afterDamage({ ...request, states: grown }, runs, kind, kept, measure);
        const relatives = relativesOf(measured);
        const relative = Math.max(...relatives);
        healed.push({ damage: kind, relative, undamaged: recovered[relatives.indexOf(relative)] });
      }
    }
  } finally {
    disposeStates(grown);
  }
  const outcomes = goals.map(({ target }, goal) =>
    outcomesOf(
      growth.map((measured) => measured[goal]),
      rule,
      livingCellsOf(rule, target),
    ),
  );
  const failures = growth
    .at(-1)!
    .map((measured, goal) =>
      measured.filter(({ error }) => !(error <= FAILURE * bound * pictures[goal].size)),
    );
  return {
    errors,
    died: Math.max(...outcomes.map(({ died }) => died ?? 0)),
    overgrown: Math.max(...outcomes.map(({ overgrown }) => overgrown ?? 0)),
    failed: Math.max(...failures.map(({ length }) => length)) / runs,
    ...(healed.length > 0 && { healed }),
  };
}

/** What is measured of runs, at step `DAMAGED_AT`, when they should have healed from damage of a kind. */
async function afterDamage<M>(
  request: Parameters<typeof damageRuns>[0],
  runs: number,
  kind: DamageKind,
  kept: readonly number[],
  measure: (states: readonly State[]) => Promise<M>,
): Promise<M> {
  const damaged = await damageRuns(request, runs, kind, kept);
  const rollout = rollOn({ ...request, states: damaged }, DAMAGED_AT, [RECOVERED_AT]);
  try {
    const { value } = await rollout.next();
    return await measure(value!.states);
  } finally {
    await rollout.return();
    disposeStates(damaged);
  }
}

/** Largest relative error at any step, and after any damage: what models are compared by. */
export function largestError({ errors, healed = [] }: Pick<Validation, "errors" | "healed">): number {
  return Math.max(...[...errors, ...healed].map(({ relative }) => relative));
}

/** What is known of a model from two validations: at each step and after each damage the larger error, and the larger shares. */
export function worseOf(a: Validation, b: Validation): Validation {
  const steps = [...new Set([...a.errors, ...b.errors].map(({ step }) => step))].toSorted((x, y) => x - y);
  const at = ({ errors }: Validation, step: number) =>
    errors.find((other) => other.step === step)?.relative ?? 0;
  const errors = steps.map((step) => ({ step, relative: Math.max(at(a, step), at(b, step)) }));
  const healed = (a.healed ?? b.healed ?? []).map((one) => {
    const other = b.healed?.find(({ damage }) => damage === one.damage);
    return other && other.relative > one.relative ? other : one;
  });
  return {
    errors,
    died: Math.max(a.died, b.died),
    overgrown: Math.max(a.overgrown, b.overgrown),
    failed: Math.max(a.failed ?? 0, b.failed ?? 0),
    ...(healed.length > 0 && { healed }),
  };
}

/** Whether no run came to a bad end, and the error nowhere exceeds a bound. */
export function isWithin(validation: Validation, bound: number): boolean {
  const { died, overgrown } = validation;
  return died === 0 && overgrown === 0 && largestError(validation) <= bound;
}

/** Whether one model is better than another: by whether runs failed, and else by the largest error. */
export function isBetter(one: Validation, other: Validation): boolean {
  if (isReliable(one) !== isReliable(other)) return isReliable(one);
  return largestError(one) < largestError(other);
}

/** Whether no run failed while others did well. */
export function isReliable({ failed = 0 }: Validation): boolean {
  return failed === 0;
}

/** Error at the last step over that at the one before, up to which a pattern counts as held. */
export const HELD = 2;

/** Whether the error at the last step is at most so many times that at the one before. */
export function isHeld({ errors }: Validation, factor: number): boolean {
  const [before, last] = errors.slice(-2).map(({ relative }) => relative);
  return last === undefined || last <= factor * before;
}

/** Of the damage that was dealt, what left the largest error. */
export function leastHealed({ healed = [] }: Validation): Healed | undefined {
  return healed.toSorted((a, b) => b.relative - a.relative).at(0);
}

/** Mean square of a target over the channels that count, of all its cells. */
export function meanSquare(target: Float32Array, { channels }: Readout): number {
  const stride = channels === 1 ? 1 : 4;
  const cells = target.length / stride;
  let sum = 0;
  for (let i = 0; i < target.length; i++) if (i % stride < channels) sum += target[i] * target[i];
  return sum / (cells * channels);
}
