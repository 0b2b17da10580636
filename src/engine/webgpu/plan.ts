/** How a rule lies on a device: numbers padded to vectors of four, parameters with their transposes, sizes of blocks. */
import { featureCount, kernelCount, perceiveKind } from "../../rule/parts/perceive.ts";
import { networkTable, parameterTable } from "../../rule/parameters.ts";
import type { Rule } from "../../rule/rule.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { padded, TILE } from "./sizes.ts";

/** Cells that run the network side by side, at most and at least. */
const BLOCKS = [64, 32, 16, 8, 4];
/** Bytes of workgroup memory that lists and counters take beside the numbers of a block. */
const LISTS = 4 * TILE + 128;

/** A layer of the network; sizes are padded, places are in vectors of four. */
export type LayerPlan = Readonly<{
  inputs: number;
  outputs: number;
  /** Weight (inputs, outputs), its transpose (outputs, inputs), and the bias (outputs), if there is one. */
  weight: number;
  transpose: number;
  bias: number | undefined;
}>;

export type Plan = Readonly<{
  rule: Rule;
  /** Channels, padded, and in vectors. */
  C: number;
  C4: number;
  /** Features of each channel: feature k of channel c is number k * C + c. */
  K: number;
  layers: readonly LayerPlan[];
  /** Where what is trained of a perception begins, and where constants of it do, in vectors. */
  perception: number;
  constants: number;
  /** Vectors of a parameter set that have gradients: they come first. And of all of it. */
  trained: number;
  size: number;
  /** Cells that run the network side by side, forward and backward. */
  forwardBlock: number;
  backwardBlock: number;
}>;

/** Bytes of workgroup memory that a device has by default. */
export const DEFAULT_WORKGROUP_BYTES = 16384;

/** Numbers a cell has in workgroup memory: forward two layers at a time, backward all of them. */
function forwardNumbers(sizes: readonly number[]): [number, number] {
  const most = (parity: number) => Math.max(0, ...sizes.filter((_, i) => i % 2 === parity));
  return [most(0), most(1)];
}

/** Sizes of the ends of the layers, padded, without the input: that is part of the first bias. */
function sizesOf(rule: Rule): number[] {
  return [padded(rule.channels) * kernelCount(rule), ...rule.hidden.map(padded), padded(rule.channels)];
}

function blockOf(numbers: number, bytes: number): number | undefined {
  return BLOCKS.find((block) => block * numbers * 4 + LISTS <= bytes);
}

/** Backward, the numbers of all layers, and of what goes into the first twice where both are needed. */
function backwardNumbers(rule: Rule, sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a + b, 0) + (deviceKind(rule)!.keepsSeen ? sizes[0] : 0);
}

/** Whether a device with so much workgroup memory can run a rule forward, and backward. */
export function fitsWorkgroup(rule: Rule, bytes: number): { forward: boolean; backward: boolean } {
  const sizes = sizesOf(rule);
  const [even, odd] = forwardNumbers(sizes);
  return {
    forward: blockOf(even + odd, bytes) !== undefined,
    backward: blockOf(backwardNumbers(rule, sizes), bytes) !== undefined,
  };
}

/** @param bytes of workgroup memory. @throws RangeError where the rule does not fit. */
export function planOf(rule: Rule, bytes: number): Plan {
  const sizes = sizesOf(rule);
  const table = networkTable(rule);
  let at = 0;
  const take = (numbers: number) => {
    const place = at;
    at += numbers / 4;
    return place;
  };
  const weights = sizes.slice(1).map((outputs, layer) => {
    const inputs = sizes[layer];
    const hasBias =
      table.some(({ name }) => name === `update.${layer}.bias`) || (layer === 0 && rule.inputSize > 0);
    return { inputs, outputs, weight: take(inputs * outputs), bias: hasBias ? take(outputs) : undefined };
  });
  const kind = deviceKind(rule)!;
  const perception = take(kind.trained(rule));
  const trained = at;
  const layers = weights.map((layer) => ({ ...layer, transpose: take(layer.inputs * layer.outputs) }));
  const constants = take(kind.constants(rule).length);
  const [even, odd] = forwardNumbers(sizes);
  const forwardBlock = blockOf(even + odd, bytes);
  if (forwardBlock === undefined) throw new RangeError("the rule does not fit the device's workgroup memory");
  return {
    rule,
    C: padded(rule.channels),
    C4: padded(rule.channels) / 4,
    K: kernelCount(rule),
    layers,
    perception,
    constants,
    trained,
    size: at,
    forwardBlock,
    backwardBlock: blockOf(backwardNumbers(rule, sizes), bytes) ?? 0,
  };
}

/** Number of the first layer's row for feature k of channel c in the rule's own order, and in the device's. */
function* featureRows({ rule, C, K }: Plan): Generator<readonly [own: number, device: number]> {
  for (let c = 0; c < rule.channels; c++) {
    for (let k = 0; k < K; k++) yield [c * K + k, k * C + c];
  }
}

/** Rows and columns of a layer's weight that the rule has, as pairs of row numbers. */
function rowsOf(plan: Plan, layer: number): readonly (readonly [own: number, device: number])[] {
  if (layer === 0) return [...featureRows(plan)];
  return Array.from({ length: plan.rule.hidden[layer - 1] }, (_, i) => [i, i] as const);
}

