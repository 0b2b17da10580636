/**
 * Trained numbers: one flat buffer, and one table of names and shapes that everything else (files, optimisers,
 * engines) reads it by.
 */
import { STREAM, uniform } from "../random.ts";
import type { Rule } from "./rule.ts";

/** A named part of the flat parameter buffer. A weight has shape [in, out], row-major; a bias [out]. */
export type ParameterEntry = Readonly<{
  name: string;
  shape: readonly number[];
  offset: number;
  size: number;
}>;

/** Sizes of the layers' ends: perception with input, hidden layers, channels. */
export function layerSizes(rule: Rule): number[] {
  return [rule.channels * rule.kernels.length + rule.inputSize, ...rule.hidden, rule.channels];
}

/** The table of a rule's parameters: `update.N.weight`, `update.N.bias`, in order. */
export function parameterTable(rule: Rule): ParameterEntry[] {
  const sizes = layerSizes(rule);
  const table: ParameterEntry[] = [];
  let offset = 0;
  const add = (name: string, shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    table.push({ name, shape, offset, size });
    offset += size;
  };
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    add(`update.${layer}.weight`, [sizes[layer], sizes[layer + 1]]);
    const last = layer + 2 === sizes.length;
    if (!last || rule.outputBias) add(`update.${layer}.bias`, [sizes[layer + 1]]);
  }
  return table;
}

/** Length of the flat parameter buffer. */
export function parameterCount(rule: Rule): number {
  return parameterTable(rule).reduce((sum, { size }) => sum + size, 0);
}

/** Views of the named parts of a flat buffer (a gradient, a moment, the parameters themselves). */
export function parameterViews(rule: Rule, flat: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(
    parameterTable(rule).map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]),
  );
}

/**
 * Fresh parameters: hidden weights uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio, 2010), everything else
 * zero, so that the untrained automaton stands still.
 */
export function initialParameters(rule: Rule, seed: number): Float32Array {
  const flat = new Float32Array(parameterCount(rule));
  const table = parameterTable(rule);
  const lastWeight = table.findLast(({ shape }) => shape.length === 2);
  table.forEach((entry, index) => {
    if (entry.shape.length !== 2 || entry === lastWeight) return;
    const bound = Math.sqrt(6 / (entry.shape[0] + entry.shape[1]));
    for (let i = 0; i < entry.size; i++) {
      flat[entry.offset + i] = bound * (2 * uniform(seed, STREAM.parameters, index, i) - 1);
    }
  });
  return flat;
}
