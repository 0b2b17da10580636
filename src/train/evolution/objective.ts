/** What evolution minimises. */
import * as z from "zod/mini";
import type { Engine, Rollout, State } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { expandWindow } from "../../engine/window.ts";
import { STREAM, pcg4d } from "../../random.ts";
import { cellCount, type Grid } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Readout } from "../../model/readout.ts";
import { placeChannels, type Start, startState } from "../../model/start.ts";
import { applyDamage, damageKinds, drawDamageKind } from "../../edit/damage.ts";
import { type AgedSettings, agedStarts } from "./aged.ts";
import { evaluateTerms, pictureLoss, type Term } from "../loss/loss.ts";
import { penaltyTerms, type PenaltyWeights } from "../loss/penalties.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import { type Ramp, rampAt } from "../ramp.ts";

export const objectiveSchema = z.discriminatedUnion("kind", [
  /** Mean squared difference from the target. */
  z.strictObject({ kind: z.literal("error") }),
  /** Pixels whose colour is not the target's when both are rounded to 8 bits, as a fraction of the pixels it shows. */
  z.strictObject({ kind: z.literal("wrong-pixels") }),
  /** Mean of the error while growing and of that while healing damage. */
  z.strictObject({
    kind: z.literal("recovery"),
    /** What each generation's damage is drawn from. */
    damage: withDefault(z.array(z.enum(damageKinds)).check(z.minLength(1)), [...damageKinds]),
    /** Steps after the damage, to which the fitness applies as to the rollout. */
    steps: withDefault(whole(1, 1e5), 48),
  }),
  /**
   * Living cells after the rollout, as a fraction of the grid, for members whose error is at most `quality` of that of
   * an empty grid; all others rank behind them, by their error.
   */
  z.strictObject({ kind: z.literal("cells"), quality: withDefault(between(0, 1), 0.1) }),
]);
/** What members are judged by. Plain JSON. */
export type ObjectiveSettings = Readonly<z.infer<typeof objectiveSchema>>;

const NOTHING = { top: 0, left: 0, height: 0, width: 0 };
const LAST = /^last:([1-9]\d{0,4})$/;

/** Over which steps of a rollout the error is averaged: `all-steps`, `final`, or the last so many (`last:32`). */
export const fitnessSchema = z.string().check(
  z.refine((text) => text === "all-steps" || text === "final" || LAST.test(text), {
    error: "must be all-steps, final, or last:N with N from 1 to 99999",
  }),
);

/** The steps of a rollout that a fitness averages over, ascending; step 0, the seed, is not one of them. */
export function fitnessSteps(fitness: string, steps: number): number[] {
  const [, last] = LAST.exec(fitness) ?? [];
  const count = fitness === "final" ? 1 : Math.min(steps, last === undefined ? steps : Number(last));
  return Array.from({ length: count }, (_, i) => steps - count + 1 + i);
}

/** Members of a generation, compared under the same luck: fire masks and damage are those of the generation. */
export type Candidates = Readonly<{
  generation: number;
  /** Flat parameters of the centre of the search. */
  centre: Float32Array;
  /** Flat parameters of each member. */
  parameters: readonly Float32Array[];
  signal?: AbortSignal | undefined;
}>;

/** What an objective says of some members. */
export type PopulationLoss = Readonly<{
  /** One per member, the mean over its samples; lower is better, and one that is not finite has failed. */
  losses: readonly number[];
  /** State of each member's first sample at the end; theirs who asked, and to be disposed of by them. */
  final: readonly State[];
  cellUpdates: number;
}>;

/** Losses of members. A member's loss is a function of its parameters, the centre's, seed and generation. */
export type Objective = (candidates: Candidates) => Promise<PopulationLoss>;

/** What `pictureObjective` is made of. */
export type PictureObjectiveOptions = Readonly<{
  engine: Engine;
  rule: Rule;
  /** Where the picture lies in a state. */
  readout: Readout;
  /** What growth starts from. */
  start: Start;
  grid: Grid;
  /** Shape (H, W, 4), premultiplied or not as the readout says. */
  target: Float32Array;
  objective: ObjectiveSettings;
  fitness: string;
  /** Steps that members grow, which may change over the generations. */
  rollout: Ramp<number>;
  /** When members start from what the centre has grown into, instead of from the start. Default never. */
  aged?: AgedSettings | null;
  /** Rollouts of each member, each with its own fire masks. */
  samples: number;
  /** Weights of what is minimised beside the objective, over the same steps; those left out are 0. */
  penalties?: Partial<PenaltyWeights>;
  seed: number;
}>;

