/** Detail of single cells, which the Sobel filters do not see. */
import type { Target } from "./image.ts";

/** Cells in a row that alternate at least, so that it is a pattern rather than a line or two. */
const RUN = 4;

/**
 * How much of a picture alternates from cell to cell, as a chequerboard and bars of one cell do: the squared error, over the
 * picture's sum of squares, of one that is even there instead. In each run of four cells, down or right, whose numbers go up and
 * down in turn, half of the least of the three differences is what alternates; of each number of the picture, the most of
 * all runs counts. Sobel filters, differences of the cells two apart, are 0 for it. Our own.
 *
 * @returns from 0 to 1; 0 for an empty picture.
 */
export function alternation({ grid: [height, width], data }: Target): number {
  const stride = 4;
  const amplitudes = new Float32Array(data.length);
  for (const [step, rows, columns] of [
    [width * stride, height - RUN + 1, width],
    [stride, height, width - RUN + 1],
  ]) {
    for (let y = 0; y < rows; y++) {
      for (let i = y * width * stride; i < (y * width + columns) * stride; i++) {
        const run = Array.from({ length: RUN }, (_, k) => i + k * step);
        const amplitude = alternating(run.map((at) => data[at])) / 2;
        if (amplitude > 0) for (const at of run) amplitudes[at] = Math.max(amplitudes[at], amplitude);
      }
    }
  }
  const size = sumOfSquares(data);
  return size > 0 ? sumOfSquares(amplitudes) / size : 0;
}

/** The least difference of neighbours, where they go up and down in turn; else 0. */
function alternating(values: readonly number[]): number {
  const rises = values.slice(1).map((value, i) => (i % 2 === 0 ? value - values[i] : values[i] - value));
  return Math.max(0, Math.min(...rises), Math.min(...rises.map((rise) => -rise)));
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
