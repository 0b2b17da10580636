/** Numbers beyond bounds: whose fault they are, what is forgotten, and what goes on. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../engine.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { stateSize } from "../../rule/grid.ts";
import { seedState } from "../../model/seed.ts";
import { BpttTrainer } from "../bptt/bptt.ts";
import type { BpttSettings } from "../bptt/settings.ts";
import { DivergedError } from "../trainer.ts";
import {
  networkTraining,
  arraysOf,
  CELLS,
  criticSettings,
  cropped,
  draws,
  fakeValue,
  GRID,
  placement,
  rule,
  taskOptions,
  SEED,
  type Spoil,
  taskOf,
  visitsOf,
} from "./fakes.case.ts";
import type { MemorySettings } from "../memory/memory.ts";
import type { ReinforcementMeasures, ReinforcementSettings, ReinforcementTask } from "./task.ts";

const HORIZON = 4;
const states = [0, 1].map((sample) =>
  Array.from({ length: HORIZON }, (_, t) => draws(stateSize(rule, GRID), 10 + 4 * sample + t)),
);
const pool: MemorySettings = {
  kind: "pool",
  size: 3,
  reseed: 0,
  kept: null,
  retried: null,
  damaged: 0,
  switched: 0,
  damage: ["circle"],
};

function valued(spoil: Spoil, settings: Partial<ReinforcementSettings> = {}) {
  const { value } = fakeValue(CELLS * 4, spoil);
  return taskOf(settings, {
    critic: {
      value,
      sees: "pixels",
      relative: false,
      settings: { ...criticSettings, bootstrap: { from: 0, to: 1, over: 4 } },
    },
  });
}

async function evaluate(task: ReinforcementTask, step: number, visits = visitsOf(states, cropped)) {
  const batch = await task.batch(step, 2);
  return { batch, ...(await batch.evaluate(visits)) };
}

async function learn(task: ReinforcementTask, step: number) {
  const { batch, diverged } = await evaluate(task, step);
  expect(diverged).toEqual([]);
  return batch.accept({ final: [], errors: [] });
}

describe("a critic beyond bounds", () => {
  it.each<[string, Spoil]>([
    ["NaN", { values: (values) => void (values[0] = NaN) }],
    // Ten times the largest value that there is.
    ["a value above 10", { values: (values) => void (values[values.length - 1] = 10.1) }],
    ["a value below -10", { values: (values) => void (values[0] = -10.1) }],
    ["an infinite slope", { slopes: ([slope]) => void (slope[3] = Infinity) }],
  ])("%s: nothing is written, and the critic begins anew", async (_, spoil) => {
    let bad = false;
    const task = valued({
      values: (values) => bad && spoil.values?.(values),
      slopes: (slopes) => bad && spoil.slopes?.(slopes),
    });
    for (let step = 0; step < 6; step++) await learn(task, step);
    const before = await task.save();
    bad = true;
    const { batch, diverged } = await evaluate(task, 6);
    expect(diverged).toEqual([0, 1]);
    expect(await task.save()).toEqual(before);
    await batch.reject(diverged);
    bad = false;

    const after = await task.save();
    const of = (all: typeof after, part: string) =>
      Object.entries(all.tensors).filter(([name]) => name.startsWith(part));
    expect(of(after, "memory")).toEqual(of(before, "memory"));
    expect(of(after, "critic")).not.toEqual(of(before, "critic"));
    const fresh = await valued({}).save();
    expect(of(after, "critic")).toEqual(of(fresh, "critic"));
    expect(after.meta).toMatchObject({ resets: 1, critic: { born: 7, count: 0 } });
    const restored = valued({});
    restored.restore(after);
    expect(await restored.save()).toEqual(after);
    // The ramp of its weight starts from 0.
    const gains = (await evaluate(task, 7, visitsOf(states))).objectives;
    const without = taskOf();
    without.restore({ ...after, meta: { ...after.meta, critic: undefined } });
    expect(gains).toEqual((await evaluate(without, 7, visitsOf(states))).objectives);
    expect(await learn(task, 7)).toMatchObject({ criticResets: 1 });
  });

  it.each([
    ["decrease", 2, 0.9, 20],
    ["error", 2, 0.9, 200],
  ] as const)("%s, scale %d, discount %d: bounds are %d", async (kind, scale, discount, bound) => {
    const told = async (value: number) => {
      const task = valued(
        { values: (values) => void values.fill(value) },
        { reward: { kind, scale }, discount },
      );
      return (await evaluate(task, 0)).diverged;
    };
    expect(await told(0.99 * bound)).toEqual([]);
    expect(await told(-0.99 * bound)).toEqual([]);
    expect(await told(1.01 * bound)).toEqual([0, 1]);
    expect(await told(-1.01 * bound)).toEqual([0, 1]);
  });

  it("says nothing against the states: a pool keeps them", async () => {
    let beside = false;
    const task = valued({ values: (values) => beside && values.fill(1e9) }, { memory: pool });
    for (let step = 0; step < 6; step++) await learn(task, step);
    const before = await task.save();
    beside = true;
    const { batch, diverged } = await evaluate(task, 6);
    expect(diverged).toEqual([0, 1]);
    await batch.reject(diverged);
    const after = await task.save();
    expect(after.meta.resets).toBe(1);
    for (const [name, tensor] of Object.entries(before.tensors)) {
      if (name.startsWith("memory")) expect(after.tensors[name], name).toEqual(tensor);
    }
  });

  it("a gradient that is not finite: the step counts, and the critic begins anew", async () => {
    let bad = false;
    const task = valued({ gradient: (gradient) => bad && void (gradient[5] = NaN) });
    for (let step = 0; step < 3; step++) await learn(task, step);
    bad = true;
    const measures = await learn(task, 3);
    expect(measures).toMatchObject({ criticGradientNorm: NaN, criticResets: 1 });
    const { meta, tensors } = await task.save();
    expect(meta).toMatchObject({ resets: 1, critic: { born: 4, count: 0 }, memory: { next: 32 % 20 } });
    expect(tensors["critic.slow"].data).toEqual(fakeValue(CELLS * 4).value.initial);
    expect(tensors["critic.learned.parameters"].data).toEqual(fakeValue(CELLS * 4).value.initial);
  });
});

describe("samples beyond bounds", () => {
  it.each([NaN, 1e7])(
    "%d: the pool forgets them alone, and the critic keeps what it learnt",
    async (number) => {
      const task = valued({}, { memory: pool });
      for (let step = 0; step < 6; step++) await learn(task, step);
      const before = await task.save();
      const spoiled = [states[0], states[1].with(2, states[1][2].with(7, number))];
      const { batch, diverged } = await evaluate(task, 6, visitsOf(spoiled));
      expect(diverged).toEqual([1]);
      const start = arraysOf(batch.states)[1];
      await batch.reject(diverged);
      const after = await task.save();
      expect(after.meta).toEqual(before.meta);
      for (const [name, tensor] of Object.entries(before.tensors)) {
        if (name.startsWith("critic")) expect(after.tensors[name], name).toEqual(tensor);
      }
      const seed = seedState(taskOptions, GRID);
      expect(start).not.toEqual(seed);
      const starts = async () => arraysOf((await task.batch(6, 3)).states);
      expect((await starts()).filter((state) => state.every((value, i) => value === seed[i]))).toHaveLength(
        1,
      );
    },
  );

  it("a buffer stays as it is", async () => {
    const task = valued({});
    await learn(task, 0);
    const before = await task.save();
    const { batch, diverged } = await evaluate(
      task,
      1,
      visitsOf([states[0], states[1].with(3, states[1][3].with(0, NaN))]),
    );
    await batch.reject(diverged);
    expect(await task.save()).toEqual(before);
  });
});

const settings: BpttSettings = {
  ...networkTraining,
  steps: 40,
  batch: 2,
  rollout: [HORIZON, HORIZON],
  loss: placement,
  average: null,
};

function trainerOf(task: ReinforcementTask, engine: Engine = referenceEngine()) {
  return new BpttTrainer<ReinforcementMeasures>({
    engine,
    rule,
    grid: GRID,
    parameters: initialParameters(rule, SEED),
    task,
    settings,
    seed: SEED,
    clock: () => 0,
  });
}

describe("training", () => {
  it("survives a critic that diverges once", async () => {
    let calls = 0;
    const task = valued({ values: (values) => ++calls >= 7 && calls <= 8 && void values.fill(NaN) });
    const events = [];
    for await (const event of trainerOf(task)) if (events.push(event) === 8) break;
    // Values are asked for twice in each step.
    expect(events.map(({ skipped }) => skipped === true)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i === 3),
    );
    expect(events.map(({ criticResets }) => criticResets)).toEqual([0, 0, 0, undefined, 1, 1, 1, 1]);
  });

  it("ends where the critic diverges each time, with the last good model kept", async () => {
    let bad = false;
    const task = valued({ values: (values) => bad && void values.fill(1e9) });
    const trainer = trainerOf(task);
    let good = trainer.parameters;
    const rest = async () => {
      for await (const { step } of trainer) {
        if (step === 1) good = trainer.parameters;
        bad = step >= 2;
      }
    };
    await expect(rest()).rejects.toThrow(DivergedError);
    expect(trainer.step).toBe(13);
    // The third step ran well with them; what it made of them never did.
    expect(trainer.model).toEqual(good);
    expect((await trainer.save()).meta.task).toMatchObject({ resets: 10 });
  });
});
