import { describe, expect, it } from "vitest";
import type { Engine, GradientRequest, Rollout, RolloutRequest } from "../../engine.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { WindowState } from "../../engine/states.ts";
import { FormatError } from "../../errors.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { type Plane, wholeBox } from "../../rule/grid.ts";
import { imageLoss } from "../loss/loss.ts";
import { oneGoal } from "../goals.ts";
import { pictureTask, type PictureTaskOptions } from "../pictureTask.ts";
import type { BpttSettings } from "./settings.ts";
import type { StoredState } from "../memory/storedStates.ts";
import type { Snapshot } from "../snapshot.ts";
import { outsideEngine } from "../../../test/outsideEngine.ts";
import { type BpttProgress, BpttTrainer } from "./bptt.ts";
import { DivergedError } from "../trainer.ts";

const GRID: Plane = [9, 9];
const SEED = 11;
const conventions = splitRule({
  ...picturePresets.distill,
  channels: 6,
  hidden: [8],
  seed: { from: 3, to: 6 },
});
const { rule } = conventions;
const target = new Float32Array(81 * 4);
for (let y = 3; y < 6; y++) for (let x = 3; x < 6; x++) target.set([1, 0.5, 0, 1], (y * 9 + x) * 4);

const settings: BpttSettings = {
  steps: 12,
  batch: 3,
  rollout: [3, 5],
  learningRate: 1e-2,
  schedule: { kind: "cosine", final: 0.1, waves: 1 },
  warmup: 2,
  optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  gradient: { normalize: true, clip: null },
  loss: { placement: "last", from: 0.5, every: 1 },
  average: null,
};
const pool = {
  size: 8,
  reseed: 1,
  kept: null,
  retried: null,
  damaged: 1,
  switched: 0,
  damage: ["circle" as const],
};

function trainerOf(
  changes: Partial<BpttSettings> = {},
  engine: Engine = referenceEngine(),
  task: Partial<PictureTaskOptions> = {},
): BpttTrainer {
  return new BpttTrainer({
    engine,
    rule,
    grid: GRID,
    parameters: initialParameters(rule, SEED),
    task: pictureTask({ ...conventions, grid: GRID, goals: oneGoal(target), pool, seed: SEED, ...task }),
    settings: { ...settings, ...changes },
    seed: SEED,
    clock: () => 0,
  });
}

/** Runs up to `count` steps, or all that are left. */
async function run(trainer: BpttTrainer, count = Infinity): Promise<BpttProgress[]> {
  const events: BpttProgress[] = [];
  if (count === 0) return events;
  for await (const event of trainer) if (events.push(event) >= count) break;
  return events;
}

/** Through text and back, as a file would. */
function throughText({ meta, tensors }: Snapshot): Snapshot {
  return {
    meta: JSON.parse(JSON.stringify(meta)),
    tensors: Object.fromEntries(
      Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    ),
  };
}

type Spy = {
  /** Called with the number of the rollout, counted from 0. */
  rollout?: (call: number, rollout: Rollout, request: RolloutRequest) => Rollout;
  gradient?: (call: number, gradient: Float32Array, request: GradientRequest) => void;
};

/** The reference engine, watched or tampered with. */
function spied({ rollout: change, gradient }: Spy): Engine {
  const engine = referenceEngine();
  let calls = 0;
  return {
    name: "reference",
    build: engine.build,
    declines: () => undefined,
    read: (states) => Promise.all(states.map((state) => state.readWindow())),
    dispose: () => engine.dispose(),
    async rollout(request) {
      const call = calls++;
      const rollout = await engine.rollout(request);
      const watched: Rollout = {
        final: rollout.final,
        stats: () => rollout.stats(),
        kept: (sample, step) => rollout.kept(sample, step),
        dispose: () => rollout.dispose(),
        async backward(gradientRequest) {
          const gradients = await rollout.backward(gradientRequest);
          gradient?.(call, [gradients.parameters].flat()[0], gradientRequest);
          return gradients;
        },
      };
      return change?.(call, watched, request) ?? watched;
    },
  };
}

/** Top, left, height and width of each pool entry of a trainer's snapshot. */
function windowsOf({ tensors }: Snapshot): number[] {
  return Array.from(tensors["task.windows"].data, Number);
}

