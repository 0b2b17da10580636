// How `bench/gpu.mjs` finds out whether two sides computed the same.
import { TOLERANCE } from "../../dist/cli/bench/check.js";
import { parameterTable } from "../../dist/rule/parameters.js";

/** Products on matrix units keep 10 bits of each factor's mantissa, and a rollout passes that on. */
export const TF32_TOLERANCE = 1e-2;

/**
 * Largest difference between two outcomes (states, and the gradient in the parameters of a rule), in units of the largest
 * number of the tensor it occurs in. @throws Error where it exceeds the tolerance.
 */
export function verifyOutcome(actual, expected, rule, who, tolerance = TOLERANCE) {
  const tensors = ({ states, gradient }) => [
    ...states,
    ...parameterTable(rule).map(({ offset, size }) => gradient.subarray(offset, offset + size)),
  ];
  const others = tensors(expected);
  return within(Math.max(...tensors(actual).map((own, i) => farthest(own, others[i]))), tolerance, who);
}

export function within(deviation, tolerance, who) {
  if (deviation <= tolerance) return deviation;
  throw new Error(`${who} deviates by ${deviation.toExponential(1)}; at most ${tolerance} is allowed`);
}

/** Largest difference of two arrays, in units of the largest number of the second; NaN where lengths differ. */
export function farthest(actual, expected) {
  let [scale, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  }
  return actual.length === expected.length ? largest / scale : NaN;
}
