/** What is done to a gradient before the optimiser sees it. Norms are summed in double precision. */
import type { ParameterEntry } from "../../rule/parameters.ts";
import { BLOCK, kernels } from "./kernels.ts";

/** Euclidean norm of `values[from..to)`. */
export function norm(values: ArrayLike<number>, from = 0, to = values.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

/** Whether all numbers are finite. */
export function allFinite(values: ArrayLike<number>): boolean {
  // Of a number beyond bounds, 0 times it is NaN, and so is whatever it is added to. Four sums need not wait for each other.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += 0 * values[i];
    b += 0 * values[i + 1];
    c += 0 * values[i + 2];
    d += 0 * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += 0 * values[i];
  return a + b + c + d === 0;
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

/**
 * Shortens a gradient of norm `length` that is longer than `limit` to that norm, in its place (Pascanu et al., 2013).
 * @returns it.
 */
export function clipByGlobalNorm(gradient: Float32Array, limit: number, length: number): Float32Array {
  if (!(length > limit)) return gradient;
  const { memory, shorten } = kernels(4 * BLOCK);
  const values = new Float32Array(memory.buffer, 0, BLOCK);
  for (let from = 0; from < gradient.length; from += BLOCK) {
    const block = gradient.subarray(from, from + BLOCK);
    values.set(block);
    shorten(0, (block.length + 3) & ~3, length, limit);
    block.set(values.subarray(0, block.length));
  }
  return gradient;
}
