/** What is done to a gradient before the optimiser sees it. Norms are summed in double precision. */
import type { ParameterEntry } from "../rule/parameters.ts";

/** Euclidean norm of `values[from..to)`. */
export function norm(values: ArrayLike<number>, from = 0, to = values.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

/** Whether all numbers are finite. */
export function allFinite(values: ArrayLike<number>): boolean {
  // Of a number beyond bounds, 0 times it is NaN, and so is whatever it is added to.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i];
  return sum === 0;
}

/** Each tensor divided by its norm, g / (|g| + 1e-8) (Mordvintsev et al., Distill 2020). A new array. */
export function normalizePerTensor(table: readonly ParameterEntry[], gradient: Float32Array): Float32Array {
  const result = new Float32Array(gradient.length);
  for (const { offset, size } of table) {
    const scale = norm(gradient, offset, offset + size) + 1e-8;
    for (let i = offset; i < offset + size; i++) result[i] = gradient[i] / scale;
  }
  return result;
}

/** The gradient, scaled down to norm `limit` where it is longer (Pascanu et al., 2013). A new array. */
export function clipByGlobalNorm(gradient: Float32Array, limit: number): Float32Array {
  const length = norm(gradient);
  if (!(length > limit)) return gradient.slice();
  const clipped = new Float32Array(gradient.length);
  for (let i = 0; i < gradient.length; i++) clipped[i] = (gradient[i] / length) * limit;
  return clipped;
}
