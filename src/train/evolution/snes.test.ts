import { describe, expect, it } from "vitest";
import { fillNormal } from "../../noise.ts";
import { snes, snesSchema } from "./snes.ts";
import type { Strategy } from "./strategy.ts";

const SEED = 3;
const strategyOf = (settings: object, population: number): Strategy =>
  snes(snesSchema.parse({ kind: "snes", ...settings }), { population, seed: SEED, generations: 1000 });

function drawn(generation: number, member: number): Float32Array {
  const noise = new Float32Array(3);
  fillNormal(noise, SEED, generation, member);
  return noise;
}

describe("snes", () => {
  const mean = Float32Array.of(1, -2, 0.5);
  const sigma = Float32Array.of(0.1, 0.2, 0.4);
  const losses = [9, 8, 1, 3];
  const noise = [0, 1, 2, 3].map((member) => drawn(7, member));
  // Of the first and second of four, log 3 and log 3/2 by their sum; of all, less a quarter.
  const total = Math.log(3) + Math.log(1.5);
  const worth = [-0.25, -0.25, Math.log(3) / total - 0.25, Math.log(1.5) / total - 0.25];
  const along = (value: (noise: number) => number, i: number) =>
    worth.reduce((sum, own, member) => sum + own * value(noise[member][i]), 0);

  it.each([
    ["the paper's rate", {}, (3 + Math.log(3)) / (5 * Math.sqrt(3))],
    ["a rate of its own", { sigmaLearningRate: 0.3 }, 0.3],
  ])("makes the update that one makes by hand, at %s", (_name, settings, rate) => {
    const strategy = strategyOf(settings, 4);
    const state = { ...strategy.init(mean), tensors: { sigma } };
    for (let i = 0; i < 3; i++) {
      expect([0, 1, 2, 3].map((member) => strategy.ask(state, 7, member)[i])).toEqual(
        noise.map((own) => Math.fround(mean[i] + sigma[i] * own[i])),
      );
    }
    const updated = strategy.tell(state, 7, losses, 0.5);
    for (let i = 0; i < 3; i++) {
      // Single precision, of numbers up to 2.
      expect(updated.mean[i]).toBeCloseTo(mean[i] + 0.5 * sigma[i] * along((z) => z, i), 6);
      const spread = along((z) => z * z - 1, i);
      expect(updated.tensors.sigma[i]).toBeCloseTo(sigma[i] * Math.exp((rate / 2) * spread), 7);
    }
    expect(updated.count).toBe(1);
  });
});
