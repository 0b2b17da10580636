import { describe, expect, it } from "vitest";
import type { Raster } from "../../src/data/image.ts";
import { decodePicture } from "../../src/node/images.ts";
import sharp from "sharp";
import { tilePictures, resample, targetOf, trim } from "./raster.ts";

function draw(width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Raster {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * 4);
  return { width, height, data };
}

/** A soft disc, half transparent at its left, on nothing. */
const disc = draw(90, 60, (x, y) => {
  const distance = Math.hypot(x - 44.5, y - 29.5);
  const alpha = Math.min(1, Math.max(0, 25 - distance)) * (x < 45 ? 128 : 255);
  return [2 * x, 250 - 4 * y, 120, alpha];
});

const premultiplied = ({ data }: Raster) =>
  Array.from(data, (byte, i) => (i % 4 === 3 ? byte : (byte * data[i | 3]) / 255));

describe("trim", () => {
  it("cuts off what is transparent", () => {
    const cut = trim(disc);
    expect([cut.width, cut.height]).toEqual([50, 50]);
    expect([...cut.data.subarray(25 * 200, 25 * 200 + 4)]).toEqual([
      ...disc.data.subarray((30 * 90 + 20) * 4, (30 * 90 + 20) * 4 + 4),
    ]);
    expect(trim(cut)).toEqual(cut);
  });

  it("refuses what nobody can see", () => {
    expect(() => trim(draw(3, 3, () => [9, 9, 9, 0]))).toThrow("nothing to grow");
  });
});

describe("resample", () => {
  it("keeps one colour, and its edges", () => {
    const flat = draw(37, 23, () => [200, 10, 30, 255]);
    const scaled = resample(flat, 9, 40);
    expect(scaled).toEqual(draw(9, 40, () => [200, 10, 30, 255]));
    expect(resample(flat, 37, 23)).toBe(flat);
  });

  it("lets transparent pixels add no colour", () => {
    const half = draw(40, 40, (x) => (x < 20 ? [255, 0, 0, 255] : [0, 0, 255, 0]));
    const { data } = resample(half, 10, 10);
    for (let i = 0; i < data.length; i += 4)
      if (data[i + 3] > 0) expect([data[i], data[i + 2]]).toEqual([255, 0]);
    expect(data[3]).toBe(255);
    expect(data[9 * 4 + 3]).toBe(0);
  });

  it("scales as Node does", async () => {
    const png = await sharp(disc.data, { raw: { width: 90, height: 60, channels: 4 } })
      .png()
      .toBuffer();
    const expected = await decodePicture(png, 24);
    const scaled = resample(disc, 24, 16);
    expect([scaled.width, scaled.height]).toEqual([expected.width, expected.height]);
    const other = premultiplied(expected);
    // libvips first shrinks by a whole factor and rounds in between.
    const differences = premultiplied(scaled).map((value, i) => Math.abs(value - other[i]));
    expect(Math.max(...differences)).toBeLessThan(12);
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(1);
  });
});

describe("targetOf", () => {
  it("fits the longer side, and centres", () => {
    const { grid, data } = targetOf(trim(disc), { size: 10, padding: 2, premultiplied: true });
    expect(grid).toEqual([14, 14]);
    const alpha = (y: number, x: number) => data[(y * 14 + x) * 4 + 3];
    expect([alpha(7, 1), alpha(7, 12)]).toEqual([0, 0]);
    expect(alpha(7, 10)).toBeCloseTo(1, 2);
    expect(alpha(7, 3)).toBeCloseTo(0.5, 1);
    // Red grows to the right; premultiplied, it is at most alpha.
    expect(data[(7 * 14 + 10) * 4]).toBeGreaterThan(data[(7 * 14 + 3) * 4]);
    for (let i = 0; i < data.length; i += 4) expect(data[i]).toBeLessThanOrEqual(data[i + 3] + 1e-6);
  });

  it("enlarges what is small", () => {
    const { grid, data } = targetOf(
      draw(4, 2, () => [0, 255, 0, 255]),
      { size: 8, padding: 0, premultiplied: false },
    );
    expect(grid).toEqual([4, 8]);
    expect(data.filter((value, i) => i % 4 === 3 && value === 1)).toHaveLength(32);
  });
});

describe("tilePictures", () => {
  it("lays pictures out in rows", () => {
    const tiles = [1, 2, 3].map((value) => draw(2, 1, () => [value, 0, 0, 255]));
    const { width, height, data } = tilePictures(tiles, 2);
    expect([width, height]).toEqual([4, 2]);
    expect(Array.from(data).filter((_, i) => i % 4 === 0)).toEqual([1, 1, 2, 2, 3, 3, 0, 0]);
  });
});
