import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { targetFromRgba, type Raster } from "./image.ts";

/** Two pixels side by side: half-transparent orange, then an invisible one that still has a colour. */
const pair: Raster = { width: 2, height: 1, data: Uint8Array.of(255, 102, 0, 51, 9, 9, 9, 0) };
const at = (data: Float32Array, side: number, y: number, x: number) => [
  ...data.subarray((y * side + x) * 4, (y * side + x) * 4 + 4),
];

describe("targetFromRgba", () => {
  it("centres the picture on a square grid, padding included", () => {
    const { grid, data } = targetFromRgba(pair, { size: 4, padding: 3, premultiplied: false });
    expect(grid).toEqual([10, 10]);
    expect(data.length).toBe(400);
    const filled = Array.from({ length: 100 }, (_, cell) => cell).filter((cell) => data[cell * 4 + 3] > 0);
    expect(filled).toEqual([44]);
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
