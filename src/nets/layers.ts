/** Layers on jax-js, and the way of flat parameters and batches in and out of it. */
import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import type { ParameterEntry } from "../rule/parameters.ts";
import { STRIDE, WINDOW } from "./shapes.ts";

export type Tensor = np.Array;

/** A weight and its bias. */
export type Layer = readonly [Tensor, Tensor];

/** Makes jax-js compute on the CPU, everywhere. */
export async function startArrays(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
}

/** Arrays of the parts of flat parameters. */
export function tensorsOf(table: readonly ParameterEntry[], parameters: Float32Array): Tensor[] {
  return table.map(({ shape, offset, size }) =>
    np.array(parameters.subarray(offset, offset + size), { shape: [...shape] }),
  );
}

/** Weights with their biases. */
export function layersOf(tensors: readonly Tensor[]): Layer[] {
  return Array.from({ length: tensors.length / 2 }, (_, i) => [tensors[2 * i], tensors[2 * i + 1]] as const);
}

/** The numbers of a tensor, which is freed. */
export async function read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
  const values: unknown = await tensor.data();
  if (!isSingle(values)) throw new TypeError("the tensor does not hold numbers of single precision");
  return values;
}

function isSingle(values: unknown): values is Float32Array<ArrayBuffer> {
  return values instanceof Float32Array;
}

/** log(1 + exp(x)), where jax-js's own is infinite from 89 on. The two branches agree in value and slope at 0. */
export function softplus(x: Tensor): Tensor {
  const negative = x.ref.less(0);
  const part = np.where(negative.ref, x.ref, x.ref.neg());
  return np.where(negative, 0, x).add(np.log(np.exp(part).add(1)));
}

/** x (B, in) W (in, out) + b (out). */
export function dense(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return np.matmul(x, weight).add(bias);
}

/**
 * A convolution that gives twice the size, as Flax's `ConvTranspose` with a stride of 2 and "same" padding: zeros after
 * each row and column of x (B, H, W, in) and 2 before, correlated with a weight (3, 3, in, out). Here each cell is
 * multiplied first, and gives nine cells their part.
 */
export function convolveTransposed(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [count, height, width, inputs] = x.shape;
  const features = bias.shape[0];
  const matrix = weight.transpose([2, 0, 1, 3]).reshape([inputs, WINDOW * WINDOW * features]);
  const parts = np
    .matmul(x.reshape([-1, inputs]), matrix)
    .reshape([count, height, 1, width, 1, WINDOW * WINDOW * features]);
  let sum: Tensor | undefined;
  for (let tap = 0; tap < WINDOW * WINDOW; tap++) {
    const part = parts.ref.slice([], [], [], [], [], [tap * features, (tap + 1) * features]);
    const [down, across] = [Math.floor(tap / WINDOW), tap % WINDOW].map((i) => shifted(WINDOW - 1 - i));
    const placed = np.pad(part, [[0, 0], ...down, ...across, [0, 0]]);
    sum = sum ? sum.add(placed) : placed;
  }
  parts.dispose();
  const [rows, columns] = [STRIDE * (height + 1), STRIDE * (width + 1)];
  return sum!
    .reshape([count, rows, columns, features])
    .slice([], [0, rows - STRIDE], [0, columns - STRIDE], [])
    .add(bias);
}

/** Padding that puts numbers (n, 1) into zeros (n + 1, STRIDE), `by` on in their order. */
function shifted(by: number): [number, number][] {
  const [whole, part] = [Math.floor(by / STRIDE), by % STRIDE];
  return [
    [whole, 1 - whole],
    [part, 1 - part],
  ];
}

/** One array of all parts, and zeros up to `length`. */
export function concatenated(
  parts: readonly Float32Array[],
  length = parts.reduce((sum, part) => sum + part.length, 0),
): Float32Array<ArrayBuffer> {
  const all = new Float32Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
