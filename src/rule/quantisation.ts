/** Weights in 8 bits, or less: whole numbers from -127 to 127, and a scale for each output unit. */
import { type ParameterEntry, parameterTable } from "./parameters.ts";
import type { Rule } from "./rule.ts";

/** Largest value: both signs have the same. */
export const STEPS = 127;

/** A tensor: `values` in its own order, and a scale for each output unit, its last dimension. A bias is exact but for rounding. */
export type QuantisedTensor = Readonly<{ values: Int8Array; scales: Float32Array }>;

/** Output units of a tensor, and so the number of its scales. */
export function unitsOf({ shape }: Pick<ParameterEntry, "shape">): number {
  return shape[shape.length - 1];
}

/**
 * Each tensor of a rule's parameters, with a scale for each output unit: of four trained models, three lost least by it in
 * what grows, and one by a scale for the whole tensor.
 *
 * @param steps largest value: 127, or less for numbers that compress better.
 */
export function quantise(rule: Rule, parameters: Float32Array, steps: number = STEPS): QuantisedTensor[] {
  return parameterTable(rule).map((entry) => {
    const units = unitsOf(entry);
    const numbers = parameters.subarray(entry.offset, entry.offset + entry.size);
    const scales = new Float32Array(units);
    for (const [i, value] of numbers.entries()) {
      scales[i % units] = Math.max(scales[i % units], Math.abs(value) / steps);
    }
    const values = Int8Array.from(numbers, (value, i) => {
      const scale = scales[i % units];
      return scale > 0 ? Math.round(value / scale) : 0;
    });
    return { values, scales };
  });
}

/** The parameters of quantised tensors, in the table's order. */
export function dequantise(tensors: readonly QuantisedTensor[]): Float32Array {
  const flat = new Float32Array(tensors.reduce((sum, { values }) => sum + values.length, 0));
  let offset = 0;
  for (const { values, scales } of tensors) {
    for (const [i, value] of values.entries()) flat[offset + i] = value * scales[i % scales.length];
    offset += values.length;
  }
  return flat;
}
