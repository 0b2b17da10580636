import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { aroundCentre, centredOn, onOneGrid, type Raster, type Target, targetFromRgba } from "./image.ts";

/** Two pixels side by side: half-transparent orange, then an invisible one that still has a colour. */
const pair: Raster = { width: 2, height: 1, data: Uint8Array.of(255, 102, 0, 51, 9, 9, 9, 0) };
const at = (data: Float32Array, side: number, y: number, x: number) => [
  ...data.subarray((y * side + x) * 4, (y * side + x) * 4 + 4),
];

describe("targetFromRgba", () => {
  it("has a grid of the picture and its padding, whatever its shape", () => {
    const { grid, data } = targetFromRgba(pair, { size: 4, padding: 3, premultiplied: false });
    expect(grid).toEqual([7, 8]);
    expect(data.length).toBe(7 * 8 * 4);
    const filled = Array.from({ length: 56 }, (_, cell) => cell).filter((cell) => data[cell * 4 + 3] > 0);
    expect(filled).toEqual([3 * 8 + 3]);
  });

  it("keeps colours straight, or multiplies them by alpha", () => {
    const straight = targetFromRgba(pair, { size: 2, padding: 0, premultiplied: false });
    expect(at(straight.data, 2, 0, 0)).toEqual([1, 0.4, 0, 0.2].map(Math.fround));
    const premultiplied = targetFromRgba(pair, { size: 2, padding: 0, premultiplied: true });
    // Products of two rounded quotients: within one float64 ulp before rounding to float32.
    at(premultiplied.data, 2, 0, 0).forEach((value, c) =>
      expect(value).toBeCloseTo([0.2, 0.08, 0, 0.2][c], 7),
    );
  });

  it("is wholly zero where alpha is", () => {
    const { data } = targetFromRgba(pair, { size: 2, padding: 0, premultiplied: false });
    expect(at(data, 2, 0, 1)).toEqual([0, 0, 0, 0]);
  });

  it("refuses a picture without a visible pixel", () => {
    const empty = {
      width: 2,
      height: 2,
      data: new Uint8Array(16).fill(255).map((v, i) => (i % 4 === 3 ? 0 : v)),
    };
    expect(() => targetFromRgba(empty, { size: 4, padding: 1, premultiplied: true })).toThrow(
      new UserError("the picture is fully transparent, so there is nothing to grow"),
    );
  });

  it("refuses a picture larger than its place", () => {
    expect(() => targetFromRgba(pair, { size: 1, padding: 5, premultiplied: true })).toThrow(RangeError);
  });
});

/** A target whose alpha counts its cells from 1 on. */
function counted(height: number, width: number): Target {
  const data = Float32Array.from({ length: height * width * 4 }, (_, i) => (i % 4 === 3 ? (i + 1) / 4 : 0));
  return { grid: [height, width], data };
}
/** The alpha of each cell, row by row. */
const alphas = ({ grid: [, width], data }: Target) =>
  Array.from({ length: data.length / 4 / width }, (_, y) =>
    Array.from({ length: width }, (_cell, x) => data[(y * width + x) * 4 + 3]),
  );

describe("centredOn", () => {
  it("lies where a square grid had it", () => {
    // A picture of 2 x 1 cells and no padding on a square of 5 or 4: (side - height) >> 1 rows above it.
    expect(alphas(centredOn(counted(1, 2), [4, 4]))).toEqual([
      [0, 0, 0, 0],
      [0, 1, 2, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(centredOn(counted(2, 3), [2, 3])).toEqual(counted(2, 3));
  });

  it("refuses a grid that is too small in some direction", () => {
    expect(() => centredOn(counted(1, 3), [9, 2])).toThrow(
      new RangeError("a target of 1 x 3 cells does not fit a grid of 9 x 2"),
    );
  });
});

it("aroundCentre keeps the centre cell", () => {
  expect(alphas(aroundCentre(counted(1, 3), [4, 4]))).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 1, 2, 3],
    [0, 0, 0, 0],
  ]);
});

it("onOneGrid takes the largest height and the largest width", () => {
  const [tall, wide] = onOneGrid([counted(3, 1), counted(1, 3)]);
  expect(alphas(tall)).toEqual([
    [0, 1, 0],
    [0, 2, 0],
    [0, 3, 0],
  ]);
  expect(alphas(wide)).toEqual([
    [0, 0, 0],
    [1, 2, 3],
    [0, 0, 0],
  ]);
});
