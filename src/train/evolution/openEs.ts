import * as z from "zod/mini";
import type { ParameterEntry } from "../../rule/parameters.ts";
import { adam, adamSchema } from "../optim/adam.ts";
import { between, positive, withDefault } from "../../config/fields.ts";
import { learningRateAt, scheduleSchema } from "../optim/schedule.ts";
import { fillNormal } from "../../noise.ts";
import { centredRanks } from "./ranks.ts";
import type { SearchSettings, Strategy } from "./strategy.ts";

export const openEsSchema = z.strictObject({
  kind: z.literal("open-es"),
  /** Standard deviation of the members' parameters. */
  sigma: withDefault(positive, 0.01),
  /** Its course over the generations, as of a learning rate. */
  sigmaSchedule: withDefault(scheduleSchema, { kind: "constant" }),
  /** Peak step of the optimiser. */
  learningRate: withDefault(positive, 0.01),
  /** Added to the estimated gradient: so much of each parameter. */
  weightDecay: withDefault(between(0, 1), 0),
  /** Adam's running means. */
  optimizer: withDefault(z.omit(adamSchema, { kind: true }), { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
});

/** Below this, a member is its centre in float32. */
const MIN_SIGMA = 1e-12;

/**
 * OpenES: members mirrored in pairs, mean + sigma * noise and mean - sigma * noise; losses shaped to centred ranks w;
 * Adam along the estimated gradient, the sum of w * noise over the members divided by population * sigma. Where the
 * population is odd, the last member is the mean itself. One alone has no order to learn from: only weight decay moves it.
 *
 * Source: T. Salimans, J. Ho, X. Chen, S. Sidor and I. Sutskever, "Evolution Strategies as a Scalable Alternative to
 * Reinforcement Learning", 2017; scaled as Open_ES of https://github.com/RobertTLange/evosax.
 */
export function openEs(
  settings: Omit<z.infer<typeof openEsSchema>, "kind">,
  { population, seed, generations }: SearchSettings,
): Strategy {
  const optimizer = adam(settings.optimizer);
  const sigmaAt = (generation: number) =>
    learningRateAt(
      { learningRate: settings.sigma, schedule: settings.sigmaSchedule, warmup: 0, steps: generations },
      generation,
    );
  const pairs = Math.floor(population / 2);
  return {
    asks: [],
    init(mean) {
      const { count, tensors } = optimizer.init(tableOf(mean.length));
      return { mean: mean.slice(), count, tensors };
    },
    ask({ mean }, generation, member) {
      const pair = member >> 1;
      if (pair === pairs) return mean.slice();
      const out = new Float32Array(mean.length);
      fillNormal(out, seed, generation, pair);
      const scale = member % 2 === 0 ? sigmaAt(generation) : -sigmaAt(generation);
      for (let i = 0; i < out.length; i++) out[i] = mean[i] + scale * out[i];
      return out;
    },
    tell({ mean, count, tensors }, generation, losses, learningRate) {
      const sigma = sigmaAt(generation);
      // Without noise there is nothing to learn.
      if (sigma < MIN_SIGMA) return { mean, count, tensors };
      const weights = centredRanks(losses);
      const noise = new Float32Array(mean.length);
      const sum = new Float64Array(mean.length);
      for (let pair = 0; pair < pairs; pair++) {
        const weight = weights[2 * pair] - weights[2 * pair + 1];
        if (weight === 0) continue;
        fillNormal(noise, seed, generation, pair);
        for (let i = 0; i < sum.length; i++) sum[i] += weight * noise[i];
      }
      const scale = 1 / (population * sigma);
      const gradient = Float32Array.from(sum, (value, i) => scale * value + settings.weightDecay * mean[i]);
      const updated = optimizer.update(
        tableOf(mean.length),
        mean,
        gradient,
        { count, tensors },
        learningRate,
      );
      return { mean: updated.parameters, ...updated.state };
    },
  };
}

function tableOf(size: number): ParameterEntry[] {
  return [{ name: "mean", shape: [size], offset: 0, size }];
}
