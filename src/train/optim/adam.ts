import * as z from "zod/mini";
import { powerOf } from "../../math.ts";
import { withDefault } from "../../config/fields.ts";
import { BLOCK, kernels } from "./kernels.ts";
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
      // Arrays of the memory, one after the other: so much of each as is computed at once.
      const stride = 4 * BLOCK;
      const optim = kernels(4 * stride);
      const arrays = [0, 1, 2, 3].map((i) => new Float32Array(optim.memory.buffer, i * stride, BLOCK));
      const [p, g, m, v] = arrays;
      let finite = true;
      for (let from = 0; from < parameters.length; from += BLOCK) {
        const to = Math.min(from + BLOCK, parameters.length);
        p.set(parameters.subarray(from, to));
        g.set(gradient.subarray(from, to));
        m.set(meanBefore.subarray(from, to));
        v.set(squareBefore.subarray(from, to));
        const padded = (to - from + 3) & ~3;
        for (const array of arrays) array.fill(0, to - from, padded);
        if (optim.adam(0, stride, padded, beta1, beta2, step, scale, epsilon) === 0) finite = false;
        updated.set(p.subarray(0, to - from), from);
        mean.set(m.subarray(0, to - from), from);
        square.set(v.subarray(0, to - from), from);
      }
      return { parameters: updated, state: { count, tensors: { mean, square } }, finite };
    },
  };
}
