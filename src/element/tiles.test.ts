import { expect, it } from "vitest";
import { fieldsOf, drawTiles, signed } from "./tiles.ts";

const [RED, HALF, MIDDLE] = [
  [112, 10, 30, 255],
  [236, 146, 106, 255],
  [245, 244, 240, 255],
];

it("draws every k-th row and column where all cells would be too many", () => {
  // Four tiles of 1024 x 1025 cells: 4096 pixels too many for all, a quarter of them for every second.
  const [height, width] = [1024, 1025];
  const values = new Float32Array(height * width * 3);
  for (let n = 0; n < height * width; n++) {
    const [row, column] = [Math.floor(n / width), n % width];
    values[3 * n + 1] = row % 2 === 0 && column % 2 === 0 && row >= 512 ? 1 : 0;
  }
  const drawn = drawTiles([height, width], fieldsOf(values, 3, [0, 1, 2]), signed, false);
  expect([drawn.width, drawn.height, drawn.tiles]).toEqual([2 * 513, 2 * 512, 2]);
  const at = (x: number, y: number) => {
    const from = 4 * (y * drawn.width + x);
    return [...drawn.data.subarray(from, from + 4)];
  };
  expect([at(513, 255), at(513, 256), at(2 * 513 - 1, 511), at(0, 256)]).toEqual([MIDDLE, RED, RED, MIDDLE]);
  const fits = drawTiles([1024, 1024], fieldsOf(values, 3, [0, 1, 2]), signed, false);
  expect([fits.width, fits.height]).toEqual([2048, 2048]);
});

it("finds the scale of what stands in few columns", () => {
  const values = new Float32Array(256 * 256 * 16);
  // One column in thirty-two, and none of them a multiple of a power of two.
  for (let n = 7; n < 256 * 256; n += 32) values[16 * n] = 4;
  values[16 * 9] = 2;
  const { data } = drawTiles([256, 256], fieldsOf(values, 16, [...Array(16).keys()]), signed, true);
  const at = (x: number) => [...data.subarray(4 * x, 4 * x + 4)];
  expect([at(7), at(8)]).toEqual([RED, MIDDLE]);
  // Half of the largest: a scale that ended at 1 would make it as red as the largest.
  expect(at(9)).toEqual(HALF);
});
