/** Numbers as colours. */
import type { Raster } from "../data/image.ts";
import type { Plane } from "../rule/grid.ts";
import type { Colour } from "./rgba.ts";

/** The colour of a number; numbers beyond the range take that of its end. */
export type ColourScale = (value: number) => Colour;

/** Colours of a scale but one: more than can be distinguished, few enough for small files. Even, so that a middle exists. */
const LEVELS = 64;
const NOT_A_NUMBER: Colour = [43, 42, 39];

/** From -1, blue, through 0, the colour of empty panels, to 1, red: for numbers whose sign matters. NaN is black. */
export const diverging = scaleOf(-1, 1, [
  [8, 48, 107],
  [43, 108, 176],
  [122, 173, 214],
  [199, 221, 237],
  [245, 244, 240],
  [250, 213, 188],
  [236, 146, 106],
  [200, 68, 52],
  [112, 10, 30],
]);

/** From 0, the colour of empty panels, through green to 1, nearly black: for numbers that are never negative. NaN is black. */
export const sequential = scaleOf(0, 1, [
  [245, 244, 240],
  [196, 227, 217],
  [120, 192, 172],
  [44, 145, 124],
  [12, 92, 83],
  [6, 44, 46],
]);

/** Linear between colours that lie at even distances from `low` to `high`. */
function scaleOf(low: number, high: number, stops: readonly Colour[]): ColourScale {
  return (value) => {
    if (Number.isNaN(value)) return NOT_A_NUMBER;
    const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
    const place = (Math.round(share * LEVELS) / LEVELS) * (stops.length - 1);
    const index = Math.min(Math.floor(place), stops.length - 2);
    const [from, to] = [stops[index], stops[index + 1]];
    const mix = (c: 0 | 1 | 2) => Math.round(from[c] + (to[c] - from[c]) * (place - index));
    return [mix(0), mix(1), mix(2)];
  };
}

/**
 * An opaque picture of a grid whose cell n has the colour `colourOf(n)`.
 *
 * @param scale pixels a cell: one number, or height and width.
 */
export function gridRaster(
  [height, width]: Plane,
  colourOf: (n: number) => Colour,
  scale: number | readonly [number, number] = 1,
): Raster {
  const [tall, wide] = typeof scale === "number" ? [scale, scale] : scale;
  const data = new Uint8ClampedArray(height * tall * width * wide * 4).fill(255);
  for (let n = 0; n < height * width; n++) {
    const colour = colourOf(n);
    const first = Math.floor(n / width) * tall * width * wide + (n % width) * wide;
    for (let i = 0; i < tall * wide; i++) {
      data.set(colour, (first + Math.floor(i / wide) * width * wide + (i % wide)) * 4);
    }
  }
  return { width: width * wide, height: height * tall, data };
}

/**
 * The magnitude that all but a share of the numbers stay within: what a scale should end at, so that a few outliers do
 * not take all its colours. Zeros and what is not finite count for nothing; 1 where nothing else is there.
 */
export function magnitude(values: Iterable<number>, share = 0.002): number {
  const sizes = Float64Array.from(values, Math.abs);
  const sorted = sizes.filter((size) => size > 0 && size < Infinity).toSorted();
  return sorted.length > 0 ? sorted[Math.floor((sorted.length - 1) * (1 - share))] : 1;
}

/** The lowest and the highest of the finite numbers, in words. */
export function rangeInWords(values: Iterable<number>): string {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? "no finite number" : `${shortNumber(low)} to ${shortNumber(high)}`;
}

/** A number in at most three digits and a decimal point, or as many as its whole part has. */
export function shortNumber(value: number): string {
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return String(Number(value.toFixed(digits)) + 0).replace("-", "−");
}
