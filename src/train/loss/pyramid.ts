/**
 * A pyramid of pictures, each half as wide and as high as the one before, with its adjoint. Each level is blurred by
 * [1, 4, 6, 4, 1] / 16 along both axes (a Gaussian of variance 1), and every second pixel is the next; what is looked at is the level
 * sharpened by what the blur took: L + s (L - blur(L)).
 *
 * Source: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983; the sharpening is that of Mordvintsev
 * and Niklasson, "muNCA: Texture Generation with Ultra-Compact Neural Cellular Automata", 2021, with s = 2.
 */
import type { Plane } from "../../rule/grid.ts";

/** Numbers of shape (H, W, K). */
export type Picture = Readonly<{ grid: Plane; data: Float64Array }>;

const [OUTER, INNER, MIDDLE] = [1 / 16, 4 / 16, 6 / 16];

/** Of each pixel of an axis its five neighbours: around the torus, or the last within. */
function neighbours(size: number, wraps: boolean): Int32Array {
  const table = new Int32Array(size * 5);
  for (let at = 0; at < size; at++) {
    for (let tap = 0; tap < 5; tap++) {
      const to = at + tap - 2;
      table[at * 5 + tap] = wraps ? ((to % size) + size) % size : Math.min(size - 1, Math.max(0, to));
    }
  }
  return table;
}

/** Along one axis: `size` places with `step` numbers between them, for each of the places where the axis begins. */
function blurAxis(
  from: Float64Array,
  size: number,
  step: number,
  wraps: boolean,
  transposed: boolean,
): Float64Array {
  const table = neighbours(size, wraps);
  const to = new Float64Array(from.length);
  for (let begin = 0; begin < from.length; begin += size * step) {
    for (let at = 0; at < size; at++) {
      const here = begin + at * step;
      const a = begin + table[at * 5] * step;
      const b = begin + table[at * 5 + 1] * step;
      const c = begin + table[at * 5 + 3] * step;
      const d = begin + table[at * 5 + 4] * step;
      if (transposed) {
        for (let i = 0; i < step; i++) {
          const value = from[here + i];
          to[a + i] += OUTER * value;
          to[b + i] += INNER * value;
          to[here + i] += MIDDLE * value;
          to[c + i] += INNER * value;
          to[d + i] += OUTER * value;
        }
      } else {
        for (let i = 0; i < step; i++) {
          to[here + i] =
            OUTER * (from[a + i] + from[d + i]) +
            INNER * (from[b + i] + from[c + i]) +
            MIDDLE * from[here + i];
        }
      }
    }
  }
  return to;
}

function blur(
  { grid: [height, width], data }: Picture,
  channels: number,
  wraps: boolean,
  transposed = false,
) {
  const across = blurAxis(data, width, channels, wraps, transposed);
  return blurAxis(across, height, width * channels, wraps, transposed);
}

/** Half of both axes, rounded down. */
function halved([height, width]: Plane): Plane {
  return [height >> 1, width >> 1];
}

/** Where each pixel of the next level lies in this one. */
function forEachKept(
  [height, width]: Plane,
  channels: number,
  visit: (kept: number, pixel: number) => void,
): void {
  const [rows, columns] = halved([height, width]);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      visit((y * columns + x) * channels, (2 * y * width + 2 * x) * channels);
    }
  }
}

function sharpened(level: Float64Array, soft: Float64Array, s: number): Float64Array {
  const sharp = new Float64Array(level.length);
  for (let i = 0; i < level.length; i++) sharp[i] = level[i] + s * (level[i] - soft[i]);
  return sharp;
}

export type PyramidSettings = Readonly<{
  /** Numbers a pixel: K. */
  channels: number;
  /** Whether opposite edges are neighbours; else edges repeat themselves. */
  wraps: boolean;
  /** How many: from 1 on. */
  levels: number;
  /** s: 0 leaves levels as they are. */
  sharpness: number;
}>;

/** Levels from the finest to the coarsest, sharpened. */
export function pyramid(
  picture: Picture,
  { channels, wraps, levels, sharpness: s }: PyramidSettings,
): Picture[] {
  const shown: Picture[] = [];
  let level = picture;
  for (let l = 0; l < levels; l++) {
    const soft = blur(level, channels, wraps);
    shown.push({ grid: level.grid, data: sharpened(level.data, soft, s) });
    const grid = halved(level.grid);
    const next = new Float64Array(grid[0] * grid[1] * channels);
    forEachKept(level.grid, channels, (kept, pixel) => {
      for (let k = 0; k < channels; k++) next[kept + k] = soft[pixel + k];
    });
    level = { grid, data: next };
  }
  return shown;
}

/** The adjoint of {@link pyramid}. @param slopes d loss / d level, for each. @returns d loss / d picture. */
export function pyramidBackward(
  slopes: readonly Picture[],
  { channels, wraps, sharpness: s }: PyramidSettings,
): Float64Array {
  let coarser: Float64Array | undefined;
  for (const { grid, data } of slopes.toReversed()) {
    const dSoft = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) dSoft[i] = -s * data[i];
    const below = coarser;
    if (below) {
      forEachKept(grid, channels, (kept, pixel) => {
        for (let k = 0; k < channels; k++) dSoft[pixel + k] += below[kept + k];
      });
    }
    const through = blur({ grid, data: dSoft }, channels, wraps, true);
    for (let i = 0; i < data.length; i++) through[i] += (1 + s) * data[i];
    coarser = through;
  }
  return coarser ?? new Float64Array(0);
}
