/**
 * Trained numbers: one flat buffer, and one table of names and shapes that everything else (files, optimisers,
 * engines) reads it by.
 */
import { STREAM, uniform } from "../random.ts";
import { featureCount, perceiveKind } from "./parts/perceive.ts";
import type { Rule } from "./rule.ts";

/** A named part of a flat parameter buffer. A rule's weight has shape [in, out], row-major; a bias [out]. */
export type ParameterEntry = Readonly<{
  name: string;
  shape: readonly number[];
  offset: number;
  size: number;
}>;

/** Sizes of the layers' ends: perception with input, hidden layers, channels. */
export function layerSizes(rule: Rule): number[] {
  return [featureCount(rule), ...rule.hidden, rule.channels];
}

/** The table of tensors that lie one after the other. */
export function layoutTable(
  tensors: readonly Readonly<{ name: string; shape: readonly number[] }>[],
): ParameterEntry[] {
  let offset = 0;
  return tensors.map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const entry = { name, shape, offset, size };
    offset += size;
    return entry;
  });
}

/**
 * The table of a rule's parameters: those of its perception, where that is trained (`parts/perceive.ts`), then
 * `update.N.weight`, `update.N.bias`, in order.
 *
 * @example
 * ```ts
 * import { initialParameters, parameterTable, parameterViews, rulePresets } from "neoblast";
 *
 * const rule = rulePresets.distill;
 * for (const { name, shape } of parameterTable(rule)) console.log(name, shape);
 * // update.0.weight [ 48, 128 ]
 * // update.0.bias [ 128 ]
 * // update.1.weight [ 128, 16 ]
 * // update.1.bias [ 16 ]
 * const views = parameterViews(rule, initialParameters(rule, 0));
 * console.log(views["update.1.bias"].length); // 16
 * ```
 */
export function parameterTable(rule: Rule): ParameterEntry[] {
  const sizes = layerSizes(rule);
  return layoutTable([
    ...perceiveKind(rule).tensors(rule),
    ...sizes.slice(1).flatMap((out, layer) => {
      const weight = { name: `update.${layer}.weight`, shape: [sizes[layer], out] };
      const last = layer + 2 === sizes.length;
      return last && !rule.outputBias ? [weight] : [weight, { name: `update.${layer}.bias`, shape: [out] }];
    }),
  ]);
}

/** The part of {@link parameterTable} that is the network's: a weight for each layer, and its bias after it. */
export function networkTable(rule: Rule): ParameterEntry[] {
  return parameterTable(rule).slice(perceiveKind(rule).tensors(rule).length);
}

/** Length of the flat buffer that a table describes. */
export function tableSize(table: readonly ParameterEntry[]): number {
  return table.reduce((sum, { size }) => sum + size, 0);
}

/** Length of a rule's flat parameter buffer. */
export function parameterCount(rule: Rule): number {
  return tableSize(parameterTable(rule));
}

/** Views of the named parts of a flat buffer (a gradient, a moment, the parameters themselves). */
export function parameterViews(rule: Rule, flat: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(
    parameterTable(rule).map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]),
  );
}

/**
 * Fresh parameters: what is trained of a perception begins as its kind says; hidden weights uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio, 2010), everything else
 * zero, so that the untrained automaton stands still.
 */
export function initialParameters(rule: Rule, seed: number): Float32Array {
  const flat = new Float32Array(parameterCount(rule));
  const table = parameterTable(rule);
  const kind = perceiveKind(rule);
  const perceived = kind.tensors(rule).length;
  const lastWeight = table.findLast(({ shape }) => shape.length === 2);
  table.forEach((entry, index) => {
    if (index < perceived) {
      const tensor = flat.subarray(entry.offset, entry.offset + entry.size);
      kind.begin(rule, tensor, (i) => uniform(seed, STREAM.parameters, index, i), entry.name);
      return;
    }
    if (entry.shape.length !== 2 || entry === lastWeight) return;
    const bound = Math.sqrt(6 / (entry.shape[0] + entry.shape[1]));
    for (let i = 0; i < entry.size; i++) {
      flat[entry.offset + i] = bound * (2 * uniform(seed, STREAM.parameters, index, i) - 1);
    }
  });
  return flat;
}