/** A rollout in which some samples end full of a value. */
function spoiled(rollout: Rollout, samples: readonly number[], value: number): Rollout {
  return {
    ...rollout,
    final: rollout.final.map((state, sample) =>
      samples.includes(sample)
        ? new WindowState(GRID, rule.channels, {
            ...wholeBox(GRID),
            data: new Float32Array(81 * rule.channels).fill(value),
            livingCells: 81,
          })
        : state,
    ),
  };
}

async function numbersOf(state: StoredState): Promise<Float32Array> {
  return "read" in state ? state.read() : state.data;
}

describe("BpttTrainer", () => {
  it("tells of every step", async () => {
    const trainer = trainerOf();
    const events = await run(trainer);
    expect(events.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(trainer.step).toBe(12);
    // An untrained automaton stands still, so a seed is one living cell with nothing but alpha, as long as damage
    // has not wiped it out.
    expect(events[0].livingCells).toBeLessThanOrEqual(1);
    expect(events[0].learningRate).toBe(5e-3);
    expect(events[0].gradientNorm).toBeGreaterThan(0);
    expect(events[0].cellUpdates).toBeGreaterThan(0);
    expect(events.every(({ seconds, skipped }) => seconds === 0 && skipped === undefined)).toBe(true);
    expect(trainer.latest).toHaveLength(3);
  });

  it("shows what the latest batch started from, and the pool", async () => {
    const asked: RolloutRequest["states"][] = [];
    const rollout = (_: number, done: Rollout, { states }: RolloutRequest) => (asked.push(states), done);
    const trainer = trainerOf({}, spied({ rollout }));
    expect([trainer.starts, trainer.remembered(4)]).toMatchObject([[], { length: 4 }]);
    await run(trainer, 3);
    expect(trainer.starts).toEqual(asked[2]);
    // What a step ended with is in the pool.
    const remembered = await Promise.all(trainer.remembered(8).map(numbersOf));
    for (const state of trainer.latest) expect(remembered).toContainEqual(await state.read());
    expect(trainerOf({}, undefined, { pool: null }).remembered(4)).toEqual([]);
  });

  it("holds no more states than it shows and the pool has, and those it shows are there", async () => {
    const engine = outsideEngine();
    const trainer = trainerOf({ loss: { placement: "mean", from: 0, every: 1 } }, engine);
    for await (const { step } of trainer) {
      const pooled = trainer.remembered(8).filter((state) => "read" in state).length;
      const states = trainer.starts.flatMap((state) => (state instanceof Float32Array ? [] : [state]));
      expect(engine.held.size, `step ${step}`).toBe(pooled + trainer.latest.length + states.length);
      for (const state of [...states, ...trainer.latest]) expect(await state.read()).toHaveLength(81 * 6);
    }
    expect(trainer.remembered(8).some((state) => "read" in state)).toBe(true);
    await trainer.restore(await trainer.save());
    expect(engine.held.size).toBe(0);
  });

  it("disposes of the states of a step that fails", async () => {
    const engine = outsideEngine();
    const failing: Engine = {
      ...engine,
      rollout: async (request) => ({
        ...(await engine.rollout(request)),
        backward: () => Promise.reject(new Error("lost")),
      }),
    };
    await expect(run(trainerOf({}, failing))).rejects.toThrow("lost");
    expect(engine.held.size).toBe(0);
  });

  it("learns: the loss of a fixed seed reaches a known bound", async () => {
    const trainer = trainerOf({ steps: 150, learningRate: 2e-2, rollout: [6, 8] }, undefined, {
      pool: { ...pool, damaged: 0, switched: 0 },
    });
    const losses = (await run(trainer)).map(({ loss }) => loss);
    // An empty grid has loss 9 * (1 + 0.25 + 1) / 324 = 0.0625; a third of it takes a picture.
    const late = losses.slice(-20);
    expect(late.reduce((sum, loss) => sum + loss, 0) / late.length).toBeLessThan(0.02);
  });

  it.each([0, 1, 5, 11])("continues bit for bit after step %i, saved and restored", async (count) => {
    const changes = { loss: { placement: "random", from: 0.5, every: 1 }, average: 0.9 } as const;
    const whole = trainerOf(changes);
    const events = await run(whole);

    const before = trainerOf(changes);
    const first = await run(before, count);
    const after = trainerOf(changes);
    await after.restore(throughText(await before.save()));
    const second = await run(after);
    expect([...first, ...second]).toEqual(events);
    expect(after.model).toEqual(whole.model);
    expect(await after.save()).toEqual(await whole.save());
  });

  it("is moved by its seed and nothing else", async () => {
    const [a, b] = [trainerOf(), trainerOf()];
    await Promise.all([run(a), run(b)]);
    expect(a.parameters).toEqual(b.parameters);
  });

  it("refuses a snapshot that does not fit, and stays as it was", async () => {
    const trainer = trainerOf();
    await run(trainer, 2);
    const saved = await trainer.save();
    const { "current.parameters": _, ...without } = saved.tensors;
    await expect(trainer.restore({ ...saved, tensors: without })).rejects.toThrow(
      /no tensor parameters of 206 numbers/,
    );
    await expect(trainer.restore({ ...saved, meta: { ...saved.meta, step: 1.5 } })).rejects.toThrow(
      "step in this checkpoint is 1.5; it must be a whole number",
    );
    await expect(trainer.restore({ meta: {}, tensors: {} })).rejects.toThrow(FormatError);
    await expect(
      trainer.restore(await trainerOf({}, undefined, { pool: { ...pool, size: 3 } }).save()),
    ).rejects.toThrow(/pool of 8 entries/);
    expect(await trainer.save()).toEqual(saved);
  });

  it("averages the parameters where asked to", async () => {
    const [plain, averaged] = [trainerOf({ steps: 2 }), trainerOf({ steps: 2, average: 0.9 })];
    const start = initialParameters(rule, SEED);
    await run(plain, 1);
    const first = plain.parameters;
    await run(plain);
    const second = plain.parameters;
    await run(averaged);
    expect(plain.model).toEqual(second);
    expect(averaged.parameters).toEqual(second);
    averaged.model.forEach((value, i) => {
      // Decays of 2 / 11 and 3 / 12: few updates keep little.
      const expected = (3 / 12) * ((2 / 11) * start[i] + (9 / 11) * first[i]) + (9 / 12) * second[i];
      // Two roundings to single precision of numbers below 1.
      expect(value).toBeCloseTo(expected, 6);
    });
  });
});

describe("where the loss is taken", () => {
  it.each(["last", "random", "mean"] as const)(
    "%s: cotangents of the mean over the batch",
    async (placement) => {
      const seen: GradientRequest[] = [];
      const rollouts: { rollout: Rollout; request: RolloutRequest }[] = [];
      const engine = spied({
        rollout: (_, rollout, request) => {
          rollouts.push({ rollout, request });
          // The trainer disposes of what it asks for.
          return { ...rollout, kept: (sample, step) => rollout.kept(sample, step).share() };
        },
        gradient: (_, __, request) => seen.push(request),
      });
      const trainer = trainerOf(
        { steps: 1, rollout: [5, 5], loss: { placement, from: 0.5, every: 2 } },
        engine,
      );
      const [{ objective, loss }] = await run(trainer);
      const [{ cotangents }] = seen;
      const [{ rollout, request }] = rollouts;
      const steps = (sample: number) =>
        cotangents.filter((cotangent) => cotangent.sample === sample).map(({ step }) => step);
      for (const sample of [0, 1, 2]) {
        if (placement === "last") expect(steps(sample)).toEqual([5]);
        else if (placement === "mean") expect(steps(sample)).toEqual([5, 3]);
        else expect([3, 4, 5]).toContain(steps(sample)[0]);
      }
      // Nothing is computed beyond the loss.
      expect(request.steps).toEqual([0, 1, 2].map((sample) => steps(sample)[0]));
      const weight = placement === "mean" ? 1 / 2 : 1;
      let expectedObjective = 0;
      for (const { sample, step, data } of cotangents) {
        const last = step === steps(sample)[0];
        const state = await (last ? rollout.final[sample] : rollout.kept(sample, step)).read();
        const expected = new Float32Array(state.length);
        expectedObjective +=
          (weight * imageLoss(state, target, conventions, { data: expected, scale: weight / 3 })) / 3;
        expect(data).toEqual(expected);
      }
      // Sums in another order, in double precision.
      expect(objective).toBeCloseTo(expectedObjective, 14);
      const finals = await Promise.all(rollout.final.map((state) => state.read()));
      expect(loss).toBeCloseTo(
        finals.reduce((sum, state) => sum + imageLoss(state, target, conventions), 0) / 3,
        14,
      );
      expect(request.record).toBe(true);
    },
  );

  it("adds the overflow penalty to what is minimised, not to what is reported", async () => {
    const shared = { rollout: (_: number, rollout: Rollout) => spoiled(rollout, [0, 1, 2], 2) };
    const [event] = await run(trainerOf({ steps: 1 }, spied(shared), { penalties: { overflow: 0.5 } }));
    const [plain] = await run(trainerOf({ steps: 1 }, spied(shared)));
    expect(event.loss).toBe(plain.loss);
    expect(event.objective).toBeCloseTo(plain.loss + 0.5, 12);
  });
});

describe("stopping", () => {
  it("an abort within a step leaves the state before it, which continues as if nothing had been", async () => {
    const controller = new AbortController();
    const signals: unknown[] = [];
    const engine = spied({
      rollout: (call, rollout, request) => {
        signals.push(request.signal);
        if (call === 3) controller.abort();
        return rollout;
      },
      gradient: (_, __, request) => signals.push(request.signal),
    });
    const trainer = trainerOf({}, engine);
    const events: BpttProgress[] = [];
    const iterate = async () => {
      for await (const event of trainer.run(controller.signal)) events.push(event);
    };
    await expect(iterate()).rejects.toMatchObject({ name: "AbortError" });
    expect(trainer.step).toBe(3);
    expect(signals).toEqual(Array.from({ length: 7 }, () => controller.signal));

    const resumed = trainerOf();
    await resumed.restore(await trainer.save());
    events.push(...(await run(resumed)));
    const whole = trainerOf();
    expect(events).toEqual(await run(whole));
    expect(resumed.parameters).toEqual(whole.parameters);
  });

  it("does not begin with a signal that has been aborted", async () => {
    const trainer = trainerOf();
    await expect(trainer.run(AbortSignal.abort()).next()).rejects.toMatchObject({ name: "AbortError" });
    expect(trainer.step).toBe(0);
  });

  it("saves between two steps even when asked in the middle of one", async () => {
    const trainer = trainerOf({ steps: 2 });
    const iterator = trainer.run();
    const stepping = iterator.next();
    const saved = await trainer.save();
    await stepping;
    expect(saved.meta.step).toBe(1);
    expect(saved).toEqual(await trainer.save());
  });
});

describe("numbers beyond bounds", () => {
  const SPOILED = [2, 5];
  it.each([
    ["NaN", NaN],
    ["infinite", Infinity],
    ["huge but finite", 1e5],
  ])("a state that is %s skips the step and reseeds its pool entry", async (_, value) => {
    const engine = spied({
      rollout: (call, rollout) => (SPOILED.includes(call) ? spoiled(rollout, [1], value) : rollout),
    });
    const trainer = trainerOf({}, engine, {
      pool: { ...pool, size: 3, reseed: 0, kept: null, retried: null, damaged: 0, switched: 0 },
    });
    const events = await run(trainer, 2);
    const before = await trainer.save();
    const [event] = await run(trainer, 1);
    const after = await trainer.save();
    expect(event.skipped).toBe(true);
    expect(after.tensors["current.parameters"]).toEqual(before.tensors["current.parameters"]);
    expect(after.tensors["current.optimizer.mean"]).toEqual(before.tensors["current.optimizer.mean"]);
    expect(after.meta).toMatchObject({ step: 3, skipped: 1, failures: 1 });
    // One of the three entries is a single cell again, the others are as they were.
    const changed = [0, 1, 2].filter((i) =>
      windowsOf(after)
        .slice(4 * i, 4 * i + 4)
        .some((size, k) => size !== windowsOf(before)[4 * i + k]),
    );
    expect(changed).toHaveLength(1);
    expect(windowsOf(after).slice(4 * changed[0], 4 * changed[0] + 4)).toEqual([4, 4, 1, 1]);

    events.push(event, ...(await run(trainer)));
    expect(events.filter(({ skipped }) => skipped).map(({ step }) => step)).toEqual(SPOILED);
    expect(trainer.skipped).toBe(2);
    expect(trainer.parameters.every(Number.isFinite)).toBe(true);
  });

  it("a gradient that is not finite does not reach the parameters", async () => {
    const engine = spied({
      gradient: (call, gradient) => {
        if (call === 1) gradient[7] = NaN;
      },
    });
    const trainer = trainerOf({ steps: 3 }, engine);
    await run(trainer, 1);
    const before = trainer.parameters;
    const [event] = await run(trainer, 1);
    expect(event.skipped).toBe(true);
    expect(trainer.parameters).toEqual(before);
    await run(trainer);
    expect(trainer.skipped).toBe(1);
  });

  it("a gradient too large for the moments does not reach the optimiser", async () => {
    const engine = spied({ gradient: (_, gradient) => void (gradient[7] = 1e25) });
    const trainer = trainerOf({ gradient: { normalize: false, clip: null } }, engine);
    const [{ skipped }] = await run(trainer, 1);
    expect(skipped).toBe(true);
    const { tensors } = await trainer.save();
    expect(tensors["current.optimizer.square"].data.every((value) => value === 0)).toBe(true);
  });

  it("stops after ten skipped steps in a row, back at the last good parameters", async () => {
    const engine = spied({
      rollout: (call, rollout) => (call >= 4 ? spoiled(rollout, [0], NaN) : rollout),
    });
    const trainer = trainerOf({ steps: 100 }, engine);
    await run(trainer, 3);
    const good = trainer.parameters;
    const error: unknown = await run(trainer).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DivergedError);
    expect(String(error)).toMatch(
      /diverged: 10 steps in a row up to step 13 .* Try a learning rate below 0.01,/,
    );
    // The fourth step ran well with them; what it made of them never did.
    expect(trainer.parameters).toEqual(good);
    const restored = trainerOf({ steps: 100 });
    await restored.restore(await trainer.save());
    expect((await run(restored, 1))[0].skipped).toBeUndefined();
  });

  it("keeps the last good parameters through saving and restoring in bad times", async () => {
    const bad: Spy = { rollout: (call, rollout) => (call >= 4 ? spoiled(rollout, [0], NaN) : rollout) };
    const trainer = trainerOf({ steps: 100 }, spied(bad));
    await run(trainer, 3);
    const good = trainer.parameters;
    await run(trainer, 5);
    expect(trainer.parameters).not.toEqual(good);
    expect(trainer.model).toEqual(good);
    const restored = trainerOf(
      { steps: 100 },
      spied({ rollout: (_, rollout) => spoiled(rollout, [0], NaN) }),
    );
    await restored.restore(throughText(await trainer.save()));
    await expect(run(restored)).rejects.toThrow("up to step 13");
    expect(restored.parameters).toEqual(good);
  });

  it("a learning rate that explodes ends in an error and finite parameters", async () => {
    const trainer = trainerOf({ steps: 200, learningRate: 100, rollout: [20, 24], warmup: 0 });
    await expect(run(trainer)).rejects.toThrow(DivergedError);
    expect(trainer.parameters.every(Number.isFinite)).toBe(true);
  });

  it("stops where every cell dies, since nothing can be learned from that", async () => {
    const deadly = initialParameters(rule, SEED).fill(0);
    // The last bias of the alive channel: alpha falls by 10 in the first step.
    deadly[deadly.length - rule.channels + rule.alive.channel] = -10;
    const trainer = new BpttTrainer({
      engine: referenceEngine(),
      rule: { ...rule, fireRate: 1 },
      grid: GRID,
      parameters: deadly,
      task: pictureTask({ ...conventions, grid: GRID, goals: oneGoal(target), pool, seed: SEED }),
      settings,
      seed: SEED,
    });
    await expect(run(trainer)).rejects.toThrow(
      /^training diverged: 10 steps in a row up to step 9 .*killed every cell/,
    );
    expect(trainer.skipped).toBe(10);
    expect(trainer.model).toEqual(deadly);
  });
});
