/** How a rule lies on a device: numbers padded to vectors of four, parameters with their transposes, sizes of blocks. */
import { featureCount, kernelCount } from "../../rule/parts/perceive.ts";
import { networkTable } from "../../rule/parameters.ts";
import type { Rule } from "../../rule/rule.ts";
import type { LayerPlan, Plan, Precision, Tuning } from "./layout.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { blockVectors } from "./shaders/product.ts";
import { padded, TILE } from "./sizes.ts";

/** Cells that run the network side by side, at most and at least. */
const BLOCKS = [64, 32, 16, 8, 4];
/** Bytes of workgroup memory that lists and counters take beside the numbers of a block. */
const LISTS = 4 * TILE + 128;

/** Numbers a cell has in workgroup memory: forward two layers at a time, backward all of them. */
function forwardNumbers(sizes: readonly number[]): [number, number] {
  const most = (parity: number) => Math.max(0, ...sizes.filter((_, i) => i % 2 === parity));
  return [most(0), most(1)];
}

/** Sizes of the ends of the layers, padded, without the input: that is part of the first bias. */
function sizesOf(rule: Rule): number[] {
  return [padded(rule.channels) * kernelCount(rule), ...rule.hidden.map(padded), padded(rule.channels)];
}

/** @param numbers rows of a block, in all its arrays. */
function blockOf(numbers: number, bytes: number, precision: Precision = "f32"): number | undefined {
  const vector = precision === "f16" ? 8 : 16;
  return BLOCKS.find((block) => blockVectors(numbers, block / 4) * vector + LISTS <= bytes);
}

/** Backward, the numbers of all layers, and of what goes into the first twice where both are needed. */
function backwardNumbers(rule: Rule, sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a + b, 0) + (deviceKind(rule)!.keepsSeen ? sizes[0] : 0);
}

/** Whether a device with so much workgroup memory can run a rule forward, and backward. */
export function fitsWorkgroup(
  rule: Rule,
  { workgroupBytes: bytes, precision }: Tuning,
): { forward: boolean; backward: boolean } {
  const sizes = sizesOf(rule);
  const [even, odd] = forwardNumbers(sizes);
  return {
    forward: blockOf(even + odd, bytes, precision) !== undefined,
    backward: blockOf(backwardNumbers(rule, sizes), bytes) !== undefined,
  };
}

/** @throws RangeError where the rule does not fit. */
export function planOf(rule: Rule, { workgroupBytes: bytes, unroll, precision }: Tuning): Plan {
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
  const perception = take(kind.trained(rule).length);
  const trained = at;
  const layers = weights.map((layer) => ({ ...layer, transpose: take(layer.inputs * layer.outputs) }));
  const [even, odd] = forwardNumbers(sizes);
  const forwardBlock = blockOf(even + odd, bytes, precision);
  if (forwardBlock === undefined) throw new RangeError("the rule does not fit the device's workgroup memory");
  return {
    rule,
    C: padded(rule.channels),
    C4: padded(rule.channels) / 4,
    K: kernelCount(rule),
    layers,
    taps: kind.taps(rule),
    constants: kind.constants(rule).length,
    perception,
    trained,
    size: at,
    places: placesOf(rule, layers, perception, at),
    forwardBlock,
    backwardBlock: blockOf(backwardNumbers(rule, sizes), bytes) ?? 0,
    unroll,
    precision,
  };
}

/** Of each row of a layer's weight on the device, the rule's own row; -1 for padding. */
function rowsOf(rule: Rule, layer: number, inputs: number): Int32Array {
  const rows = new Int32Array(inputs).fill(-1);
  if (layer > 0) {
    for (let i = 0; i < rule.hidden[layer - 1]; i++) rows[i] = i;
    return rows;
  }
  const K = kernelCount(rule);
  const C = inputs / K;
  for (let c = 0; c < rule.channels; c++) for (let k = 0; k < K; k++) rows[k * C + c] = c * K + k;
  return rows;
}

/** Each layer's entries in the flat parameters. */
function tensorsOf(rule: Rule, layer: number) {
  const table = networkTable(rule);
  return {
    weight: table.find(({ name }) => name === `update.${layer}.weight`)!,
    bias: table.find(({ name }) => name === `update.${layer}.bias`),
  };
}

/** `Plan.places`. */
function placesOf(rule: Rule, layers: readonly LayerPlan[], perception: number, size: number): Int32Array {
  const places = new Int32Array(size * 4).fill(-1);
  layers.forEach(({ inputs, outputs, weight, transpose, bias }, layer) => {
    const own = tensorsOf(rule, layer);
    const columns = own.weight.shape[1];
    rowsOf(rule, layer, inputs).forEach((row, i) => {
      if (row < 0) return;
      for (let o = 0; o < columns; o++) {
        const place = own.weight.offset + row * columns + o;
        places[weight * 4 + i * outputs + o] = place;
        places[transpose * 4 + o * inputs + i] = place;
      }
    });
    if (own.bias && bias !== undefined) {
      for (let o = 0; o < own.bias.size; o++) places[bias * 4 + o] = own.bias.offset + o;
    }
  });
  places.set(deviceKind(rule)!.trained(rule), perception * 4);
  return places;
}

/** A flat parameter set as the device has it. */
export function pack({ places }: Plan, flat: Float32Array): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(places.length);
  for (let i = 0; i < places.length; i++) if (places[i] >= 0) packed[i] = flat[places[i]];
  return packed;
}

/** A packed gradient as the rule has it; rows of the input are left 0. */
export function unpack({ places, trained }: Plan, packed: Float32Array, flat: Float32Array): void {
  for (let i = 0; i < trained * 4; i++) if (places[i] >= 0) flat[places[i]] = packed[i];
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
