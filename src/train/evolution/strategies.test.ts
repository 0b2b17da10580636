import { describe, expect, it } from "vitest";
import { FormatError } from "../../errors.ts";
import { fillNormal } from "./noise.ts";
import { createStrategy, strategyNames, type StrategySettings, strategySchema } from "./settings.ts";
import { restoreSearch, saveSearch, type SearchState, type Strategy } from "./strategy.ts";

const SEED = 3;
const settingsOf = (settings: object): StrategySettings => strategySchema.parse(settings);
const strategyOf = (settings: object, population: number, generations = 1000): Strategy =>
  createStrategy(settingsOf(settings), { population, seed: SEED, generations });

type Loss = (x: Float32Array) => number;
const sphere: Loss = (x) => x.reduce((sum, value) => sum + value * value, 0);
const rosenbrock: Loss = (x) => {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) sum += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2;
  return sum;
};

function generation(
  strategy: Strategy,
  state: SearchState,
  step: number,
  population: number,
  loss: Loss,
  learningRate: number,
): SearchState {
  const losses = Array.from({ length: population }, (_, i) => loss(strategy.ask(state, step, i)));
  return strategy.tell(state, step, losses, learningRate);
}

/** Loss of the mean after so many evaluations. */
function minimise(
  settings: object,
  loss: Loss,
  start: number,
  population: number,
  evaluations: number,
): number {
  const { learningRate } = settingsOf(settings);
  const strategy = strategyOf(settings, population, evaluations / population);
  let state = strategy.init(new Float32Array(100).fill(start));
  for (let step = 0; step * population < evaluations; step++) {
    // To a tenth, in a straight line: what rests at the end is the step, not the search.
    const rate = learningRate * (1 - (0.9 * step * population) / evaluations);
    state = generation(strategy, state, step, population, loss, rate);
  }
  return loss(state.mean);
}

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

describe("strategies in 100 dimensions", () => {
  it.each([
    ["open-es", { kind: "open-es", sigma: 0.02, learningRate: 0.02 }, 1e-3],
    ["pgpe", { kind: "pgpe", sigma: 0.05, learningRate: 0.1 }, 0.05],
    ["snes", { kind: "snes", sigma: 0.5 }, 1e-5],
  ])("%s: a sphere from 100 down in 40,000 evaluations", (_name, settings, bound) => {
    expect(minimise(settings, sphere, 1, 50, 40_000)).toBeLessThan(bound);
  });

  it.each([
    ["open-es", { kind: "open-es", sigma: 0.01, learningRate: 0.02 }, 2],
    ["pgpe", { kind: "pgpe", sigma: 0.02, learningRate: 0.05 }, 5],
    ["snes", { kind: "snes", sigma: 0.1 }, 2],
  ])("%s: Rosenbrock's function from 39,699 down in 60,000 evaluations", (_name, settings, bound) => {
    expect(minimise(settings, rosenbrock, 2, 50, 60_000)).toBeLessThan(bound);
  });
});

describe("OpenES", () => {
  it("makes the update that one makes by hand", () => {
    const strategy = strategyOf({ kind: "open-es", sigma: 0.1, learningRate: 1, weightDecay: 0.01 }, 4);
    const mean = Float32Array.of(1, -2, 0.5);
    const noise = [0, 1].map((pair) => {
      const drawn = new Float32Array(3);
      fillNormal(drawn, SEED, 7, pair);
      return drawn;
    });
    const state = strategy.init(mean);
    for (let i = 0; i < 3; i++) {
      const members = [0, 1, 2, 3].map((member) => strategy.ask(state, 7, member)[i]);
      expect(members).toEqual([
        Math.fround(mean[i] + 0.1 * noise[0][i]),
        Math.fround(mean[i] - 0.1 * noise[0][i]),
        Math.fround(mean[i] + 0.1 * noise[1][i]),
        Math.fround(mean[i] - 0.1 * noise[1][i]),
      ]);
    }
    // Ranks 3, 0, 1, 2 of losses 9, 1, 2, 3: weights 1/2, -1/2, -1/6, 1/6.
    const told = strategy.tell(state, 7, [9, 1, 2, 3], 0.05);
    const gradient = [0, 1, 2].map(
      (i) => (1 * noise[0][i] - (1 / 3) * noise[1][i]) / (4 * 0.1) + 0.01 * mean[i],
    );
    // Adam's first step: m / (1 - 0.9) = g and v / (1 - 0.999) = g^2.
    gradient.forEach((g, i) => {
      // Float32 parameters of size 2.
      expect(told.mean[i]).toBeCloseTo(mean[i] - (0.05 * g) / (Math.abs(g) + 1e-8), 6);
    });
    const again = strategy.tell(told, 7, [9, 1, 2, 3], 0.05);
    gradient.forEach((g, i) => {
      const second = g + 0.01 * (told.mean[i] - mean[i]);
      const m = (0.9 * 0.1 * g + 0.1 * second) / (1 - 0.9 ** 2);
      const v = (0.999 * 0.001 * g * g + 0.001 * second * second) / (1 - 0.999 ** 2);
      expect(again.mean[i]).toBeCloseTo(told.mean[i] - (0.05 * m) / (Math.sqrt(v) + 1e-8), 5);
    });
    expect(again.count).toBe(2);
  });

  it("points along the gradient, the better the larger the population", () => {
    const size = 200;
    const slope = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const cosineOf = (population: number) => {
      const strategy = strategyOf({ kind: "open-es", sigma: 0.01 }, population);
      const state = strategy.init(new Float32Array(size));
      const losses = Array.from({ length: population }, (_, i) =>
        strategy.ask(state, 0, i).reduce((sum, value, k) => sum + slope[k] * value, 0),
      );
      const estimate = new Float64Array(size);
      losses.forEach((loss, i) => strategy.ask(state, 0, i).forEach((v, k) => (estimate[k] += loss * v)));
      const dot = estimate.reduce((sum, value, i) => sum + value * slope[i], 0);
      return dot / norm(estimate) / norm(slope);
    };
    for (const pairs of [50, 200, 800]) {
      // Of a linear loss, sqrt(n / (n + d + 1)) with n pairs in d dimensions; its spread falls with both.
      expect(Math.abs(cosineOf(2 * pairs) - Math.sqrt(pairs / (pairs + size + 1)))).toBeLessThan(0.1);
    }
  });

  it("takes a course of sigma", () => {
    const strategy = strategyOf(
      { kind: "open-es", sigma: 1, sigmaSchedule: { kind: "linear", final: 0 } },
      2,
      10,
    );
    const noise = new Float32Array(1);
    fillNormal(noise, SEED, 5, 0);
    const [value] = strategy.ask(strategy.init(new Float32Array(1)), 5, 0);
    expect(value).toBeCloseTo(noise[0] / 2, 6);
  });
});

