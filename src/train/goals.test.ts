import { describe, expect, it } from "vitest";
import { referenceEngine } from "../engine/reference/engine.ts";
import { initialParameters } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { type Plane, wholeBox } from "../rule/grid.ts";
import { BpttTrainer } from "./bptt/bptt.ts";
import { type Goals, type Conditioner, oneGoal, oneHot, severalGoals } from "./goals.ts";
import { imageLoss } from "./loss/loss.ts";
import { pictureTask } from "./pictureTask.ts";
import type { PoolSettings } from "./memory/pool.ts";
import type { BpttSettings } from "./bptt/settings.ts";
import type { Task } from "./task.ts";

const GRID: Plane = [4, 4];
const conventions = splitRule({
  ...picturePresets.distill,
  channels: 6,
  hidden: [8],
  inputSize: 2,
  seed: { from: 3, to: 6 },
});
const { rule } = conventions;
const plain = (value: number) => new Float32Array(64).fill(value);
const targets = [plain(0.25), plain(0.75)];
const pool: PoolSettings = {
  size: 8,
  reseed: 1,
  kept: null,
  retried: null,
  damaged: 0,
  switched: 0,
  damage: ["circle"],
};
const NONE = new Float32Array(0);

const taskOf = (goals: Goals, changes: Partial<PoolSettings> | null = {}) =>
  pictureTask({ ...conventions, grid: GRID, goals, pool: changes && { ...pool, ...changes }, seed: 3 });

const settings: BpttSettings = {
  steps: 6,
  batch: 4,
  rollout: [3, 4],
  learningRate: 1e-2,
  schedule: { kind: "constant" },
  warmup: 0,
  optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  gradient: { normalize: false, clip: 1 },
  loss: { placement: "last", from: 1, every: 1 },
  average: null,
};

describe("severalGoals", () => {
  it("tells cells which picture by a 1 in its place", () => {
    expect([...oneHot(1, 3)]).toEqual([0, 1, 0]);
    const goals = severalGoals(targets);
    expect([goals.count, goals.target(1)]).toEqual([2, targets[1]]);
    expect(goals.conditioner?.condition([1, 0, 1], 0, NONE)).toEqual({
      inputs: [Float32Array.of(0, 1), Float32Array.of(1, 0), Float32Array.of(0, 1)],
    });
  });

  it("measures each sample against the picture it was asked for", async () => {
    const batch = await taskOf(severalGoals(targets)).batch(0, 6, NONE);
    const state = new Float32Array(96).fill(0.5);
    const goals = batch.conditioning!.inputs.map((input) => input.indexOf(1));
    expect(new Set(goals)).toEqual(new Set([0, 1]));
    const { errors } = await batch.evaluate(
      goals.map((_, sample) => {
        const window = { ...wholeBox(GRID), data: state };
        return { sample, step: 1, weight: 1, last: true, state: window };
      }),
    );
    expect(errors).toEqual(goals.map((goal) => imageLoss(state, targets[goal], conventions)));
  });

  it("gives each fresh sample a goal by chance where there is no pool", async () => {
    const task = taskOf(severalGoals(targets), null);
    let first = 0;
    for (let step = 0; step < 100; step++) {
      const { inputs } = (await task.batch(step, 4, NONE)).conditioning!;
      first += inputs.filter((input) => input[0] === 1).length;
    }
    // Binomial(400, 1/2): mean 200, standard deviation 10; within three and a half of them.
    expect(Math.abs(first - 200)).toBeLessThan(35);
  });
});

const goalsOf = async (task: ReturnType<typeof taskOf>) =>
  [...(await task.save()).tensors.goals.data].map(Number);

describe("goals in a pool", () => {
  it("stay with their states, are drawn anew for fresh samples, and are saved", async () => {
    const goals = severalGoals([plain(0), plain(0.2), plain(0.4), plain(0.6), plain(0.8)]);
    const task = taskOf(goals, { reseed: 1 });
    const before = await goalsOf(task);
    expect(new Set(before).size).toBeGreaterThan(2);
    const engine = referenceEngine();
    const wide = { ...rule, inputSize: 5 };
    const trainer = new BpttTrainer({
      engine,
      rule: wide,
      grid: GRID,
      parameters: initialParameters(wide, 1),
      task,
      settings,
      seed: 3,
    });
    let changed = 0;
    for await (const _ of trainer.run()) {
      const after = await goalsOf(task);
      changed += after.filter((goal, i) => goal !== before[i]).length;
      // One of a batch starts anew, and one time in five with the goal it had.
      expect(after.filter((goal, i) => goal !== before[i]).length).toBeLessThanOrEqual(1);
      before.splice(0, before.length, ...after);
    }
    expect(changed).toBeGreaterThan(1);
    const other = taskOf(goals, { reseed: 1 });
    const saved = await task.save();
    other.restore(saved);
    expect(await other.save()).toEqual(saved);
  });

  it("are refused where there are none so many", async () => {
    const saved = await taskOf(severalGoals([plain(0), plain(0.5), plain(1)])).save();
    expect(() => taskOf(severalGoals(targets)).restore(saved)).toThrow(/no pool of 8 entries/);
    // Pools with one goal need not say which.
    const { goals: _, ...older } = saved.tensors;
    expect(() => taskOf(oneGoal(targets[0])).restore({ meta: {}, tensors: older })).not.toThrow();
    expect(() => taskOf(severalGoals(targets)).restore({ meta: {}, tensors: older })).toThrow();
  });

  it("change for the best of those that are neither fresh nor damaged, whose states stay", async () => {
    const many = severalGoals(Array.from({ length: 40 }, (_, i) => plain(i / 40)));
    const [still, moving] = [
      taskOf(many, { reseed: 0 }),
      taskOf(many, { reseed: 0, kept: null, retried: null, switched: 3 }),
    ];
    let moved = 0;
    for (let step = 0; step < 20; step++) {
      const [a, b] = [await still.batch(step, 4, NONE), await moving.batch(step, 4, NONE)];
      expect(b.states).toEqual(a.states);
      moved += a.conditioning!.inputs.filter(
        (input, i) => input.indexOf(1) !== b.conditioning!.inputs[i].indexOf(1),
      ).length;
    }
    // Three of four in each of 20 steps, less the one in forty that draws the goal it had.
    expect(moved).toBeGreaterThan(50);
    expect(moved).toBeLessThanOrEqual(60);
  });
});

