import * as z from "zod/mini";
import { powerOf } from "../../math.ts";
import { decay } from "./adam.ts";
import { whole, withDefault } from "../../config/fields.ts";
import type { Optimizer } from "./optimizer.ts";
import { orthogonalized } from "./orthogonalize.ts";

export const muonSchema = z.strictObject({
  kind: z.literal("muon"),
  momentum: withDefault(decay, 0.95),
  /** Newton-Schulz iterations. Three do as well as the usual five here, and take less time. */
  iterations: withDefault(whole(1, 20), 3),
  /** Root mean square of a matrix update of learning rate 1. */
  scale: withDefault(z.number().check(z.gt(0)), 0.2),
  /** Matrices whose sides are both longer go by Adam: their iterations would take longer than all else. */
  largest: withDefault(whole(1, 1 << 16), 512),
  beta2: withDefault(decay, 0.95),
  epsilon: withDefault(z.number().check(z.gt(0)), 1e-8),
});

type Muon = Omit<z.infer<typeof muonSchema>, "kind">;

/**
 * Muon: for weights (rows, columns), p -= learningRate * scale * sqrt(max(rows, columns)) * O, where O is the Nesterov
 * momentum of the gradient with its singular values made alike; for biases and what is no matrix, Adam. Next to a rollout
 * it costs little, since the matrices of an automaton are as small as 48 x 128.
 *
 * Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; the scale of the update
 * from J. Liu et al., "Muon is Scalable for LLM Training", 2025.
 */
export function muon({ momentum, iterations, scale, largest, beta2, epsilon }: Muon): Optimizer {
  return {
    init(table) {
      const size = table.reduce((sum, entry) => sum + entry.size, 0);
      return { count: 0, tensors: { mean: new Float32Array(size), square: new Float32Array(size) } };
    },
    update(table, parameters, gradient, state, learningRate) {
      const count = state.count + 1;
      const mean = new Float32Array(parameters.length);
      const square = new Float32Array(parameters.length);
      for (let i = 0; i < parameters.length; i++) {
        mean[i] = momentum * state.tensors.mean[i] + (1 - momentum) * gradient[i];
        square[i] = beta2 * state.tensors.square[i] + (1 - beta2) * gradient[i] * gradient[i];
      }
      const updated = parameters.slice();
      for (const { shape, offset, size } of table) {
        if (shape.length === 2 && Math.min(...shape) <= largest) {
          const [rows, columns] = shape;
          const direction = new Float32Array(size);
          for (let i = 0; i < size; i++) {
            direction[i] = (1 - momentum) * gradient[offset + i] + momentum * mean[offset + i];
          }
          const step = orthogonalized(direction, rows, columns, iterations);
          const factor = learningRate * scale * Math.sqrt(Math.max(rows, columns));
          for (let i = 0; i < size; i++) updated[offset + i] -= factor * step[i];
        } else {
          const meanCorrection = 1 - powerOf(momentum, count);
          const squareCorrection = 1 - powerOf(beta2, count);
          for (let i = offset; i < offset + size; i++) {
            updated[i] -=
              (learningRate * (mean[i] / meanCorrection)) /
              (Math.sqrt(square[i] / squareCorrection) + epsilon);
          }
        }
      }
      return { parameters: updated, state: { count, tensors: { mean, square } } };
    },
  };
}
