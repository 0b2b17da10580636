/** Layers on jax-js, and the way of flat parameters and batches in and out of it. */
import { defaultDevice, init, nn, numpy as np } from "@jax-js/jax";
import type { ParameterEntry } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";
import { STRIDE, strided, stridedGrids, WINDOW } from "./shapes.ts";

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

/** Writes the gradient of each tensor where the tensor lies in flat parameters. */
export async function gather(
  table: readonly ParameterEntry[],
  gradients: readonly Tensor[],
  flat: Float32Array,
): Promise<void> {
  for (const [i, { offset }] of table.entries()) flat.set(await read(gradients[i]), offset);
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

/** Strided convolutions of x (B, H, W, in), each rectified. */
export function convolveAll(x: Tensor, grid: Plane, layers: readonly Layer[]): Tensor {
  const grids = stridedGrids(grid, layers.length);
  return layers.reduce((seen, layer, i) => nn.relu(convolve(seen, grids[i], ...layer)), x);
}

/**
 * A strided convolution as a matrix product: jax-js has convolutions, but this is many times faster on a CPU. The padded
 * picture is split by the parity of rows and columns, so that each of the nine taps is a plain slice.
 */
function convolve(x: Tensor, [height, width]: Plane, weight: Tensor, bias: Tensor): Tensor {
  const [count, , , inputs] = x.shape;
  const features = bias.shape[0];
  const [rows, columns] = [strided(height), strided(width)];
  const pad = (side: number, { before, length }: typeof rows) =>
    [before, STRIDE * (length + 1) - side - before] as [number, number];
  const phases = np
    .pad(x, [[0, 0], pad(height, rows), pad(width, columns), [0, 0]])
    .reshape([count, rows.length + 1, STRIDE, columns.length + 1, STRIDE, inputs]);
  const taps: Tensor[] = [];
  for (let y = 0; y < WINDOW; y++) {
    for (let z = 0; z < WINDOW; z++) {
      const [top, left] = [Math.floor(y / STRIDE), Math.floor(z / STRIDE)];
      taps.push(
        phases.ref.slice(
          [],
          [top, top + rows.length],
          y % STRIDE,
          [left, left + columns.length],
          z % STRIDE,
          [],
        ),
      );
    }
  }
  phases.dispose();
  const seen = np.concatenate(taps, -1).reshape([-1, WINDOW * WINDOW * inputs]);
  const product = dense(seen, weight.reshape([WINDOW * WINDOW * inputs, features]), bias);
  return product.reshape([count, rows.length, columns.length, features]);
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