describe("PGPE", () => {
  it("narrows what the losses punish and widens what they reward", () => {
    const strategy = strategyOf({ kind: "pgpe", sigma: 0.1, sigmaLearningRate: 1 }, 200);
    let state = strategy.init(new Float32Array(2));
    for (let step = 0; step < 30; step++) {
      state = generation(strategy, state, step, 200, ([x, y]) => x * x - y * y, 1e-6);
    }
    expect(state.tensors.sigma[0]).toBeLessThan(0.05);
    expect(state.tensors.sigma[1]).toBeGreaterThan(0.2);
  });

  it("changes no standard deviation by more than its bound, and moves no further than its speed", () => {
    const settings = { kind: "pgpe", sigma: 0.1, sigmaLearningRate: 10, sigmaMaxChange: 0.2, maxSpeed: 2 };
    const strategy = strategyOf(settings, 20);
    let state = strategy.init(new Float32Array(5));
    for (let step = 0; step < 40; step++) {
      const next = generation(strategy, state, step, 20, ([x]) => x, 0.01);
      next.tensors.sigma.forEach((value, i) => {
        expect(Math.abs(value / state.tensors.sigma[i] - 1)).toBeLessThan(0.2001);
      });
      expect(Math.hypot(...next.mean.map((value, i) => value - state.mean[i]))).toBeLessThan(0.0201);
      state = next;
    }
    // Momentum 0.9 would reach ten times the step; the speed limit is two.
    expect(state.mean[0]).toBeLessThan(-0.3);
  });
});

describe.each(strategyNames)("%s", (kind) => {
  it.each([1, 2, 3, 7])("takes a population of %i", (population) => {
    const strategy = strategyOf({ kind, sigma: 0.1 }, population);
    const begun = strategy.init(Float32Array.of(1, 2, 3));
    const told = generation(strategy, begun, 0, population, sphere, 0.1);
    expect(told.count).toBe(1);
    expect(told.mean.every(Number.isFinite)).toBe(true);
    // One alone has no order to learn from.
    expect(told.mean.some((value, i) => value !== begun.mean[i])).toBe(population > 1);
  });

  it("learns nothing where no member is better than another, or all fail", () => {
    const strategy = strategyOf({ kind }, 6);
    const begun = strategy.init(Float32Array.of(1, 2, 3));
    expect(generation(strategy, begun, 0, 6, () => 5, 0.1).mean).toEqual(begun.mean);
    expect(generation(strategy, begun, 0, 6, () => NaN, 0.1).mean).toEqual(begun.mean);
  });

  it("takes a loss that is not finite for the worst of all", () => {
    const strategy = strategyOf({ kind }, 4);
    const begun = strategy.init(Float32Array.of(1, 2, 3));
    const worst = strategy.tell(begun, 0, [1, 2, 99, 3], 0.1);
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(strategy.tell(begun, 0, [1, 2, bad, 3], 0.1)).toEqual(worst);
    }
  });

  it("makes members from nothing but state, generation and number", () => {
    const strategy = strategyOf({ kind }, 4);
    const state = strategy.init(Float32Array.from({ length: 9 }, (_, i) => i));
    const before = saveSearch(state);
    const forth = [0, 1, 2, 3].map((member) => strategy.ask(state, 2, member));
    const back = [3, 2, 1, 0].map((member) => strategyOf({ kind }, 4).ask(state, 2, member)).toReversed();
    expect(back).toEqual(forth);
    expect(strategy.ask(state, 3, 0)).not.toEqual(forth[0]);
    strategy.tell(state, 2, [1, 2, 3, 4], 0.1);
    expect(saveSearch(state)).toEqual(before);
  });

  it("is saved and restored", () => {
    const strategy = strategyOf({ kind }, 4);
    const begun = strategy.init(new Float32Array(5));
    const state = generation(strategy, begun, 0, 4, ([x]) => x, 0.1);
    const saved = saveSearch(state);
    expect(restoreSearch(saved, begun)).toEqual(state);
    expect(() => restoreSearch({ ...saved, tensors: {} }, begun)).toThrow(FormatError);
    expect(() => restoreSearch({ ...saved, meta: {} }, begun)).toThrow(FormatError);
  });
});

describe("settings", () => {
  it.each([
    { kind: "cma-es" },
    { kind: "open-es", sigma: 0 },
    { kind: "open-es", learningRate: -1 },
    { kind: "pgpe", momentum: 1 },
    { kind: "snes", velocity: 1 },
  ])("refuses %j", (settings) => {
    expect(strategySchema.safeParse(settings).success).toBe(false);
  });
});