/** An objective that grows each member and looks how near it comes to a picture. */
export function pictureObjective(options: PictureObjectiveOptions): Objective {
  const {
    engine,
    rule,
    readout,
    grid,
    target,
    objective,
    fitness,
    rollout,
    samples,
    penalties = {},
    aged = null,
    seed,
  } = options;
  const emptyError = pictureLoss(options, grid, target)({ ...NOTHING, data: new Float32Array(0) });
  const terms = penaltyTerms(penalties, { rule, readout, grid, target: () => target });
  const measured = (steps: number) => ({
    compare: {
      target,
      readout,
      steps: fitnessSteps(fitness, steps),
      measure: objective.kind === "wrong-pixels" ? ("wrong-pixels" as const) : ("squared-error" as const),
    },
    // Terms look at states, which are kept for them alone.
    ...(terms.length > 0 && { keep: fitnessSteps(fitness, steps) }),
  });
  const startOf = agedStarts({ ...options, fresh: startState(options, grid), emptyError, aged });
  return async ({ generation, centre, parameters, signal }) => {
    const population = parameters.length;
    const growth = rampAt(rollout, generation);
    const fire = pcg4d(seed, STREAM.fire, generation, 0);
    const { state: start, step: firstStep } = await startOf({ generation, centre, fire, signal });
    const runs = { rule, grid, seed: fire, ...(signal && { signal }) };
    const ofEachSample = {
      parameters: parameters.flatMap((own) => Array.from({ length: samples }, () => own)),
      sampleIds: parameters.flatMap(() => Array.from({ length: samples }, (_, sample) => sample)),
    };
    const grown = await engine.rollout({
      ...runs,
      ...ofEachSample,
      states: Array.from({ length: population * samples }, () => start),
      steps: growth,
      firstStep,
      ...measured(growth),
    });
    const rollouts = [{ rollout: grown, steps: growth }];
    if (objective.kind === "recovery") {
      const { damage, steps } = objective;
      const windows = await engine.read(grown.final);
      disposeStates(grown.final);
      const states = windows.map((window, index) => {
        const draw = [seed, generation, index % samples] as const;
        const data = expandWindow(window, grid, rule.channels);
        applyDamage(data, grid, rule.channels, drawDamageKind(damage, draw), draw, placeChannels(options));
        return data;
      });
      const healing = {
        ...runs,
        ...ofEachSample,
        states,
        steps,
        firstStep: firstStep + growth,
        ...measured(steps),
      };
      rollouts.push({ rollout: await engine.rollout(healing), steps });
    }
    const { rollout: last } = rollouts[rollouts.length - 1];
    const stats = await Promise.all(rollouts.map((one) => one.rollout.stats()));
    const ends = await Promise.all(
      objective.kind === "cells" ? last.final.map((state) => state.stats()) : [],
    );
    const errorOf = (sample: number) => mean(stats.map(({ compared }) => mean(compared[sample])));
    const added =
      terms.length === 0
        ? undefined
        : await Promise.all(
            ofEachSample.parameters.map((_, sample) =>
              penaltyOf(engine, terms, rollouts, { sample, fitness, generation }),
            ),
          );
    const overSamples = (member: number, of: (sample: number) => number) =>
      mean(Array.from({ length: samples }, (_, own) => of(member * samples + own)));
    const lossOf = (member: number) => {
      const error = overSamples(member, errorOf);
      const penalty = added ? overSamples(member, (sample) => added[sample]) : 0;
      if (objective.kind !== "cells") return error + penalty;
      const living = overSamples(member, (sample) => ends[sample].livingCells / cellCount(grid));
      return fewestCells(error, living, objective.quality * emptyError) + penalty;
    };
    disposeStates(last.final.filter((_, index) => index % samples > 0));
    return {
      losses: parameters.map((_, member) => lossOf(member)),
      final: parameters.map((_, member) => last.final[member * samples]),
      cellUpdates: stats.reduce((sum, one) => sum + one.cellUpdates, 0),
    };
  };
}

/** Penalties of a sample: mean over the rollouts of their mean over the steps that count. */
async function penaltyOf(
  engine: Engine,
  terms: readonly Term[],
  rollouts: readonly Readonly<{ rollout: Rollout; steps: number }>[],
  { sample, fitness, generation }: Readonly<{ sample: number; fitness: string; generation: number }>,
): Promise<number> {
  const ofRollouts = rollouts.map(async ({ rollout, steps }) => {
    const states = fitnessSteps(fitness, steps).map((step) => rollout.kept(sample, step));
    const last = rollout.final[sample];
    const reading = engine.read(states);
    disposeStates(states.filter((state) => state !== last));
    const windows = await reading;
    const own = { goal: 0, trainingStep: generation };
    return mean(windows.map((state) => evaluateTerms(terms, state, own).sum));
  });
  return mean(await Promise.all(ofRollouts));
}

/** Below 1 for those that are good enough, above for the others. */
function fewestCells(error: number, livingShare: number, bound: number): number {
  return error <= bound ? livingShare : 1 + error - bound;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