/** Its square exceeds single precision, which is known only when the update has been made. */
const overflow = (_: unknown, gradient: Float32Array) => void gradient.fill(1e30);

describe("a network as the conditioner", () => {
  /** Inputs are its two numbers, the same for every sample; it is to keep them small, too. */
  const conditioner: Conditioner = {
    network: {
      table: [{ name: "told", shape: [2], offset: 0, size: 2 }],
      initial: Float32Array.of(0.5, -0.5),
    },
    condition: (goals, _step, numbers) => ({
      inputs: goals.map(() => numbers.slice()),
      penalty: 0.1 * (numbers[0] ** 2 + numbers[1] ** 2),
      pullback: (cotangents, gradient) =>
        numbers.forEach(
          (value, i) => (gradient[i] = cotangents.reduce((sum, each) => sum + each[i], 0.2 * value)),
        ),
    }),
  };
  const goals: Goals = { count: 1, target: () => targets[1], conditioner };
  const trainerOf = (changes: Partial<BpttSettings> = {}, task = taskOf(goals)) =>
    new BpttTrainer({
      engine: referenceEngine(),
      rule,
      grid: GRID,
      parameters: initialParameters(rule, 1),
      task,
      settings: { ...settings, ...changes },
      seed: 3,
    });

  it("is trained along: with everything else at rest, its penalty falls", async () => {
    const trainer = trainerOf({ steps: 40, learningRate: 2e-2 });
    expect([...trainer.network]).toEqual([0.5, -0.5]);
    const penalties: number[] = [];
    for await (const { objective, loss } of trainer.run()) penalties.push(objective - loss);
    // The untrained automaton pays its input no heed, so that its loss says nothing at first.
    expect(penalties[0]).toBeCloseTo(0.05, 6);
    expect(trainer.model).toHaveLength(initialParameters(rule, 1).length);
    expect(Math.hypot(...trainer.network)).toBeLessThan(0.35);
  });

  it("is clipped together with the automaton, to one norm", async () => {
    // Adam's first mean is a tenth of what it is given.
    const trainer = trainerOf({ steps: 1, gradient: { normalize: false, clip: 1e-3 } });
    for await (const { gradientNorm } of trainer.run()) expect(gradientNorm).toBeGreaterThan(0.1);
    const saved = Float32Array.from((await trainer.save()).tensors["current.optimizer.mean"].data, Number);
    expect(Math.hypot(...saved)).toBeCloseTo(1e-4, 8);
    expect(Math.hypot(...saved.slice(-2))).toBeGreaterThan(1e-5);
  });

  it("goes back to what last ran well, network included, however many updates came before", async () => {
    const inner = taskOf(goals);
    const task: Task = {
      ...inner,
      async batch(step, size, numbers) {
        const batch = await inner.batch(step, size, numbers);
        return step < 4 ? batch : { ...batch, conditioning: { ...batch.conditioning!, pullback: overflow } };
      },
    };
    const trainer = trainerOf({ gradient: { normalize: false, clip: null } }, task);
    const shown: number[][] = [];
    for await (const _ of trainer.run()) shown.push([...trainer.model, ...trainer.network]);
    // Step 3 was the last to count, and ran with what step 2 had made.
    expect(shown[4]).toEqual(shown[2]);
    expect(shown[3]).not.toEqual(shown[2]);
    expect(shown[5]).toEqual(shown[2]);
  });

  it("goes on bit for bit from a checkpoint", async () => {
    const whole = trainerOf();
    for await (const _ of whole.run());
    const first = trainerOf();
    for await (const { step } of first.run()) if (step === 2) break;
    const second = trainerOf();
    await second.restore(await first.save());
    for await (const _ of second.run());
    expect(second.network).toEqual(whole.network);
    expect(second.model).toEqual(whole.model);
    expect(await second.save()).toEqual(await whole.save());
  });
});
