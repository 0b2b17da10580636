import { describe, expect, it } from "vitest";
import { expandWindow } from "../../engine/window.ts";
import { stateSize, wholeBox } from "../../rule/grid.ts";
import { seedState } from "../../model/seed.ts";
import { norm } from "../optim/gradient.ts";
import { tensorOf } from "../bptt/trainState.ts";
import { imageLoss } from "../loss/loss.ts";
import { overflowLoss } from "../loss/overflow.ts";
import {
  networkTraining,
  arraysOf,
  CELLS,
  criticSettings,
  cropped,
  draws,
  fakeAutoencoder,
  fakeValue,
  GRID,
  rule,
  target,
  taskOf,
  taskOptions,
  valueOf,
  visitsOf,
} from "./fakes.case.ts";
import { lambdaReturns, nStepReturn, rewardsOf } from "./returns.ts";
import type { ReinforcementSettings } from "./task.ts";
import { pixelObserver, stateObserver } from "./observers.ts";

const SIZE = stateSize(rule, GRID);
const HORIZON = 4;
const seed = seedState(taskOptions, GRID);

/** Whether a number belongs to the first four columns. */
const seen = (i: number) => Math.floor(i / rule.channels) % GRID[1] < 4;

/** States of two samples after each step: zero in most cells, some of them beyond 1. */
const states = [0, 1].map((sample) =>
  Array.from({ length: HORIZON }, (_, t) => {
    const all = draws(SIZE, 10 + 4 * sample + t);
    return all.map((value, i) => (seen(i) ? 4 * value : 0));
  }),
);
const trajectories = states.map((steps) => [seed, ...steps]);
const errors = trajectories.map((trajectory) =>
  trajectory.map((state) => imageLoss(state, target, taskOptions)),
);
const pictureOf = (state: Float32Array) =>
  Float32Array.from({ length: CELLS * 4 }, (_, i) => state[Math.floor(i / 4) * 6 + (i % 4)]);

type CriticChanges = Partial<typeof criticSettings>;

function valued(
  settings: Partial<ReinforcementSettings> = {},
  changes: CriticChanges = {},
  fake = fakeValue(CELLS * 4),
) {
  const task = taskOf(settings, {
    critic: {
      value: fake.value,
      sees: "pixels",
      relative: false,
      settings: { ...criticSettings, ...changes },
    },
  });
  return { task, ...fake };
}

async function evaluate(task: ReturnType<typeof taskOf>, visits = visitsOf(states), step = 0) {
  const batch = await task.batch(step, 2);
  return { batch, ...(await batch.evaluate(visits)) };
}

/** Cotangents of a sample and step, added up. */
function cotangentOf({ cotangents }: Awaited<ReturnType<typeof evaluate>>, sample: number, step: number) {
  const sum = new Float32Array(SIZE);
  for (const { data, box, ...place } of cotangents) {
    if (place.sample !== sample || place.step !== step) continue;
    const whole = box ? expandWindow({ ...box, data }, GRID, rule.channels) : data;
    whole.forEach((value, i) => (sum[i] += value));
  }
  return sum;
}

const accept = (batch: Awaited<ReturnType<typeof evaluate>>["batch"]) =>
  batch.accept({ final: [], errors: [] });

