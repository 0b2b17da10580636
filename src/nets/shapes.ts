/** Shapes and first numbers of layers, for what runs with an array library and what runs without. */
import { uniform } from "../random.ts";
import { type ParameterEntry, tableSize } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";

/** Cells a side of a convolution, and how many it moves on. */
export const WINDOW = 3;
export const STRIDE = 2;

/** Where a strided convolution's window begins, and how far its output goes: "same" padding as TensorFlow and Flax do it. */
export function strided(length: number): Readonly<{ before: number; length: number }> {
  const output = Math.ceil(length / STRIDE);
  const padding = Math.max(0, (output - 1) * STRIDE + WINDOW - length);
  return { before: padding >> 1, length: output };
}

/** Height and width before and after each of `count` strided convolutions. */
export function stridedGrids(grid: Plane, count: number): Plane[] {
  const grids = [grid];
  for (let i = 0; i < count; i++) {
    const [height, width] = grids[i];
    grids.push([strided(height).length, strided(width).length]);
  }
  return grids;
}

/** A weight, whose last axis is what comes out, and its bias. */
export function layer(name: string, shape: readonly number[]) {
  return [
    { name: `${name}.weight`, shape },
    { name: `${name}.bias`, shape: [shape[shape.length - 1]] },
  ];
}

/** Convolutions one after the other: `NAME.N.weight` (3, 3, in, out) and a bias (out) each. */
export function convolutions(name: string, channels: number, features: readonly number[]) {
  return features.flatMap((out, i) =>
    layer(`${name}.${i}`, [WINDOW, WINDOW, i === 0 ? channels : features[i - 1], out]),
  );
}

/** Fresh parameters: weights uniform with variance 1 / in (LeCun et al., 1998), biases 0. */
export function initialWeights(table: readonly ParameterEntry[], seed: number, stream: number): Float32Array {
  const parameters = new Float32Array(tableSize(table));
  for (const [index, { shape, offset, size }] of table.entries()) {
    if (shape.length === 1) continue;
    const bound = Math.sqrt((3 * shape[shape.length - 1]) / size);
    for (let i = 0; i < size; i++) {
      parameters[offset + i] = bound * (2 * uniform(seed, stream, index, i) - 1);
    }
  }
  return parameters;
}
