import { describe, expect, it } from "vitest";
import { norm } from "../optim/gradient.ts";
import { fillNormal } from "../../noise.ts";
import { openEs, openEsSchema } from "./openEs.ts";
import type { Strategy } from "./strategy.ts";

const SEED = 3;
const strategyOf = (settings: object, population: number, generations = 1000): Strategy =>
  openEs(openEsSchema.parse({ kind: "open-es", ...settings }), { population, seed: SEED, generations });

function drawn(size: number, generation: number, pair: number): Float32Array {
  const noise = new Float32Array(size);
  fillNormal(noise, SEED, generation, pair);
  return noise;
}

describe("openEs", () => {
  it("makes the update that one makes by hand", () => {
    const strategy = strategyOf({ sigma: 0.1, weightDecay: 0.01 }, 4);
    const mean = Float32Array.of(1, -2, 0.5);
    const [first, second] = [drawn(3, 7, 0), drawn(3, 7, 1)];
    const state = strategy.init(mean);
    for (let i = 0; i < 3; i++) {
      expect([0, 1, 2, 3].map((member) => strategy.ask(state, 7, member)[i])).toEqual([
        Math.fround(mean[i] + 0.1 * first[i]),
        Math.fround(mean[i] - 0.1 * first[i]),
        Math.fround(mean[i] + 0.1 * second[i]),
        Math.fround(mean[i] - 0.1 * second[i]),
      ]);
    }
    // Ranks 3, 0, 1, 2 of losses 9, 1, 2, 3: weights 1/2, -1/2, -1/6, 1/6.
    const updated = strategy.tell(state, 7, [9, 1, 2, 3], 0.05);
    const gradient = [0, 1, 2].map((i) => (first[i] - (1 / 3) * second[i]) / (4 * 0.1) + 0.01 * mean[i]);
    gradient.forEach((g, i) => {
      // Adam keeps a tenth of it, in single precision: its size is all that weight decay and epsilon see.
      expect(updated.tensors.mean[i]).toBeCloseTo(0.1 * g, 6);
      // Adam's first step: m / (1 - 0.9) = g and v / (1 - 0.999) = g^2. Parameters of size 2, in single precision.
      expect(updated.mean[i]).toBeCloseTo(mean[i] - (0.05 * g) / (Math.abs(g) + 1e-8), 6);
    });
    const again = strategy.tell(updated, 7, [9, 1, 2, 3], 0.05);
    gradient.forEach((g, i) => {
      const next = g + 0.01 * (updated.mean[i] - mean[i]);
      const m = (0.9 * 0.1 * g + 0.1 * next) / (1 - 0.9 ** 2);
      const v = (0.999 * 0.001 * g * g + 0.001 * next * next) / (1 - 0.999 ** 2);
      expect(again.mean[i]).toBeCloseTo(updated.mean[i] - (0.05 * m) / (Math.sqrt(v) + 1e-8), 5);
    });
    expect(again.count).toBe(2);
  });

  it("weighs the pairs of an odd population by the ranks of all, its mean among them", () => {
    const strategy = strategyOf({ sigma: 0.1 }, 5);
    const [first, second] = [drawn(3, 0, 0), drawn(3, 0, 1)];
    // Ranks 4, 0, 1, 3 and the mean's 2: weights 1/2, -1/2, -1/4, 1/4.
    const updated = strategy.tell(strategy.init(new Float32Array(3)), 0, [9, 1, 2, 4, 3], 0.05);
    for (let i = 0; i < 3; i++) {
      expect(updated.tensors.mean[i]).toBeCloseTo((0.1 * (first[i] - 0.5 * second[i])) / (5 * 0.1), 6);
    }
  });

  it("estimates the gradient of a quadratic function, the better the larger the population", () => {
    const size = 200;
    const centre = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const curvature = Float32Array.from({ length: size }, (_, i) => 1 + (i % 3));
    const loss = (x: Float32Array) =>
      x.reduce((sum, value, i) => sum + 0.5 * curvature[i] * (value - centre[i]) ** 2, 0);
    const gradient = centre.map((value, i) => -curvature[i] * value);
    const cosineOf = (population: number, generation: number) => {
      const strategy = strategyOf({ sigma: 0.01 }, population);
      const state = strategy.init(new Float32Array(size));
      const losses = Array.from({ length: population }, (_, i) => loss(strategy.ask(state, generation, i)));
      // Adam's running mean, after one update, is a tenth of the estimate.
      const estimate = strategy.tell(state, generation, losses, 1).tensors.mean;
      const dot = estimate.reduce((sum, value, i) => sum + value * gradient[i], 0);
      return dot / norm(estimate) / norm(gradient);
    };
    for (const pairs of [50, 200, 800]) {
      const cosines = Array.from({ length: 8 }, (_, generation) => cosineOf(2 * pairs, generation));
      const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
      // n / (n + d) is the square of the cosine of n random directions of d, weighted by the loss along each; ranks
      // instead of losses are worth 3 / pi of the directions. The mean of eight strays by 0.02.
      const n = (pairs * 3) / Math.PI;
      expect(Math.abs(mean - Math.sqrt(n / (n + size)))).toBeLessThan(0.06);
    }
  });

  it("takes a course of sigma", () => {
    const strategy = strategyOf({ sigma: 1, sigmaSchedule: { kind: "linear", final: 0.5 } }, 2, 10);
    const state = strategy.init(new Float32Array(1));
    const [noise] = drawn(1, 5, 0);
    expect(strategy.ask(state, 5, 0)[0]).toBeCloseTo(0.75 * noise, 6);
    // In the estimate, too: weights 1/2 and -1/2, over a population of 2.
    expect(strategy.tell(state, 5, [2, 1], 1).tensors.mean[0]).toBeCloseTo((0.1 * noise) / (2 * 0.75), 6);
  });
});