describe("what is ascended", () => {
  it.each(["decrease", "error"] as const)("is the discounted sum of rewards alone: %s", async (kind) => {
    const { objectives, errors: told } = await evaluate(taskOf({ reward: { kind, scale: 3 } }));
    for (const [sample, e] of errors.entries()) {
      const rewards = e.slice(1).map((error, t) => (kind === "decrease" ? e[t] - error : -error));
      const expected = -3 * (rewards[0] + 0.9 * rewards[1] + 0.81 * rewards[2] + 0.729 * rewards[3]);
      // Sums in double precision, in another order.
      expect(objectives[sample]).toBeCloseTo(expected, 12);
      expect(told[sample]).toBeCloseTo(e[4], 14);
    }
  });

  it("has the discounted value of the last state added, and overflow taken away", async () => {
    const { task, value } = valued({ penalties: { overflow: 0.5 } }, { bootstrap: 0.7 });
    const { objectives, measures } = await evaluate(task);
    const values = trajectories.map((trajectory) =>
      trajectory.map((state) => valueOf(value.initial, pictureOf(state))),
    );
    for (const [sample, e] of errors.entries()) {
      const gone = e[0] - e[1] + 0.9 * (e[1] - e[2]) + 0.81 * (e[2] - e[3]) + 0.729 * (e[3] - e[4]);
      const expected =
        -gone -
        0.7 * 0.6561 * values[sample][4] +
        0.5 * overflowLoss(rule, GRID)({ ...wholeBox(GRID), data: states[sample][3] });
      // Values of up to 10 are in single precision.
      expect(objectives[sample]).toBeCloseTo(expected, 5);
    }
    const all = values.flat().map(Math.fround);
    expect(measures).toEqual({ valueLow: Math.min(...all), valueHigh: Math.max(...all) });
  });

  it("has the value's slope only at the end of the rollout", async () => {
    const [with_, without] = [await evaluate(valued().task), await evaluate(taskOf())];
    for (const sample of [0, 1]) {
      for (const step of [1, 2, 3]) {
        expect(cotangentOf(with_, sample, step)).toEqual(cotangentOf(without, sample, step));
      }
      expect(cotangentOf(with_, sample, 4)).not.toEqual(cotangentOf(without, sample, 4));
    }
  });

  it("is the same of states as windows", async () => {
    const { task } = valued({ penalties: { overflow: 0.5 } });
    const whole = await evaluate(task);
    const windowed = await evaluate(task, visitsOf(states, cropped));
    expect(windowed.cotangents[0].data.length).toBeLessThan(SIZE);
    expect(windowed.objectives).toEqual(whole.objectives);
    for (const step of [1, 2, 3, 4]) {
      // Outside its window a state is dead and stays so: of the rewards' slope the inside is enough.
      const cut = (data: Float32Array) => data.map((value, i) => (seen(i) ? value : 0));
      expect(cut(cotangentOf(windowed, 0, step))).toEqual(cut(cotangentOf(whole, 0, step)));
    }
  });

  it("follows the ramp of the bootstrap weight", async () => {
    const { task, value } = valued({}, { bootstrap: { from: 0, to: 1, over: 10 } });
    const bare = (await evaluate(taskOf())).objectives[0];
    expect((await evaluate(task)).objectives[0]).toBe(bare);
    const gain = 0.6561 * valueOf(value.initial, pictureOf(states[0][3]));
    expect((await evaluate(task, undefined, 4)).objectives[0]).toBeCloseTo(bare - 0.4 * gain, 5);
  });
});

