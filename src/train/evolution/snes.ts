import * as z from "zod/mini";
import { exponential, logarithm } from "../../math.ts";
import { between, positive, withDefault } from "../../config/fields.ts";
import { fillNormal } from "../../noise.ts";
import { utilities } from "./ranks.ts";
import type { SearchSettings, Strategy } from "./strategy.ts";

export const snesSchema = z.strictObject({
  kind: z.literal("snes"),
  /** Standard deviation of every parameter at first. */
  sigma: withDefault(positive, 0.02),
  /** Of the mean; the paper's 1 takes the whole natural gradient. */
  learningRate: withDefault(positive, 1),
  /** Of the standard deviations; null: (3 + log d) / (5 sqrt(d)) for d parameters. */
  sigmaLearningRate: withDefault(z.nullable(between(0, 10)), null),
});

/**
 * Separable natural evolution strategy: independent members with a standard deviation for each parameter, both moved
 * along the natural gradient of the losses' utilities. One member alone is the mean itself; it has no order to learn from, and the search stays.
 *
 * Source: T. Schaul, T. Glasmachers and J. Schmidhuber, "High Dimensions and Heavy Tails for Natural Evolution
 * Strategies", GECCO 2011.
 */
export function snes(
  settings: Omit<z.infer<typeof snesSchema>, "kind">,
  { population, seed }: SearchSettings,
): Strategy {
  return {
    asks: ["sigma"],
    init: (mean) => ({
      mean: mean.slice(),
      count: 0,
      tensors: { sigma: new Float32Array(mean.length).fill(settings.sigma) },
    }),
    ask({ mean, tensors: { sigma } }, generation, member) {
      if (population === 1) return mean.slice();
      const out = new Float32Array(mean.length);
      fillNormal(out, seed, generation, member);
      for (let i = 0; i < out.length; i++) out[i] = mean[i] + sigma[i] * out[i];
      return out;
    },
    tell({ mean, count, tensors: { sigma } }, generation, losses, learningRate) {
      const size = mean.length;
      const sigmaRate = settings.sigmaLearningRate ?? (3 + logarithm(size)) / (5 * Math.sqrt(size));
      const worth = utilities(losses);
      const noise = new Float32Array(size);
      const toMean = new Float64Array(size);
      const toSigma = new Float64Array(size);
      for (let member = 0; member < population; member++) {
        if (worth[member] === 0) continue;
        fillNormal(noise, seed, generation, member);
        for (let i = 0; i < size; i++) {
          const value = noise[i];
          toMean[i] += worth[member] * value;
          toSigma[i] += worth[member] * (value * value - 1);
        }
      }
      return {
        mean: mean.map((value, i) => value + learningRate * sigma[i] * toMean[i]),
        count: count + 1,
        tensors: { sigma: sigma.map((value, i) => value * exponential((sigmaRate / 2) * toSigma[i])) },
      };
    },
  };
}
