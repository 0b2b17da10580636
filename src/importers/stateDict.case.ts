/** State dicts as others would have saved a model. */
import { drawing, randomParameters } from "../conformance/scenario.ts";
import { layerSizes, parameterViews } from "../rule/parameters.ts";
import type { Kernel, Rule } from "../rule/rule.ts";
import type { Tensor } from "../tensor.ts";
import { transposed } from "../exporters/interchange.ts";
import { kernelMatrix } from "../formats/kernelStack.ts";
import { encodeSafetensors } from "../formats/safetensors.ts";
import type { RowOrder } from "./perception.ts";

export type Tensors = Record<string, Tensor>;

/** Parameters without zeros, but for the biases of hidden layers where there shall be none. */
export function someParameters(rule: Rule, { hiddenBias = true } = {}): Float32Array {
  const parameters = randomParameters(rule, drawing(5));
  const views = parameterViews(rule, parameters);
  if (!hiddenBias) rule.hidden.forEach((_, layer) => views[`update.${layer}.bias`].fill(0));
  return parameters;
}

export type Style = Readonly<{
  /** Name of a layer's tensor. */
  name: (layer: number, kind: "weight" | "bias") => string;
  /** Shape of a weight; rows are outputs where the layout is "out-in". */
  shape: (rows: number, columns: number) => number[];
  layout: "out-in" | "in-out";
  /** Order of the first layer's inputs; default "channel". */
  order?: RowOrder;
  hiddenBias?: boolean;
}>;

/** The layers of a model. */
export function layerTensors(rule: Rule, parameters: Float32Array, style: Style): Tensors {
  const views = parameterViews(rule, parameters);
  const sizes = layerSizes(rule);
  const tensors: Tensors = {};
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [inputs, outputs] = [sizes[layer], sizes[layer + 1]];
    const own = views[`update.${layer}.weight`];
    const weight = layer === 0 ? ordered(rule, own, outputs, style.order ?? "channel") : own;
    tensors[style.name(layer, "weight")] =
      style.layout === "out-in"
        ? { shape: style.shape(outputs, inputs), data: transposed(weight, inputs, outputs) }
        : { shape: style.shape(inputs, outputs), data: weight };
    const bias = views[`update.${layer}.bias`];
    const isHidden = layer + 2 < sizes.length;
    if (bias && (style.hiddenBias !== false || !isHidden)) {
      tensors[style.name(layer, "bias")] = { shape: [outputs], data: bias };
    }
  }
  return tensors;
}

/** Rows, which lie by channel, in another order. */
function ordered(
  { channels, kernels }: Rule,
  weight: Float32Array,
  outputs: number,
  order: RowOrder,
): Float32Array {
  const own = (channel: number, kernel: number) => channel * kernels.length + kernel;
  const all = counting(channels);
  const later = counting(kernels.length).slice(1);
  const rows = {
    channel: counting(channels * kernels.length),
    kernel: kernels.flatMap((_, kernel) => all.map((channel) => own(channel, kernel))),
    state: [
      ...all.map((channel) => own(channel, 0)),
      ...all.flatMap((channel) => later.map((kernel) => own(channel, kernel))),
    ],
  }[order];
  const inputs = weight.subarray(rows.length * outputs);
  const moved = rows.map((row) => weight.subarray(row * outputs, (row + 1) * outputs));
  return Float32Array.from([...moved, inputs].flatMap((row) => [...row]));
}

/** Matrices of kernels, one after the other. */
export function kernelTensor(shape: number[], kernels: readonly Kernel[]): Tensor {
  const data = kernels.flatMap((kernel) => [...kernelMatrix(kernel, shape[shape.length - 1]).weights]);
  return { shape, data: Float32Array.from(data) };
}

/** A list so many times over. */
export function repeated<T>(list: readonly T[], times: number): T[] {
  return Array.from({ length: times }, () => list).flat();
}

/** Zeros. */
export function zeros(shape: number[]): Tensor {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
}

export function encoded(tensors: Tensors): Uint8Array {
  return encodeSafetensors({ tensors, metadata: {} });
}

/** 0 to length - 1. */
export function counting(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
