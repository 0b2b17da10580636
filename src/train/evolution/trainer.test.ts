import { describe, expect, it } from "vitest";
import type { State } from "../../engine.ts";
import { WindowState } from "../../engine/states.ts";
import { FormatError } from "../../errors.ts";
import { DivergedError } from "../trainer.ts";
import type { PopulationLoss, Objective } from "./objective.ts";
import type { Strategy } from "./strategy.ts";
import { EvolutionTrainer, type EvolutionProgress } from "./trainer.ts";

const SIZE = 3;

/** Members are the mean plus their number; the mean moves by the learning rate towards the best of them. */
const strategy: Strategy = {
  init: (mean) => ({ mean: mean.slice(), count: 0, tensors: {} }),
  ask: ({ mean }, generation, member) => mean.map((value) => value + member + generation / 8),
  tell: ({ mean, count }, _generation, losses, learningRate) => {
    const order = Array.from(losses, (loss) => (Number.isFinite(loss) ? loss : Infinity));
    const leader = order.indexOf(Math.min(...order));
    return { mean: mean.map((value) => value + learningRate * leader), count: count + 1, tensors: {} };
  },
};

/** @param held those not disposed of. */
function stateOf(livingCells: number, held: Set<State>): State {
  const box = { top: 0, left: 0, height: 1, width: 1 };
  const state = new WindowState([1, 1], 1, { ...box, data: Float32Array.of(livingCells), livingCells });
  held.add(state);
  return Object.assign(state, { dispose: () => void held.delete(state) });
}

/** The loss is the distance of a member's first number from 5, unless `fail` says otherwise. */
function objectiveOf(fail: (value: number) => boolean = () => false, held = new Set<State>()): Objective {
  return async ({ parameters, signal }): Promise<PopulationLoss> => {
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    return {
      losses: parameters.map(([value]) => (fail(value) ? NaN : Math.abs(value - 5))),
      final: parameters.map(([value]) => stateOf(value, held)),
      cellUpdates: 10 * parameters.length,
    };
  };
}

const settings = {
  generations: 3,
  learningRate: 0.5,
  schedule: { kind: "constant" as const },
  warmup: 0,
};

function trainerOf(population: number, objective = objectiveOf()): EvolutionTrainer {
  const parameters = new Float32Array(SIZE);
  return new EvolutionTrainer({ strategy, parameters, population, objective, settings, clock: () => 0 });
}

async function livingOf({ latest }: EvolutionTrainer): Promise<number[]> {
  const stats = await Promise.all(latest.map((state) => state.stats()));
  return stats.map(({ livingCells }) => livingCells);
}

async function progressOf(trainer: EvolutionTrainer): Promise<EvolutionProgress[]> {
  const all: EvolutionProgress[] = [];
  for await (const progress of trainer) all.push(progress);
  return all;
}

