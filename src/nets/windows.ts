/**
 * The windows that strided convolutions see, moved in plain loops. Slices of arrays in jax-js do the same, but take four
 * times as long as the matrix product that follows (measured on pictures of 40 x 40 x 4 and 40 x 40 x 16).
 */
import type { Plane } from "../rule/grid.ts";
import { STRIDE, strided, WINDOW } from "./shapes.ts";

/**
 * Windows of pictures (count, H, W, K) as the rows of a matrix (count * H / 2 * W / 2, 3 * 3 * K), where sides are
 * rounded up.
 */
export type Windows = Readonly<{
  /** Numbers in all pictures. */
  size: number;
  /** Of the matrix. */
  rows: number;
  columns: number;
  /** Stretches of numbers in both: where in the pictures, where in the matrix, how many. Elsewhere, the matrix is 0. */
  runs: Int32Array;
}>;

/** The windows of `count` pictures of one size. */
export function windowsOf([height, width]: Plane, channels: number, count: number): Windows {
  const [down, across] = [strided(height), strided(width)];
  const cells = down.length * across.length;
  const columns = WINDOW * WINDOW * channels;
  const runs: number[] = [];
  for (let row = 0; row < count * cells; row++) {
    const picture = Math.floor(row / cells);
    const top = Math.floor((row % cells) / across.length) * STRIDE - down.before;
    const left = (row % across.length) * STRIDE - across.before;
    const [first, end] = [Math.max(left, 0), Math.min(left + WINDOW, width)];
    for (let y = Math.max(top, 0); y < Math.min(top + WINDOW, height); y++) {
      const cell = (picture * height + y) * width + first;
      const tap = (y - top) * WINDOW + first - left;
      runs.push(cell * channels, row * columns + tap * channels, (end - first) * channels);
    }
  }
  return {
    size: count * height * width * channels,
    rows: count * cells,
    columns,
    runs: Int32Array.from(runs),
  };
}

/** Fills a matrix; what is 0 in it must be 0 already. */
export function gatherWindows({ runs }: Windows, pictures: Float32Array, matrix: Float32Array): void {
  for (let run = 0; run < runs.length; run += 3) {
    const [from, to, length] = [runs[run], runs[run + 1], runs[run + 2]];
    for (let i = 0; i < length; i++) matrix[to + i] = pictures[from + i];
  }
}

/** The adjoint of {@link gatherWindows}: for each number of the pictures, the sum over the windows that see it. */
export function scatterWindows({ size, runs }: Windows, matrix: Float32Array): Float32Array<ArrayBuffer> {
  const pictures = new Float32Array(size);
  for (let run = 0; run < runs.length; run += 3) {
    const [to, from, length] = [runs[run], runs[run + 1], runs[run + 2]];
    for (let i = 0; i < length; i++) pictures[to + i] += matrix[from + i];
  }
  return pictures;
}
