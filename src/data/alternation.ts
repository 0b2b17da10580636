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
  const row = width * stride;
  const amplitudes = new Float32Array(data.length);
  for (const [step, rows, columns] of [
    [row, height - RUN + 1, width],
    [stride, height, width - RUN + 1],
  ]) {
    for (let y = 0; y < rows; y++) {
      for (let i = y * row; i < y * row + columns * stride; i++) {
        const [a, b, c, d] = [data[i], data[i + step], data[i + 2 * step], data[i + 3 * step]];
        const amplitude = Math.max(Math.min(b - a, b - c, d - c), Math.min(a - b, c - b, c - d)) / 2;
        if (amplitude <= 0) continue;
        for (let k = 0; k < RUN; k++) {
          const at = i + k * step;
          amplitudes[at] = Math.max(amplitudes[at], amplitude);
        }
      }
    }
  }
  const size = sumOfSquares(data);
  return size > 0 ? sumOfSquares(amplitudes) / size : 0;
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
