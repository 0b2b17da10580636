import { describe, expect, it } from "vitest";
import type { State } from "../engine.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { initialParameters } from "../rule/parameters.ts";
import { rulePresets } from "../rule/presets.ts";
import { type Plane, wholeBox } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { BpttTrainer } from "./bptt/bptt.ts";
import { composeTask, type TaskParts } from "./composeTask.ts";
import type { BpttSettings } from "./bptt/settings.ts";
import type { Loss } from "./loss/loss.ts";

const GRID: Plane = [4, 5];
const NONE = new Float32Array(0);
const rule: Rule = {
  ...rulePresets.distill,
  channels: 6,
  hidden: [8],
  alive: { mask: "none", channel: 3, threshold: 0.1 },
};
const SIZE = 4 * 5 * 6;

/** Half the square of the first channel's distance from a number, summed over the window. */
const distanceFrom =
  (wanted: (goal: number) => number): Loss =>
  ({ data }, { goal }, sink) => {
    let sum = 0;
    for (let i = 0; i < data.length; i += rule.channels) {
      const difference = data[i] - wanted(goal);
      sum += difference ** 2 / 2;
      if (sink) sink.data[i] += sink.scale * difference;
    }
    return sum;
  };

/** A state all full of a number that only goal, step and sample decide. */
const dataOf = (goal: number, [, step, sample]: readonly number[]) =>
  new Float32Array(SIZE).fill((1 + goal + (step % 100) / 100 + sample / 10_000) / 4);

const partsOf = (changes: Partial<TaskParts> = {}): TaskParts => ({
  rule,
  grid: GRID,
  start: dataOf,
  memory: null,
  goals: 3,
  terms: [{ name: "distance", weight: 1, loss: distanceFrom((goal) => goal / 4) }],
  seed: 5,
  ...changes,
});

/** The state of a sample after the first or second of two steps, all full of a number. */
const visitOf = (sample: number, step: number, value: number) => ({
  sample,
  step,
  weight: 0.5,
  last: step === 2,
  state: { ...wholeBox(GRID), data: new Float32Array(SIZE).fill(value) },
});

const numbersOf = async (state: Float32Array | State) =>
  state instanceof Float32Array ? state : await state.read();

describe("composeTask", () => {
  it("starts samples from data by goal, step and sample", async () => {
    const { states } = await composeTask(partsOf()).batch(7, 4, NONE);
    for (const [sample, state] of states.entries()) {
      const data = await numbersOf(state);
      const goal = Math.floor(4 * data[0]) - 1;
      expect([0, 1, 2]).toContain(goal);
      expect(data).toEqual(dataOf(goal, [5, 7, sample]));
    }
  });

  it("weighs terms by the training step, and reports the first alone", async () => {
    const task = composeTask(
      partsOf({
        goals: 1,
        terms: [
          { name: "distance", weight: 2, loss: distanceFrom(() => 0) },
          { name: "other", weight: { from: 0, to: 4, over: 8 }, loss: distanceFrom(() => 1) },
        ],
      }),
    );
    const window = { ...wholeBox(GRID), data: new Float32Array(SIZE).fill(3) };
    const visit = { sample: 0, step: 1, weight: 1, last: true, state: window };
    for (const [step, weight] of [
      [0, 0],
      [2, 1],
      [8, 4],
    ]) {
      const batch = await task.batch(step, 1, NONE);
      const { errors, objectives, cotangents } = await batch.evaluate([visit]);
      expect(errors).toEqual([20 * 4.5]);
      expect(objectives).toEqual([20 * (2 * 4.5 + weight * 2)]);
      expect(cotangents[0].data[6]).toBe(2 * 3 + weight * 2);
    }
  });

  it("measures what else is asked for, of last states alone", async () => {
    const task = composeTask({
      ...partsOf({ goals: 1 }),
      measures: { first: ({ data }) => data[0], samples: (_, { goal }) => goal + 1 },
    });
    const batch = await task.batch(0, 2, NONE);
    const visits = [visitOf(0, 1, 8), visitOf(0, 2, 1), visitOf(1, 1, 9), visitOf(1, 2, 4)];
    const { measures } = await batch.evaluate(visits);
    expect(measures).toEqual({ first: 2.5, samples: 1 });
  });

  const settings: BpttSettings = {
    steps: 6,
    batch: 2,
    rollout: [2, 3],
    learningRate: 1e-3,
    schedule: { kind: "constant" },
    warmup: 0,
    optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    gradient: { normalize: true, clip: null },
    loss: { placement: "last", from: 0.5, every: 1 },
    average: null,
  };

  it.each<TaskParts["memory"]>([
    null,
    {
      kind: "pool",
      size: 5,
      reseed: 1,
      kept: null,
      retried: null,
      damaged: 0,
      switched: 1,
      damage: ["circle"],
    },
    { kind: "buffer", size: 8, reseed: 1, every: 1 },
  ])("with memory %o, training goes on bit for bit from a snapshot", async (memory) => {
    const create = () =>
      new BpttTrainer({
        engine: referenceEngine(),
        rule,
        grid: GRID,
        parameters: initialParameters(rule, 1).map((value, i) => value + ((i % 7) - 3) / 50),
        task: composeTask(partsOf({ memory })),
        settings,
        seed: 3,
      });
    const [whole, first, second] = [create(), create(), create()];
    for await (const { skipped } of whole.run()) expect(skipped).toBeUndefined();
    for await (const { step } of first.run()) if (step === 2) break;
    await second.restore(await first.save());
    for await (const { step } of second.run()) expect(step).toBeGreaterThan(2);
    expect(second.model).toEqual(whole.model);
    expect(whole.model).not.toEqual(create().model);
    expect(await second.save()).toEqual(await whole.save());
  });
});
