/**
 * Losses that every kind of training can add to what it minimises, each as `training.loss.NAME`, its weight. An entry more
 * is a loss more, in configurations, on the command line and in the playground.
 */
import * as z from "zod/mini";
import { between, withDefault } from "../../config/fields.ts";
import { keysOf, mapRecord } from "../../config/records.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import type { PictureLayout } from "../../model/readout.ts";
import { type Grid, planeOf } from "../../rule/grid.ts";
import { axesOf, type Rule } from "../../rule/rule.ts";
import { highest, type Ramp, rampSchema } from "../ramp.ts";
import { coordinateChannels, coordinateLoss } from "./coordinates.ts";
import type { StateWindow } from "../../engine/window.ts";
import type { CotangentSink, Loss, Sample, StateLoss, Term } from "./loss.ts";
import { overflowLoss } from "./overflow.ts";

/** What a penalty can be made for. */
export type PenaltyContext = PictureLayout &
  Readonly<{
    rule: Rule;
    grid: Grid;
    /** What a sample of a goal is to become, shape (H, W, K) with K from the readout's channels on. */
    target: (goal: number) => Float32Array;
    /** Of the range in which colours lie; default 0 (`overflowLoss`). */
    colourMiddle?: number;
  }>;

/** A loss that every experiment can add to what it minimises. */
export type Penalty = Readonly<{
  /** What it is the weight of, as help and pages say it. */
  weightOf: string;
  /** What an automaton must have; `error` says of one that has not what it lacks. */
  needs?: Readonly<{ has: (layout: PictureLayout) => boolean; error: string }>;
  create: (context: PenaltyContext) => Loss;
}>;

/** In the order in which they are summed, on which bits depend. */
export const penalties = {
  coordinates: {
    weightOf: "cells that know where they are, in two hidden channels",
    needs: {
      has: (layout) => axesOf(layout.rule) === 2 && coordinateChannels(layout).length === 2,
      error: "the rule has no two channels beside the picture's",
    },
    create: ({ grid, target, ...layout }) =>
      ofGoal((goal) => coordinateLoss(layout, planeOf(grid), target(goal))),
  },
  overflow: {
    weightOf: "values outside [-1, 1]",
    create: ({ rule, readout, grid, colourMiddle = 0 }) => {
      const loss = overflowLoss(rule, grid, { readout, middle: colourMiddle });
      return ofGoal(() => loss);
    },
  },
} satisfies Record<string, Penalty>;

/** A name of one of the penalties. */
export type PenaltyName = keyof typeof penalties;
/** Weights from 0 on, which may change in the course of training. */
export type PenaltyWeights = Readonly<Record<PenaltyName, Ramp<number>>>;

/** A field for each penalty: its weight, 0 for none. */
export const penaltyFields = mapRecord(penalties, ({ weightOf }) =>
  withDefault(rampSchema(between(0, 1e6)), 0).check(z.describe(`weight of ${weightOf}`)),
);

/** No penalty at all. */
export const noPenalties = mapRecord(penalties, () => 0);

/** Checks of a configuration that its rule can have the penalties of its `training.loss`. */
export function penaltyChecks<
  T extends Readonly<{ rule: PictureRule; training: Readonly<{ loss: PenaltyWeights }> }>,
>() {
  return keysOf(penalties).flatMap((name) => {
    const { needs }: Penalty = penalties[name];
    if (!needs) return [];
    return z.refine<T>(
      ({ rule, training }) => highest(training.loss[name]) === 0 || needs.has(splitRule(rule)),
      {
        path: ["training", "loss", name],
        error: `must be 0: ${needs.error}`,
      },
    );
  });
}

/** The penalties that have a weight, as terms of a task. @throws RangeError where the rule cannot have one. */
export function penaltyTerms(weights: Partial<PenaltyWeights>, context: PenaltyContext): Term[] {
  return keysOf(penalties).flatMap((name) => {
    const weight = weights[name] ?? 0;
    return highest(weight) === 0 ? [] : [{ name, weight, loss: penalties[name].create(context) }];
  });
}

/** A loss of goals, made for each when it is first asked for; of many goals, the latest are kept. */
export function ofGoal(make: (goal: number) => StateLoss): Loss {
  const kept = new Map<number, StateLoss>();
  const lossOf = (goal: number) => {
    let loss = kept.get(goal);
    if (!loss) {
      loss = make(goal);
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(goal, loss);
    }
    return loss;
  };
  return Object.assign(
    (state: StateWindow, { goal }: Sample, sink?: CotangentSink) => lossOf(goal)(state, sink),
    { part: ({ goal }: Sample) => lossOf(goal).part },
  );
}

const MOST_KEPT = 64;
