import * as z from "zod/mini";
import { powerOf } from "../math.ts";
import type { ParameterEntry } from "../rule/parameters.ts";
import { decay } from "./adam.ts";
import { whole, withDefault } from "./fields.ts";
import { identity, multiply, orthonormalize, transpose } from "./matrix.ts";
import type { Optimizer } from "./optimizer.ts";

export const soapSchema = z.strictObject({
  kind: z.literal("soap"),
  beta1: withDefault(decay, 0.9),
  beta2: withDefault(decay, 0.95),
  /** Decay of the running means that the bases are taken from. */
  shampooBeta: withDefault(decay, 0.95),
  epsilon: withDefault(z.number().check(z.gt(0)), 1e-8),
  /** Updates between two looks at the bases. */
  frequency: withDefault(whole(1, 1e4), 10),
});

type Soap = Omit<z.infer<typeof soapSchema>, "kind">;

function matrices(table: readonly ParameterEntry[]): ParameterEntry[] {
  return table.filter(({ shape }) => shape.length === 2);
}

/**
 * SOAP: Adam in the eigenbases of Shampoo's two preconditioners, for weight matrices; plain Adam for biases. With
 * L and R the running means of G G' and G' G, and their eigenvectors as columns of Q_L and Q_R, the moments of
 * Q_L' G Q_R make Adam's update, which is turned back. The eigenvectors follow by one step of orthogonal iteration
 * every `frequency` updates. Cheap here: the matrices of an automaton are about 48 x 128 and 128 x 16.
 *
 * Source: N. Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024, algorithm 3.
 */
export function soap({ beta1, beta2, shampooBeta, epsilon, frequency }: Soap): Optimizer {
  return {
    init(table) {
      const size = table.reduce((sum, entry) => sum + entry.size, 0);
      const tensors: Record<string, Float32Array> = {
        mean: new Float32Array(size),
        square: new Float32Array(size),
      };
      for (const { name, shape } of matrices(table)) {
        const [rows, columns] = shape;
        tensors[`${name}.left`] = new Float32Array(rows * rows);
        tensors[`${name}.right`] = new Float32Array(columns * columns);
        tensors[`${name}.leftBasis`] = identity(rows);
        tensors[`${name}.rightBasis`] = identity(columns);
      }
      return { count: 0, tensors };
    },
    update(table, parameters, gradient, state, learningRate) {
      const count = state.count + 1;
      const mean = new Float32Array(parameters.length);
      const square = new Float32Array(parameters.length);
      const updated = new Float32Array(parameters.length);
      const tensors: Record<string, Float32Array> = { mean, square };
      const meanCorrection = 1 - powerOf(beta1, count);
      const squareCorrection = 1 - powerOf(beta2, count);
      for (let i = 0; i < mean.length; i++) {
        mean[i] = beta1 * state.tensors.mean[i] + (1 - beta1) * gradient[i];
      }
      for (const { name, shape, offset, size } of table) {
        const part = (flat: Float32Array) => flat.subarray(offset, offset + size);
        const [rows, columns] = shape;
        const basis =
          shape.length === 2
            ? { left: state.tensors[`${name}.leftBasis`], right: state.tensors[`${name}.rightBasis`] }
            : undefined;
        const turned = (g: Float32Array) =>
          basis
            ? multiply(
                multiply(transpose(basis.left, rows, rows), g, rows, rows, columns),
                basis.right,
                rows,
                columns,
                columns,
              )
            : g;
        const g = turned(part(gradient));
        const m = turned(part(mean));
        const direction = new Float32Array(size);
        for (let i = 0; i < size; i++) {
          const s = beta2 * state.tensors.square[offset + i] + (1 - beta2) * g[i] * g[i];
          square[offset + i] = s;
          direction[i] = m[i] / meanCorrection / (Math.sqrt(s / squareCorrection) + epsilon);
        }
        const step = basis
          ? multiply(
              multiply(basis.left, direction, rows, rows, columns),
              transpose(basis.right, columns, columns),
              rows,
              columns,
              columns,
            )
          : direction;
        for (let i = 0; i < size; i++) updated[offset + i] = parameters[offset + i] - learningRate * step[i];
        if (!basis) continue;
        const raw = part(gradient);
        const rawTransposed = transpose(raw, rows, columns);
        const follow = (key: string, outer: Float32Array) => {
          const before = state.tensors[key];
          return before.map((value, i) => shampooBeta * value + (1 - shampooBeta) * outer[i]);
        };
        const left = follow(`${name}.left`, multiply(raw, rawTransposed, rows, columns, rows));
        const right = follow(`${name}.right`, multiply(rawTransposed, raw, columns, rows, columns));
        const refresh = count === 1 || count % frequency === 0;
        const improved = (covariance: Float32Array, q: Float32Array, n: number) =>
          refresh ? orthonormalize(multiply(covariance, q, n, n, n), n) : q;
        tensors[`${name}.left`] = left;
        tensors[`${name}.right`] = right;
        tensors[`${name}.leftBasis`] = improved(left, basis.left, rows);
        tensors[`${name}.rightBasis`] = improved(right, basis.right, columns);
      }
      return { parameters: updated, state: { count, tensors } };
    },
  };
}