/** Each layer's entries in the flat parameters. */
function tensorsOf(rule: Rule, layer: number) {
  const table = networkTable(rule);
  return {
    weight: table.find(({ name }) => name === `update.${layer}.weight`)!,
    bias: table.find(({ name }) => name === `update.${layer}.bias`),
  };
}

/** A flat parameter set as the device has it. */
export function pack(plan: Plan, flat: Float32Array): Float32Array<ArrayBuffer> {
  const { rule } = plan;
  const packed = new Float32Array(plan.size * 4);
  plan.layers.forEach(({ inputs, outputs, weight, transpose, bias }, layer) => {
    const own = tensorsOf(rule, layer);
    const columns = own.weight.shape[1];
    for (const [row, place] of rowsOf(plan, layer)) {
      for (let o = 0; o < columns; o++) {
        const value = flat[own.weight.offset + row * columns + o];
        packed[weight * 4 + place * outputs + o] = value;
        packed[transpose * 4 + o * inputs + place] = value;
      }
    }
    if (own.bias && bias !== undefined) {
      packed.set(flat.subarray(own.bias.offset, own.bias.offset + own.bias.size), bias * 4);
    }
  });
  const kind = deviceKind(rule)!;
  const trained = perceiveKind(rule).tensors(rule).length;
  const tensors = parameterTable(rule).slice(0, trained);
  kind.pack(
    rule,
    tensors.map(({ offset, size }) => flat.subarray(offset, offset + size)),
    packed.subarray(plan.perception * 4, plan.trained * 4),
  );
  packed.set(kind.constants(rule), plan.constants * 4);
  return packed;
}

/** First biases of a sample: what its input adds to them, in double precision, rounded once. (outputs, padded.) */
export function firstBias(plan: Plan, flat: Float32Array, input: Float32Array): Float32Array<ArrayBuffer> {
  const { weight, bias } = tensorsOf(plan.rule, 0);
  const columns = weight.shape[1];
  const sums = new Float64Array(plan.layers[0].outputs);
  for (let o = 0; o < columns; o++) sums[o] = bias ? flat[bias.offset + o] : 0;
  const first = featureCount(plan.rule) - plan.rule.inputSize;
  for (let i = 0; i < input.length; i++) {
    const at = weight.offset + (first + i) * columns;
    for (let o = 0; o < columns; o++) sums[o] += input[i] * flat[at + o];
  }
  return Float32Array.from(sums);
}

/** A packed gradient as the rule has it; rows of the input are left 0. */
export function unpack(plan: Plan, packed: Float32Array, flat: Float32Array): void {
  const { rule } = plan;
  plan.layers.forEach(({ outputs, weight, bias }, layer) => {
    const own = tensorsOf(rule, layer);
    const columns = own.weight.shape[1];
    for (const [row, place] of rowsOf(plan, layer)) {
      const from = weight * 4 + place * outputs;
      flat.set(packed.subarray(from, from + columns), own.weight.offset + row * columns);
    }
    if (own.bias && bias !== undefined) {
      flat.set(packed.subarray(bias * 4, bias * 4 + own.bias.size), own.bias.offset);
    }
  });
  const trained = perceiveKind(rule).tensors(rule).length;
  const tensors = parameterTable(rule).slice(0, trained);
  deviceKind(rule)!.unpack(
    rule,
    packed.subarray(plan.perception * 4, plan.trained * 4),
    tensors.map(({ offset, size }) => flat.subarray(offset, offset + size)),
  );
}

/**
 * What the gradient of a sample's first biases, (outputs, padded), says of its input: adds its part to the rows of the
 * input in the flat gradient, and returns d loss / d input.
 */
export function pullInput(
  plan: Plan,
  dBias: Float32Array,
  parameters: Float32Array,
  input: Float32Array,
  gradient: Float32Array,
): Float32Array {
  const { weight } = tensorsOf(plan.rule, 0);
  const columns = weight.shape[1];
  const first = featureCount(plan.rule) - plan.rule.inputSize;
  return Float32Array.from(input, (value, i) => {
    const at = weight.offset + (first + i) * columns;
    let sum = 0;
    for (let o = 0; o < columns; o++) {
      gradient[at + o] += value * dBias[o];
      sum += parameters[at + o] * dBias[o];
    }
    return sum;
  });
}

/** States of shape (cells, channels) as the device has them: (cells, C), zeros at the end of each cell. */
export function padState({ rule: { channels }, C }: Plan, state: Float32Array): Float32Array<ArrayBuffer> {
  if (C === channels)
    return state instanceof Float32Array && isPlain(state) ? state : Float32Array.from(state);
  const cells = state.length / channels;
  const wide = new Float32Array(cells * C);
  for (let n = 0; n < cells; n++) wide.set(state.subarray(n * channels, (n + 1) * channels), n * C);
  return wide;
}

function isPlain(state: Float32Array): state is Float32Array<ArrayBuffer> {
  return state.buffer instanceof ArrayBuffer;
}

/** Undoes {@link padState}. */
export function unpadState(channels: number, wide: Float32Array): Float32Array {
  const C = padded(channels);
  if (C === channels) return wide;
  const cells = wide.length / C;
  const state = new Float32Array(cells * channels);
  for (let n = 0; n < cells; n++) state.set(wide.subarray(n * C, n * C + channels), n * channels);
  return state;
}