describe("what the critic learns from", () => {
  const rewards = errors.map((e) => rewardsOf("decrease", e, 1));

  it("the n-step return of each first state", async () => {
    const { task, calls, value } = valued({ returns: { kind: "n-step" } });
    const { batch } = await evaluate(task);
    await accept(batch);
    const { observations, targets } = calls.find(({ what }) => what === "regress")!;
    expect(observations).toEqual([pictureOf(seed), pictureOf(seed)]);
    for (const [sample, trajectory] of trajectories.entries()) {
      const end = Math.fround(valueOf(value.initial, pictureOf(trajectory[4])));
      // Targets are in single precision.
      expect(targets![sample]).toBeCloseTo(nStepReturn(rewards[sample], end, 0.9), 6);
    }
  });

  it.each([1, 2, 4])("the lambda-return of each state, or of every %i", async (every) => {
    const { task, calls, value } = valued({ every });
    const visits = visitsOf(states).filter(({ step }) => step % every === 0);
    const { batch, objectives } = await evaluate(task, visits);
    await accept(batch);
    const steps = [0, 1, 2, 3].filter((t) => t % every === 0);
    const discount = [0.9, 0.81, NaN, 0.6561][every - 1];
    const { observations, targets } = calls.find(({ what }) => what === "regress")!;
    expect(observations).toEqual(
      trajectories.flatMap((trajectory) => steps.map((t) => pictureOf(trajectory[t]))),
    );
    const expected = trajectories.flatMap((trajectory, sample) => {
      const judgedSteps = [...steps, HORIZON];
      const values = judgedSteps.map((t) => Math.fround(valueOf(value.initial, pictureOf(trajectory[t]))));
      const own = rewardsOf(
        "decrease",
        judgedSteps.map((t) => errors[sample][t]),
        1,
      );
      const gain = nStepReturn(own, values[steps.length], discount);
      expect(objectives[sample]).toBeCloseTo(-gain, 5);
      return lambdaReturns(own, values, discount, 0.8);
    });
    // Targets of up to 10 are in single precision.
    targets!.forEach((own, i) => expect(own).toBeCloseTo(expected[i], 5));
  });

  it("targets stand still: values are the slow copy's, and what regresses is the critic itself", async () => {
    const { task, calls, value } = valued({}, { follow: 0.25, updates: 3 });
    await accept((await evaluate(task)).batch);
    const taught = calls.filter(({ what }) => what === "regress");
    expect(taught).toHaveLength(3);
    expect(taught[0].parameters).toEqual(value.initial);
    expect(taught[1].parameters).not.toEqual(taught[0].parameters);
    for (const { targets } of taught) expect(targets).toEqual(taught[0].targets);

    calls.length = 0;
    await accept((await evaluate(task, undefined, 1)).batch);
    const asked = calls.filter(({ what }) => what !== "regress");
    expect(asked.map(({ what }) => what).toSorted()).toEqual(["differentiate", "values"]);
    const quick = calls.find(({ what }) => what === "regress")!.parameters;
    for (const { parameters } of asked) {
      expect(parameters).not.toEqual(quick);
      // Single precision of numbers below 1.
      parameters.forEach((own, i) => expect(own).toBeCloseTo(0.75 * value.initial[i] + 0.25 * quick[i], 6));
    }
  });

  it.each(["pixels", "state"] as const)("%s, less the target where it is to be relative", async (sees) => {
    const { value, calls } = fakeValue(sees === "pixels" ? CELLS * 4 : SIZE);
    const critic = { value, sees, relative: true, settings: criticSettings };
    await evaluate(taskOf({}, { critic }));
    const view = sees === "pixels" ? pixelObserver : stateObserver;
    const ends = visitsOf(states).flatMap(({ last, state }) => (last ? [state] : []));
    const { observations } = calls.find(({ what }) => what === "differentiate")!;
    expect(observations).toEqual(await view(taskOptions, GRID, target).observe(ends));
  });

  it("tells of its loss, gradient and beginnings", async () => {
    const { task, calls, value } = valued();
    const { batch } = await evaluate(task);
    const measures = await accept(batch);
    const { observations, targets } = calls.find(({ what }) => what === "regress")!;
    const gradient = new Float32Array(value.initial.length);
    const criticLoss = await value.regress(value.initial, observations, targets!, gradient);
    expect(measures).toEqual({ criticLoss, criticGradientNorm: norm(gradient), criticResets: 0 });
  });
});

describe("trust", () => {
  it.each([0, 0.5, 1e6])("keeps the value's slope within %d times that of the rewards", async (trust) => {
    const settings = { penalties: { overflow: 0.5 } };
    const rewards = await evaluate(taskOf());
    const bare = await evaluate(taskOf(settings));
    const free = await evaluate(valued(settings).task);
    const held = await evaluate(valued(settings, { trust }).task);
    for (const sample of [0, 1]) {
      const [own, all] = [free, held].map((each) =>
        cotangentOf(each, sample, 4).map((value, i) => value - cotangentOf(bare, sample, 4)[i]),
      );
      const most = trust * norm(cotangentOf(rewards, sample, 4));
      const factor = Math.min(1, most / norm(own));
      if (trust === 0.5) expect(factor).toBeLessThan(0.5);
      // Differences of slopes of up to 0.1, in single precision.
      all.forEach((value, i) => expect(value).toBeCloseTo(factor * own[i], 7));
    }
    // It is the way that is held, not what is told.
    expect(held.objectives).toEqual(free.objectives);
  });
});

