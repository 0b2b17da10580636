import type { Raster } from "../data/image.ts";
import { type Classes, classOf, type Readout } from "../model/readout.ts";
import { type Grid, planeOf } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { classColour, type Colour } from "./classColours.ts";

export type { Colour } from "./classColours.ts";

/** How large a picture is drawn, and on what. */
export type RasterOptions = Readonly<{
  /** Colour behind the picture, which becomes opaque. Default none: alpha is kept. */
  background?: Colour;
  /** Pixels per cell and side, a whole number from 1 on. Default 1. */
  scale?: number;
}>;

/**
 * The picture in a state of shape (...grid, C), values clamped to 0..1; one without alpha is opaque. On one axis it is a
 * single row, on three all slices one below the other. Where the readout has classes, a cell has the colour of the one
 * that it names, as bright as a grey picture is there, or else as opaque.
 *
 * @example
 * ```ts
 * import { picturePresets, splitRule, startState, stateRaster } from "neoblast";
 *
 * const conventions = splitRule(picturePresets.distill);
 * const grid = [9, 9] as const;
 * const { width, height, data } = stateRaster(startState(conventions, grid), conventions, grid, {
 *   scale: 8,
 *   background: [255, 255, 255],
 * });
 * console.log(width, height, data.length); // 72 72 20736
 * ```
 */
export function stateRaster(
  state: Float32Array,
  { rule, readout }: Readonly<{ rule: Pick<Rule, "channels">; readout: Readout }>,
  grid: Grid,
  options: RasterOptions = {},
): Raster {
  return imageRaster(state, grid, rule.channels, readout, options);
}

/** The picture of a target of shape (...grid, 4). */
export function targetRaster(
  target: Float32Array,
  grid: Grid,
  premultiplied: boolean,
  options: RasterOptions = {},
): Raster {
  return imageRaster(target, grid, 4, { offset: 0, channels: 4, premultiplied }, options);
}

/** A picture of shape (...grid, 1), grey, or (...grid, 4), not premultiplied. */
export function pictureRaster(
  picture: Float32Array,
  grid: Grid,
  channels: number,
  options: RasterOptions = {},
): Raster {
  const readout = { offset: 0, channels: channels === 4 ? 4 : 1, premultiplied: false } as const;
  return imageRaster(picture, grid, channels, readout, options);
}

function imageRaster(
  values: Float32Array,
  grid: Grid,
  stride: number,
  readout: Readout,
  { background, scale = 1 }: RasterOptions,
): Raster {
  const [height, width] = planeOf(grid);
  const data = new Uint8ClampedArray(height * width * 4);
  for (let cell = 0; cell < height * width; cell++) {
    const from = cell * stride + readout.offset;
    const alpha = readout.channels === 4 ? clamp(values[from + 3]) : 1;
    const named = readout.classes && colourOfCell(values, cell * stride, readout.classes);
    const light = readout.channels === 1 ? clamp(values[from]) : alpha;
    for (let c = 0; c < 3; c++) {
      const value = values[from + (readout.channels === 1 ? 0 : c)];
      // A premultiplied colour never exceeds its alpha; an automaton's may.
      const own = readout.premultiplied ? clamp(value, alpha) : clamp(value) * alpha;
      const shown = named ? (light * named[c]) / 255 : own;
      const straight = alpha > 0 ? shown / alpha : 0;
      data[cell * 4 + c] = background ? shown * 255 + (1 - alpha) * background[c] : straight * 255;
    }
    data[cell * 4 + 3] = background ? 255 : alpha * 255;
  }
  return scale === 1 ? { width, height, data } : enlarge({ width, height, data }, scale);
}

/** Undefined where the cell names no class. */
function colourOfCell(values: Float32Array, cell: number, classes: Classes): Colour | undefined {
  const named = classOf(values, cell, classes);
  return named < 0 ? undefined : classColour(named);
}

/** Every pixel as a square of scale x scale pixels. */
function enlarge({ width, height, data }: Raster, scale: number): Raster {
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const to = new Uint32Array(width * scale * height * scale);
  for (let y = 0; y < height * scale; y++) {
    const source = Math.floor(y / scale) * width;
    const line = y * width * scale;
    for (let x = 0; x < width * scale; x++) to[line + x] = from[source + Math.floor(x / scale)];
  }
  return { width: width * scale, height: height * scale, data: new Uint8ClampedArray(to.buffer) };
}

/** NaN becomes 0. */
function clamp(value: number, high = 1): number {
  return value > 0 ? Math.min(value, high) : 0;
}
