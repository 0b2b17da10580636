/** Fields of a grid, one number a cell, drawn as tiles side by side. */
import type { Raster } from "../data/image.ts";
import type { Floats } from "../step/floats.ts";
import type { Plane } from "../rule/grid.ts";
import { type ColourScale, diverging, magnitude, sequential } from "../render/scale.ts";

/** Pixels in the proportions of a grid. */
export type TiledRaster = Raster &
  Readonly<{
    /** How many pictures of the whole grid lie side by side, and as many below each other. Default 1. */
    tiles?: number;
  }>;

/** One number of every cell, out of several: of cell n, `values[n * size + index]`. */
export type Field = Readonly<{ values: Floats; size: number; index: number }>;

/** Colours of a scale from its low end to its high one, and that of NaN, as pixels. */
export type Palette = Readonly<{ low: number; pixels: Uint32Array<ArrayBuffer> }>;

/** Steps of a palette: a multiple of those of the scales. */
const STEPS = 256;
/** The ends of the scales are found from about this many numbers of all fields together. */
const SAMPLES = 2 ** 15;
/** Most pixels of a picture, since a page draws it again and again. */
const MOST_PIXELS = 2 ** 22;

export const signed: Palette = paletteOf(diverging, -1);
export const unsigned: Palette = paletteOf(sequential, 0);

function paletteOf(scale: ColourScale, low: number): Palette {
  const bytes = new Uint8ClampedArray(4 * (STEPS + 2)).fill(255);
  for (let i = 0; i <= STEPS; i++) bytes.set(scale(low + (i / STEPS) * (1 - low)), 4 * i);
  bytes.set(scale(NaN), 4 * (STEPS + 1));
  return { low, pixels: new Uint32Array(bytes.buffer) };
}

/** The fields of some indices of an array of shape (H, W, size). */
export function fieldsOf(values: Floats, size: number, indices: readonly number[]): Field[] {
  return indices.map((index) => ({ values, size, index }));
}

/** How fields of a grid are laid out: tiles across and as many down, and of each every k-th row and column. */
export type TileLayout = Readonly<{ tiles: number; every: number; rows: number; columns: number }>;

/** Lays n fields out in a square of ceil(sqrt(n)) tiles a side, of which every k-th row and column is drawn. */
export function layOutTiles([height, width]: Plane, count: number): TileLayout {
  const tiles = Math.max(1, Math.ceil(Math.sqrt(count)));
  let every = 1;
  while (Math.ceil(height / every) * Math.ceil(width / every) * tiles ** 2 > MOST_PIXELS) every++;
  return { tiles, every, rows: Math.ceil(height / every), columns: Math.ceil(width / every) };
}

/** Cells from one to the next of those by which the ends of the scales of so many fields are found. */
export function sampleStride([height, width]: Plane, count: number): number {
  let stride = Math.ceil((height * width * count) / SAMPLES);
  // Else only some columns would be sampled.
  while (commonDivisor(stride, width) > 1) stride++;
  return stride;
}

/**
 * Draws n fields as tiles of a square of ceil(sqrt(n)) tiles a side, row by row; what is left of the square is transparent. Where cells of all
 * tiles are more than 2^22, every k-th row and column is drawn, for the smallest k that leaves no more.
 *
 * @param shared whether one scale serves all fields; otherwise each has its own. Scales end where few numbers lie beyond.
 */
export function drawTiles(
  grid: Plane,
  fields: readonly Field[],
  palette: Palette,
  shared: boolean,
): TiledRaster {
  const width = grid[1];
  const { tiles, every, rows, columns } = layOutTiles(grid, fields.length);
  const pixels = new Uint32Array(rows * columns * tiles * tiles);
  const stride = sampleStride(grid, fields.length);
  const common = shared ? magnitude(fields.flatMap((field) => sampleOf(field, stride))) : undefined;
  for (const [tile, field] of fields.entries()) {
    const { values, size, index } = field;
    const scale = STEPS / (1 - palette.low) / (common ?? magnitude(sampleOf(field, stride)));
    const zero = (-palette.low * STEPS) / (1 - palette.low);
    const first = Math.floor(tile / tiles) * rows * columns * tiles + (tile % tiles) * columns;
    for (let y = 0; y < rows; y++) {
      const row = first + y * columns * tiles;
      for (let x = 0; x < columns; x++) {
        const step = Math.round(zero + scale * values[(y * width + x) * every * size + index]);
        pixels[row + x] = palette.pixels[step >= 0 ? Math.min(STEPS, step) : step < 0 ? 0 : STEPS + 1];
      }
    }
  }
  return {
    width: columns * tiles,
    height: rows * tiles,
    data: new Uint8ClampedArray(pixels.buffer),
    tiles,
  };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Every n-th number of a field, where n is the stride. */
function sampleOf({ values, size, index }: Field, stride: number): number[] {
  const sample = [];
  for (let i = index; i < values.length; i += size * stride) sample.push(values[i]);
  return sample;
}