describe("memory", () => {
  it("holds what the rollouts passed through, the last states last", async () => {
    const task = taskOf({ memory: { kind: "buffer", size: 20, reseed: 0, every: 2 } });
    await accept((await evaluate(task, visitsOf(states, cropped))).batch);
    const { tensors } = await task.save();
    const expected = states.flatMap((steps) => [steps[1], steps[3]]).map((state) => cropped(state).data);
    expect(tensors["memory.data"].data).toEqual(Float32Array.from(expected.flatMap((data) => [...data])));
    const kept = errors.flatMap((e) => [e[2], e[4]]);
    // Of windows, in another order of sums.
    tensors["memory.errors"].data.forEach((error, i) => expect(error).toBeCloseTo(kept[i], 14));
  });

  it("is what rollouts start from, whose first reward counts from there", async () => {
    const task = taskOf({
      memory: {
        kind: "pool",
        size: 2,
        reseed: 0,
        kept: null,
        retried: null,
        damaged: 0,
        switched: 0,
        damage: ["circle"],
      },
    });
    const first = await evaluate(task);
    await accept(first.batch);
    const second = await evaluate(task, undefined, 1);
    const starts = arraysOf(second.batch.states);
    expect(starts.toSorted((a, b) => a[0] - b[0])).toEqual(
      [states[0][3], states[1][3]].toSorted((a, b) => a[0] - b[0]),
    );
    for (const [sample, start] of starts.entries()) {
      const moved = imageLoss(start, target, taskOptions) - errors[sample][0];
      expect(second.objectives[sample]).toBeCloseTo(first.objectives[sample] - moved, 12);
    }
  });
});

describe("the autoencoder", () => {
  it("learns from the pictures that rollouts start with, and is measured", async () => {
    const fake = fakeAutoencoder();
    const task = taskOf({}, { autoencoder: { network: fake.network, settings: networkTraining } });
    const measures = await accept((await evaluate(task)).batch);
    const [{ pictures, noise, parameters }] = fake.fits;
    expect(pictures).toEqual([pictureOf(seed), pictureOf(seed)]);
    expect(noise).toHaveLength(2 * 3);
    expect(new Set(noise).size).toBe(6);
    expect(parameters).toEqual(fake.network.initial);
    const expected = await fake.network.fit(parameters, pictures, noise, new Float32Array(parameters.length));
    expect(measures).toEqual(expected);
    expect((await task.save()).tensors["autoencoder.parameters"].data).not.toEqual(fake.network.initial);

    await accept((await evaluate(task, undefined, 1)).batch);
    expect(fake.fits[2].noise).not.toEqual(noise);
  });

  it("gives the critic its latents as of this step", async () => {
    const { network, encodeOne } = fakeAutoencoder();
    const { value, calls } = fakeValue(3, {}, Float32Array.of(0.1, 0.2, -0.1));
    const task = taskOf(
      {},
      {
        autoencoder: { network, settings: networkTraining },
        critic: { value, sees: "latent", relative: false, settings: criticSettings },
      },
    );
    for (const step of [0, 1]) {
      const saved = tensorOf(await task.save(), "autoencoder.parameters", network.initial.length);
      calls.length = 0;
      await accept((await evaluate(task, undefined, step)).batch);
      const ends = calls.find(({ what }) => what === "differentiate")!.observations;
      expect(ends).toEqual(states.map((steps) => encodeOne(saved, pictureOf(steps[3]))));
    }
  });

  it("is needed for latents", () => {
    const critic = {
      value: fakeValue(3).value,
      sees: "latent",
      relative: false,
      settings: criticSettings,
    } as const;
    expect(() => taskOf({}, { critic })).toThrow("a critic that sees latents needs an autoencoder");
    expect(taskOptions.autoencoder).toBeNull();
  });
});