describe("EvolutionTrainer", () => {
  it("evaluates every member of each generation and moves the mean", async () => {
    const trainer = trainerOf(8);
    const [first, second, third] = await progressOf(trainer);
    // Members 0 to 7: distances 5, 4, 3, 2, 1, 0, 1, 2; the best is member 5.
    expect(first).toEqual({
      step: 0,
      loss: 2,
      best: 0,
      mean: 18 / 8,
      failed: 0,
      learningRate: 0.5,
      livingCells: 28 / 8,
      seconds: 0,
      cellUpdates: 80,
    });
    // The mean is 2.5 then, and members are another 1/8 higher: 2.625 to 9.625.
    expect(second).toMatchObject({ step: 1, best: 0.375 });
    expect(third.step).toBe(2);
    expect(trainer.step).toBe(3);
  });

  it.each([1, 2, 33, 100])("shows the best first and forgets no member of %i", async (population) => {
    const held = new Set<State>();
    const trainer = trainerOf(population, objectiveOf(undefined, held));
    const [{ livingCells, cellUpdates }] = await progressOf(trainer);
    expect(cellUpdates).toBe(10 * population);
    expect(livingCells).toBe((population - 1) / 2);
    expect(trainer.latest).toHaveLength(Math.min(8, population));
    expect(held.size).toBe(trainer.latest.length);
    const shown = (await livingOf(trainer)).map((living) => Math.abs(living - 5));
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  });

  it("counts members that fail, and hands their losses to the strategy", async () => {
    const trainer = trainerOf(
      8,
      objectiveOf((value) => value === 5),
    );
    const [first] = await progressOf(trainer);
    expect(first).toMatchObject({ failed: 1, best: 1, loss: 2, mean: 18 / 7 });
    expect(first.skipped).toBeUndefined();
  });

  it("leaves the model alone where all fail, and gives up after ten such generations", async () => {
    const trainer = new EvolutionTrainer({
      strategy,
      parameters: new Float32Array(SIZE),
      population: 4,
      objective: objectiveOf(() => true),
      settings: { ...settings, generations: 100 },
    });
    const all: EvolutionProgress[] = [];
    const run = async () => {
      for await (const progress of trainer) all.push(progress);
    };
    await expect(run()).rejects.toThrow(DivergedError);
    expect(all).toHaveLength(10);
    expect(all[9]).toMatchObject({ best: NaN, loss: NaN, mean: NaN, failed: 4, skipped: true });
    expect(trainer.skipped).toBe(10);
    expect(trainer.model).toEqual(new Float32Array(SIZE));
  });

  it("goes on from a snapshot as if never stopped", async () => {
    const whole = trainerOf(5);
    await progressOf(whole);
    const begun = trainerOf(5);
    for await (const { step } of begun) if (step === 0) break;
    const resumed = trainerOf(5);
    await resumed.restore(await begun.save());
    expect(resumed.step).toBe(1);
    expect(await progressOf(resumed)).toHaveLength(2);
    expect(resumed.model).toEqual(whole.model);
    expect(await resumed.save()).toEqual(await whole.save());
  });

  it("refuses a snapshot of another kind, and stays as it was", async () => {
    const trainer = trainerOf(2);
    const saved = await trainer.save();
    await expect(trainer.restore({ ...saved, meta: { ...saved.meta, trainer: "bptt" } })).rejects.toThrow(
      FormatError,
    );
    await expect(trainer.restore({ ...saved, tensors: {} })).rejects.toThrow(FormatError);
    expect(await trainer.save()).toEqual(saved);
  });

  it.each([128, 129, 300])(
    "evaluates a population of %i by groups, whichever is done first",
    async (population) => {
      const serial = trainerOf(population);
      let running = 0;
      let most = 0;
      const uneven: Objective = async (candidates) => {
        most = Math.max(most, ++running);
        const first = candidates.parameters[0][0] === 0;
        if (first) await new Promise((resolve) => setTimeout(resolve, 20));
        const judgement = await objectiveOf()(candidates);
        running--;
        return judgement;
      };
      const grouped = trainerOf(population, uneven);
      expect(await progressOf(grouped)).toEqual(await progressOf(serial));
      expect(grouped.model).toEqual(serial.model);
      expect(await livingOf(grouped)).toEqual(await livingOf(serial));
      expect(most).toBe(Math.min(2, Math.ceil(population / 128)));
    },
  );

  it("makes groups smaller where members have several samples", async () => {
    const sizes: number[] = [];
    const objective: Objective = (candidates) => {
      sizes.push(candidates.parameters.length);
      return objectiveOf()(candidates);
    };
    const parameters = new Float32Array(SIZE);
    const trainer = new EvolutionTrainer({
      strategy,
      parameters,
      population: 10,
      samples: 32,
      objective,
      settings,
    });
    await trainer.run().next();
    expect(sizes).toEqual([4, 4, 2]);
  });

  it("stops all groups where one fails", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const trainer = trainerOf(300, async ({ parameters, signal }) => {
      signals.push(signal);
      if (parameters[0][0] > 0) throw new Error("no memory");
      await new Promise((resolve) => setTimeout(resolve, 5));
      signal?.throwIfAborted();
      throw new Error("not reached");
    });
    await expect(trainer.run().next()).rejects.toThrow("no memory");
    expect(signals).toHaveLength(2);
    expect(trainer.step).toBe(0);
  });

  it("never takes a search that has left the numbers", async () => {
    const lost: Strategy = { ...strategy, tell: (state) => ({ ...state, mean: state.mean.map(() => NaN) }) };
    const parameters = new Float32Array(SIZE);
    const trainer = new EvolutionTrainer({
      strategy: lost,
      parameters,
      population: 2,
      objective: objectiveOf(),
      settings: { ...settings, generations: 20 },
    });
    await expect(progressOf(trainer)).rejects.toThrow(DivergedError);
    expect(trainer.step).toBe(10);
    expect(trainer.model).toEqual(parameters);
  });

  it("counts a generation for nothing that is aborted or fails in between", async () => {
    const controller = new AbortController();
    const trainer = trainerOf(100);
    const run = trainer.run(controller.signal);
    await run.next();
    const before = await trainer.save();
    const next = run.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    expect(await trainer.save()).toEqual(before);

    const broken = trainerOf(100, async () => {
      throw new Error("no memory");
    });
    await expect(broken.run().next()).rejects.toThrow("no memory");
    expect(broken.step).toBe(0);
  });
});
