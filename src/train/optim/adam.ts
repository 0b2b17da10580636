import * as z from "zod/mini";
import { powerOf } from "../../math.ts";
import { withDefault } from "../../config/fields.ts";
import type { Optimizer } from "./optimizer.ts";

/** Schema of the decay of a running mean. */
export const decay = z.number().check(z.minimum(0), z.lt(1));

export const adamSchema = z.strictObject({
  kind: z.literal("adam"),
  beta1: withDefault(decay, 0.9),
  beta2: withDefault(decay, 0.999),
  epsilon: withDefault(z.number().check(z.gt(0)), 1e-8),
});

/**
 * Adam with bias correction: p -= learningRate * m' / (sqrt(v') + epsilon), where m' and v' are the corrected
 * running means of the gradient and of its square.
 *
 * Source: D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
 */
export function adam({ beta1, beta2, epsilon }: Omit<z.infer<typeof adamSchema>, "kind">): Optimizer {
  return {
    init(table) {
      const size = table.reduce((sum, entry) => sum + entry.size, 0);
      return { count: 0, tensors: { mean: new Float32Array(size), square: new Float32Array(size) } };
    },
    update(_table, parameters, gradient, state, learningRate, spare) {
      const count = state.count + 1;
      const mean = spare?.state.tensors.mean ?? new Float32Array(parameters.length);
      const square = spare?.state.tensors.square ?? new Float32Array(parameters.length);
      const updated = spare?.parameters ?? new Float32Array(parameters.length);
      const { mean: meanBefore, square: squareBefore } = state.tensors;
      const step = learningRate / (1 - powerOf(beta1, count));
      const scale = 1 / Math.sqrt(1 - powerOf(beta2, count));
      for (let i = 0; i < parameters.length; i++) {
        const g = gradient[i];
        mean[i] = beta1 * meanBefore[i] + (1 - beta1) * g;
        square[i] = beta2 * squareBefore[i] + (1 - beta2) * g * g;
        updated[i] = parameters[i] - (step * mean[i]) / (Math.sqrt(square[i]) * scale + epsilon);
      }
      return { parameters: updated, state: { count, tensors: { mean, square } } };
    },
  };
}
