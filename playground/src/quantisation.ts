/** Weights in 8 bits: whole numbers from -127 to 127, and a scale for each output unit. */
import type { Engine } from "../../src/engine.ts";
import type { PictureModel } from "../../src/model/model.ts";
import { type ParameterEntry, parameterTable } from "../../src/rule/parameters.ts";
import type { Rule } from "../../src/rule/rule.ts";
import { startState } from "../../src/model/start.ts";

/** Largest value: both signs have the same. */
const STEPS = 127;

/** A tensor: `values` in its own order, and a scale for each output unit, its last dimension. A bias is exact but for rounding. */
export type QuantisedTensor = Readonly<{ values: Int8Array; scales: Float32Array }>;

/** Output units of a tensor, and so the number of its scales. */
export function unitsOf({ shape }: Pick<ParameterEntry, "shape">): number {
  return shape[shape.length - 1];
}

/**
 * Each tensor of a rule's parameters, with a scale for each output unit: of four trained models, three lost least by it in
 * what grows, and one by a scale for the whole tensor.
 */
export function quantise(rule: Rule, parameters: Float32Array): QuantisedTensor[] {
  return parameterTable(rule).map((entry) => {
    const units = unitsOf(entry);
    const numbers = parameters.subarray(entry.offset, entry.offset + entry.size);
    const scales = new Float32Array(units);
    for (const [i, value] of numbers.entries()) {
      scales[i % units] = Math.max(scales[i % units], Math.abs(value) / STEPS);
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

/** Mean squared errors of what grows, by the exact model and by the one with 8-bit weights. */
export type QuantisationCost = Readonly<{ exact: number; quantised: number }>;

/**
 * Measures the error that quantisation adds: both models grow the same samples, with the same cells firing.
 *
 * @param target shape (H, W, 4), premultiplied as the readout says. @param input the input of the cells, for a model with one.
 */
export async function quantisationCost(
  engine: Engine,
  model: PictureModel,
  target: Float32Array,
  {
    steps = 200,
    samples = 4,
    input,
    signal,
  }: Readonly<{ steps?: number; samples?: number; input?: Float32Array; signal?: AbortSignal }> = {},
): Promise<QuantisationCost> {
  const { rule, readout, parameters, provenance } = model;
  const { grid } = provenance;
  const start = startState(model, grid);
  const errorOf = async (numbers: Float32Array) => {
    const states = Array.from({ length: samples }, () => start);
    const rollout = await engine.rollout({
      rule,
      grid,
      parameters: numbers,
      states,
      ...(input && { inputs: states.map(() => input) }),
      steps,
      seed: 0,
      compare: { target, readout, steps: [steps], measure: "squared-error" },
      ...(signal && { signal }),
    });
    for (const state of rollout.final) state.dispose();
    const { compared } = await rollout.stats();
    return compared.reduce((sum, [error]) => sum + error, 0) / samples;
  };
  return {
    exact: await errorOf(parameters),
    quantised: await errorOf(dequantise(quantise(rule, parameters))),
  };
}
