import * as z from "zod/mini";
import { between, positive, withDefault } from "../../config/fields.ts";
import { clipUp } from "./clipUp.ts";
import { fillNormal } from "../../noise.ts";
import { centredRanks } from "./ranks.ts";
import type { SearchSettings, Strategy } from "./strategy.ts";

export const pgpeSchema = z.strictObject({
  kind: z.literal("pgpe"),
  /** Standard deviation of every parameter at first. */
  sigma: withDefault(positive, 0.02),
  /** Length of a step of the mean before momentum adds to it. */
  learningRate: withDefault(positive, 0.15),
  /** Rate at which standard deviations follow their gradient. */
  sigmaLearningRate: withDefault(between(0, 10), 0.1),
  /** Largest change of a standard deviation in a generation, as a fraction of it. */
  sigmaMaxChange: withDefault(between(0, 0.99), 0.2),
  /** Part of the mean's step that stays in the next. */
  momentum: withDefault(between(0, 0.999), 0.9),
  /** Largest step of the mean, in learning rates. */
  maxSpeed: withDefault(positive, 2),
});

/**
 * PGPE with symmetric sampling: members mirrored in pairs; the mean moves by ClipUp, each parameter's standard deviation
 * by its own gradient. Losses count as centred ranks, whose mean of 0 is the baseline. Where the population is odd, the
 * last member is the mean itself; one alone has no order to learn from, and the search stays.
 *
 * Source: F. Sehnke et al., "Parameter-exploring policy gradients", Neural Networks 23, 2010; Toklu et al., 2020
 * (`clipUp.ts`).
 */
export function pgpe(
  settings: Omit<z.infer<typeof pgpeSchema>, "kind">,
  { population, seed }: SearchSettings,
): Strategy {
  const pairs = Math.floor(population / 2);
  const { sigmaLearningRate, sigmaMaxChange } = settings;
  return {
    asks: ["sigma"],
    init: (mean) => ({
      mean: mean.slice(),
      count: 0,
      tensors: {
        sigma: new Float32Array(mean.length).fill(settings.sigma),
        velocity: new Float32Array(mean.length),
      },
    }),
    ask({ mean, tensors: { sigma } }, generation, member) {
      const pair = member >> 1;
      if (pair === pairs) return mean.slice();
      const out = new Float32Array(mean.length);
      fillNormal(out, seed, generation, pair);
      const sign = member % 2 === 0 ? 1 : -1;
      for (let i = 0; i < out.length; i++) out[i] = mean[i] + sign * sigma[i] * out[i];
      return out;
    },
    tell({ mean, count, tensors: { sigma, velocity } }, generation, losses, learningRate) {
      const ranks = centredRanks(losses);
      const noise = new Float32Array(mean.length);
      const toMean = new Float64Array(mean.length);
      const toSigma = new Float64Array(mean.length);
      for (let pair = 0; pair < pairs; pair++) {
        const [up, down] = [ranks[2 * pair], ranks[2 * pair + 1]];
        const difference = (up - down) / 2 / pairs;
        const height = (up + down) / 2 / pairs;
        fillNormal(noise, seed, generation, pair);
        for (let i = 0; i < noise.length; i++) {
          const value = noise[i];
          toMean[i] += difference * value;
          toSigma[i] += height * (value * value - 1);
        }
      }
      const gradient = toMean.map((value, i) => sigma[i] * value);
      const moved = clipUp(velocity, gradient, learningRate, settings);
      return {
        mean: mean.map((value, i) => value - moved[i]),
        count: count + 1,
        tensors: {
          velocity: moved,
          sigma: sigma.map((value, i) => {
            const change = -sigmaLearningRate * toSigma[i];
            return value * (1 + Math.min(sigmaMaxChange, Math.max(-sigmaMaxChange, change)));
          }),
        },
      };
    },
  };
}
