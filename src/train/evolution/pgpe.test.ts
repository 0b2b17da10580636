import { describe, expect, it } from "vitest";
import { norm } from "../optim/gradient.ts";
import { fillNormal } from "../../noise.ts";
import { pgpe, pgpeSchema } from "./pgpe.ts";
import type { SearchState, Strategy } from "./strategy.ts";

const SEED = 3;
const strategyOf = (settings: object, population: number): Strategy =>
  pgpe(pgpeSchema.parse({ kind: "pgpe", ...settings }), { population, seed: SEED, generations: 1000 });

type Loss = (x: Float32Array) => number;
function lossesOf(strategy: Strategy, state: SearchState, step: number, population: number, loss: Loss) {
  return Array.from({ length: population }, (_, member) => loss(strategy.ask(state, step, member)));
}

describe("pgpe", () => {
  it("makes the update that one makes by hand", () => {
    const strategy = strategyOf({ sigma: 0.5, sigmaLearningRate: 0.1 }, 4);
    const mean = Float32Array.of(1, -2, 0.5);
    const begun = strategy.init(mean);
    const sigma = Float32Array.of(0.1, 0.2, 0.4);
    const state = { ...begun, tensors: { ...begun.tensors, sigma } };
    const [first, second] = [new Float32Array(3), new Float32Array(3)];
    fillNormal(first, SEED, 7, 0);
    fillNormal(second, SEED, 7, 1);
    for (let i = 0; i < 3; i++) {
      expect([0, 1, 2, 3].map((member) => strategy.ask(state, 7, member)[i])).toEqual([
        Math.fround(mean[i] + sigma[i] * first[i]),
        Math.fround(mean[i] - sigma[i] * first[i]),
        Math.fround(mean[i] + sigma[i] * second[i]),
        Math.fround(mean[i] - sigma[i] * second[i]),
      ]);
    }
    // Ranks 3, 2, 0, 1 of losses 9, 8, 1, 3: weights 1/2, 1/6, -1/2, -1/6.
    const updated = strategy.tell(state, 7, [9, 8, 1, 3], 0.05);
    // Half of each pair's difference, 1/3 and -1/3, and of its sum, 2/3 and -2/3; the mean of two pairs.
    const gradient = sigma.map((value, i) => (value * (first[i] / 3 - second[i] / 3)) / 2);
    const length = norm(gradient);
    for (let i = 0; i < 3; i++) {
      // Single precision, of numbers up to 2.
      expect(updated.mean[i]).toBeCloseTo(mean[i] - (0.05 * gradient[i]) / length, 6);
      const spread = ((first[i] ** 2 - 1) / 3 - (second[i] ** 2 - 1) / 3) / 2;
      expect(updated.tensors.sigma[i]).toBeCloseTo(sigma[i] * (1 - 0.1 * spread), 7);
    }
    expect(updated.count).toBe(1);
  });

  it("narrows what the losses punish and widens what they reward", () => {
    const strategy = strategyOf({ sigma: 0.1, sigmaLearningRate: 1 }, 200);
    let state = strategy.init(new Float32Array(2));
    for (let step = 0; step < 30; step++) {
      const losses = lossesOf(strategy, state, step, 200, ([x, y]) => x * x - y * y);
      state = strategy.tell(state, step, losses, 1e-6);
    }
    expect(state.tensors.sigma[0]).toBeLessThan(0.05);
    expect(state.tensors.sigma[1]).toBeGreaterThan(0.2);
  });

  it("changes no standard deviation by more than its bound, and reaches it both ways", () => {
    const strategy = strategyOf({ sigma: 0.1, sigmaLearningRate: 10, sigmaMaxChange: 0.2 }, 20);
    const state = strategy.init(new Float32Array(2));
    const losses = lossesOf(strategy, state, 0, 20, ([x, y]) => x * x - y * y);
    const { sigma } = strategy.tell(state, 0, losses, 1e-6).tensors;
    expect(sigma[0]).toBeCloseTo(0.08, 7);
    expect(sigma[1]).toBeCloseTo(0.12, 7);
  });

  it("moves no further than its speed, and reaches it", () => {
    const strategy = strategyOf({ sigma: 0.1, maxSpeed: 2 }, 20);
    let state = strategy.init(new Float32Array(5));
    let length = 0;
    for (let step = 0; step < 40; step++) {
      const losses = lossesOf(strategy, state, step, 20, ([x]) => x);
      const next = strategy.tell(state, step, losses, 0.01);
      length = norm(next.mean.map((value, i) => value - state.mean[i]));
      // Beyond the speed by what single precision rounds.
      expect(length).toBeLessThan(0.0201);
      state = next;
    }
    // Momentum 0.9 would reach ten times the step; the speed limit is two.
    expect(length).toBeCloseTo(0.02, 6);
    expect(state.mean[0]).toBeLessThan(-0.3);
  });
});
