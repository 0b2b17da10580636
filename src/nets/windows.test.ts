import { expect, it } from "vitest";
import { gatherWindows, scatterWindows, windowsOf } from "./windows.ts";

const numbers = (count: number, factor: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * factor) % 11) - 5);

it("gathers the windows of each picture as rows, with zeros beyond its edge", () => {
  // An odd height is padded on both ends, an even width at the end alone; 0 numbers no cell.
  const windows = windowsOf([3, 2], 1, 2);
  expect([windows.size, windows.rows, windows.columns]).toEqual([12, 4, 9]);
  const matrix = new Float32Array(36);
  gatherWindows(
    windows,
    Float32Array.from({ length: 12 }, (_, i) => i + 1),
    matrix,
  );
  expect([0, 9, 18, 27].map((row) => [...matrix.subarray(row, row + 9)])).toEqual([
    [0, 0, 0, 1, 2, 0, 3, 4, 0],
    [3, 4, 0, 5, 6, 0, 0, 0, 0],
    [0, 0, 0, 7, 8, 0, 9, 10, 0],
    [9, 10, 0, 11, 12, 0, 0, 0, 0],
  ]);
});

it.each([
  [5, 7, 3],
  [4, 6, 2],
  [1, 1, 4],
])("scatters as the adjoint of gathering: %i x %i x %i", (height, width, channels) => {
  const windows = windowsOf([height, width], channels, 3);
  const pictures = numbers(windows.size, 7);
  const matrix = numbers(windows.rows * windows.columns, 3);
  const gathered = new Float32Array(matrix.length);
  gatherWindows(windows, pictures, gathered);
  const scattered = scatterWindows(windows, matrix);
  // Whole numbers: both sums are exact.
  expect(gathered.reduce((sum, value, i) => sum + value * matrix[i], 0)).toBe(
    scattered.reduce((sum, value, i) => sum + value * pictures[i], 0),
  );
});
