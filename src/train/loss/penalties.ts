/**
 * Losses that every kind of training can add to what it minimises, each as `training.loss.NAME`, its weight. An entry more
 * is a loss more, in configurations, on the command line and in the playground.
 */
import * as z from "zod/mini";
import { between, withDefault } from "../../config/fields.ts";
import type { Grid, Rule } from "../../rule/rule.ts";
import { highest, type Ramp, rampSchema } from "../ramp.ts";
import { coordinateChannels, coordinateLoss } from "./coordinates.ts";
import type { Loss, StateLoss, Term } from "./loss.ts";
import { overflowLoss } from "./overflow.ts";

/** What a penalty can be made for. */
export type PenaltyContext = Readonly<{
  rule: Rule;
  grid: Grid;
  /** What a sample of a goal is to become, shape (H, W, K) with K from the rule's image channels on. */
  target: (goal: number) => Float32Array;
}>;

export type Penalty = Readonly<{
  /** What a weight above 0 does, in a few words. */
  effect: string;
  /** Why a rule cannot have it: what follows "must be 0:"; undefined where it can. */
  refuses?: (rule: Rule) => string | undefined;
  create: (context: PenaltyContext) => Loss;
}>;

/** In the order in which they are summed, on which bits depend. */
export const penalties = {
  coordinates: {
    effect: "cells know where they are, in two hidden channels",
    refuses: (rule) =>
      coordinateChannels(rule).length === 2 ? undefined : "the rule has no two channels beside the picture's",
    create: ({ rule, grid, target }) => ofGoal((goal) => coordinateLoss(rule, grid, target(goal))),
  },
  overflow: {
    effect: "values outside [-1, 1] cost",
    create: ({ rule, grid }) => {
      const loss = overflowLoss(rule, grid);
      return (state, _sample, sink) => loss(state, sink);
    },
  },
} satisfies Record<string, Penalty>;

export type PenaltyName = keyof typeof penalties;
/** Weights from 0 on, which may change in the course of training. */
export type PenaltyWeights = Readonly<Record<PenaltyName, Ramp<number>>>;

const names = Object.keys(penalties) as PenaltyName[];
const weightSchema = withDefault(rampSchema(between(0, 1e6)), 0);

/** A field for each penalty: its weight, 0 for none. */
export const penaltyFields = Object.fromEntries(names.map((name) => [name, weightSchema])) as Record<
  PenaltyName,
  typeof weightSchema
>;

/** No penalty at all. */
export const noPenalties = Object.fromEntries(names.map((name) => [name, 0])) as Record<PenaltyName, number>;

/** Checks of a configuration that its rule can have the penalties of its `training.loss`. */
export function penaltyChecks<
  T extends Readonly<{ rule: Rule; training: Readonly<{ loss: PenaltyWeights }> }>,
>() {
  return names.map((name) => {
    const { refuses }: Penalty = penalties[name];
    return z.refine<T>(({ rule, training }) => highest(training.loss[name]) === 0 || !refuses?.(rule), {
      path: ["training", "loss", name],
      error: ({ input }) => `must be 0: ${refuses?.((input as T).rule)}`,
    });
  });
}

/** The penalties that have a weight, as terms of a task. @throws RangeError where the rule cannot have one. */
export function penaltyTerms(weights: Partial<PenaltyWeights>, context: PenaltyContext): Term[] {
  return names.flatMap((name) => {
    const weight = weights[name] ?? 0;
    return highest(weight) === 0 ? [] : [{ name, weight, loss: penalties[name].create(context) }];
  });
}

/** A loss of goals, made for each when it is first asked for; of many goals, the latest are kept. */
export function ofGoal(make: (goal: number) => StateLoss): Loss {
  const kept = new Map<number, StateLoss>();
  return (state, { goal }, sink) => {
    let loss = kept.get(goal);
    if (!loss) {
      loss = make(goal);
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(goal, loss);
    }
    return loss(state, sink);
  };
}

const MOST_KEPT = 64;
