import { describe, expect, it } from "vitest";
import { FormatError } from "../../errors.ts";
import { createStrategy, type StrategySettings, strategySchema } from "./settings.ts";
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

describe("strategies in 100 dimensions", () => {
  // Each reaches a quarter of its bound, or less; along the wrong sign, or wrong noise, none comes near.
  it.each([
    [1e-3, "open-es", { kind: "open-es", sigma: 0.02, learningRate: 0.02 }],
    [0.05, "pgpe", { kind: "pgpe", sigma: 0.05, learningRate: 0.1 }],
    [1e-5, "snes", { kind: "snes", sigma: 0.5 }],
  ])("reach %f on a sphere, from 100, in 40,000 evaluations: %s", (bound, _name, settings) => {
    expect(minimise(settings, sphere, 1, 50, 40_000)).toBeLessThan(bound);
  });

  it.each([
    [2, "open-es", { kind: "open-es", sigma: 0.01, learningRate: 0.02 }],
    [5, "pgpe", { kind: "pgpe", sigma: 0.02, learningRate: 0.05 }],
    [2, "snes", { kind: "snes", sigma: 0.1 }],
  ])(
    "reach %f on Rosenbrock's function, from 39,699, in 60,000 evaluations: %s",
    (bound, _name, settings) => {
      expect(minimise(settings, rosenbrock, 2, 50, 60_000)).toBeLessThan(bound);
    },
  );
});

describe.each(["open-es", "pgpe"])("%s", (kind) => {
  it.each([1, 5])("has the mean itself for the last of %i members", (population) => {
    const strategy = strategyOf({ kind, sigma: 0.1 }, population);
    const mean = Float32Array.of(1, -2, 0.5);
    const state = strategy.init(mean);
    const members = Array.from({ length: population }, (_, i) => strategy.ask(state, 3, i));
    expect(members.at(-1)).toEqual(mean);
    for (let pair = 0; 2 * pair + 1 < population; pair++) {
      mean.forEach((value, i) => {
        const [up, down] = [members[2 * pair][i] - value, members[2 * pair + 1][i] - value];
        expect(up).not.toBe(0);
        // Two numbers of size 2, in single precision.
        expect(up + down).toBeCloseTo(0, 6);
      });
    }
  });
});

describe.each(["open-es", "pgpe", "snes"] as const)("%s", (kind) => {
  it.each([1, 2, 3, 7])("takes a population of %i", (population) => {
    const strategy = strategyOf({ kind, sigma: 0.1 }, population);
    const begun = strategy.init(Float32Array.of(1, 2, 3));
    const updated = generation(strategy, begun, 0, population, sphere, 0.1);
    expect(updated.count).toBe(1);
    expect(updated.mean.every(Number.isFinite)).toBe(true);
    // One alone has no order to learn from.
    expect(updated.mean.some((value, i) => value !== begun.mean[i])).toBe(population > 1);
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
