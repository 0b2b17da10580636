/** A shelf of textures that are drawn, not photographed: each tiles, and is the same on every machine. */
import { keysOf } from "../config/records.ts";
import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import { pcg4d } from "../random.ts";
import type { Raster } from "./image.ts";

type Rgb = readonly [number, number, number];
/** Colour of a place, each coordinate from 0 to 1 around the torus, y down. */
type Paint = (x: number, y: number) => Rgb;

/** Samples of a pixel along each axis. */
const SAMPLES = 4;

const hash = (a: number, b: number, salt: number) => pcg4d(a, b, salt, 77) / 2 ** 32;
const fraction = (value: number) => value - Math.floor(value);
const clamp = (value: number) => Math.min(1, Math.max(0, value));
const smooth = (t: number) => t * t * (3 - 2 * t);
const modulo = (value: number, size: number) => ((value % size) + size) % size;
const mix = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];
const shade = ([r, g, b]: Rgb, by: number): Rgb => [r * by, g * by, b * by];
const rgb = (hex: number): Rgb => [hex >> 16, (hex >> 8) & 255, hex & 255];
/** As many as fit, each about so many cells long. */
const repeats = (cells: number, length: number) => Math.max(1, Math.round(cells / length));

/** Value noise of so many knots along each axis, around the torus: 0 to 1. */
function noise(x: number, y: number, across: number, down: number, salt: number): number {
  const [px, py] = [x * across, y * down];
  const [left, top] = [Math.floor(px), Math.floor(py)];
  const at = (dx: number, dy: number) => hash(modulo(left + dx, across), modulo(top + dy, down), salt);
  const [tx, ty] = [smooth(px - left), smooth(py - top)];
  const upper = at(0, 0) + (at(1, 0) - at(0, 0)) * tx;
  const lower = at(0, 1) + (at(1, 1) - at(0, 1)) * tx;
  return upper + (lower - upper) * ty;
}

/** The nearest two of points that lie one in each of n x n boxes, shaken: distances in boxes, and the nearest's number. */
function nearest(x: number, y: number, n: number, shake: number, salt: number) {
  const [px, py] = [x * n, y * n];
  const [left, top] = [Math.floor(px), Math.floor(py)];
  let [first, second, number, dx, dy] = [Infinity, Infinity, 0, 0, 0];
  for (let j = top - 2; j <= top + 2; j++) {
    for (let i = left - 2; i <= left + 2; i++) {
      const [column, row] = [modulo(i, n), modulo(j, n)];
      const across = i + 0.5 + shake * (hash(column, row, salt) - 0.5) - px;
      const down = j + 0.5 + shake * (hash(column, row, salt + 1) - 0.5) - py;
      const distance = Math.sqrt(across * across + down * down);
      if (distance < first) {
        [second, first, number, dx, dy] = [first, distance, row * n + column, -across, -down];
      } else if (distance < second) second = distance;
    }
  }
  return { first, second, number, dx, dy };
}

function stripes(cells: number): Paint {
  const count = repeats(cells, 16);
  const [navy, cream, red] = [rgb(0x1d3557), rgb(0xf1ead8), rgb(0xc8443a)];
  return (x, y) => {
    const t = fraction((x + y) * count);
    if (t < 0.42) return navy;
    return t > 0.64 && t < 0.8 ? red : cream;
  };
}

function bricks(cells: number): Paint {
  const columns = repeats(cells, 16);
  const rows = 2 * repeats(cells, 16);
  return (x, y) => {
    const row = Math.floor(y * rows);
    const along = x * columns + (row % 2) / 2;
    const [u, v] = [fraction(along), fraction(y * rows)];
    if (u < 0.11 || v < 0.2) return rgb(0xcfc6b8);
    const tint = hash(modulo(Math.floor(along), columns), row, 5);
    return shade(mix(rgb(0x8e3b2a), rgb(0xc0623f), tint), v < 0.36 ? 1.15 : v > 0.88 ? 0.82 : 1);
  };
}

function scales(cells: number): Paint {
  const columns = repeats(cells, 13);
  const rows = 2 * columns;
  return (x, y) => {
    // Rows overlap from below: the lowest disc that reaches here covers the others.
    for (let step = 0; step < 4; step++) {
      const row = Math.floor(y * rows) + 1 - step;
      const u = fraction(x * columns + (modulo(row, 2) ? 0.5 : 0)) - 0.5;
      const v = (y * rows - row) / 2;
      const radius = Math.sqrt(u * u + v * v);
      if (radius > 0.56 || v < -0.56) continue;
      if (v > 0.6) continue;
      const light = clamp(1 - (v + 0.2) * 0.9);
      if (radius > 0.47) return rgb(0x0d3b3f);
      return mix(rgb(0x1c6e6a), rgb(0x8fd9b6), light * light);
    }
    return rgb(0x0d3b3f);
  };
}

function bark(cells: number): Paint {
  const knots = repeats(cells, 8);
  return (x, y) => {
    const bend = noise(x, y, knots >> 1 || 1, knots >> 1 || 1, 21) - 0.5;
    const ridge = noise(x + bend / knots, y, 2 * knots, knots >> 1 || 1, 22);
    const crack = Math.abs(2 * ridge - 1);
    const grain = noise(x, y, 4 * knots, 2 * knots, 23);
    const wood = mix(rgb(0x5d4630), rgb(0xab8e6d), clamp(crack * 1.4 - 0.1));
    return crack < 0.16 ? rgb(0x231710) : shade(wood, 0.85 + 0.3 * grain);
  };
}

function checker(cells: number): Paint {
  const count = 2 * repeats(cells, 16);
  return (x, y) => ((Math.floor(x * count) + Math.floor(y * count)) % 2 ? rgb(0x20242c) : rgb(0xefe6d2));
}

function bubbles(cells: number): Paint {
  const n = repeats(cells, 13);
  return (x, y) => {
    const { first, number, dx, dy } = nearest(x, y, n, 0.55, 31);
    const radius = 0.26 + 0.2 * hash(number, 3, 33);
    const water = mix(rgb(0x0f4c81), rgb(0x17629e), noise(x, y, n, n, 34));
    if (first > radius) return water;
    const shine = (dx + radius * 0.4) ** 2 + (dy + radius * 0.4) ** 2;
    if (shine < (radius * 0.28) ** 2) return rgb(0xffffff);
    const rim = first / radius;
    return rim > 0.78 ? rgb(0xd4f1ff) : mix(rgb(0x3f95cf), rgb(0x84c8ec), rim * rim);
  };
}

/** A strand that bows over another: shaded across itself and along. */
const strand = (across: number, along: number, colour: Rgb): Rgb => {
  const round = 1 - 4 * (across - 0.5) ** 2;
  const bow = 1 - 1.6 * (along - 0.5) ** 2;
  return shade(colour, (0.45 + 0.55 * round) * bow);
};

function weave(cells: number): Paint {
  const count = 2 * repeats(cells, 16);
  return (x, y) => {
    const [u, v] = [x * count, y * count];
    const over = (Math.floor(u) + Math.floor(v)) % 2 === 0;
    return over
      ? strand(fraction(v), fraction(u), rgb(0xe2b567))
      : strand(fraction(u), fraction(v), rgb(0xa9743a));
  };
}

/** Rows of five bits. */
const GLYPHS: readonly (readonly number[])[] = [
  [14, 17, 17, 31, 17, 17, 17],
  [30, 17, 17, 30, 17, 17, 30],
  [14, 17, 16, 16, 16, 17, 14],
  [31, 16, 16, 30, 16, 16, 31],
  [17, 17, 17, 31, 17, 17, 17],
  [17, 18, 20, 24, 20, 18, 17],
  [17, 27, 21, 21, 17, 17, 17],
  [14, 17, 17, 17, 17, 17, 14],
  [31, 4, 4, 4, 4, 4, 4],
  [17, 10, 4, 4, 4, 10, 17],
];

function letters(cells: number): Paint {
  const columns = repeats(cells, 8);
  const rows = repeats(cells, 10.6);
  return (x, y) => {
    const [u, v] = [fraction(x * columns) * 8, fraction(y * rows) * 10.6];
    const glyph = GLYPHS[Math.floor(hash(Math.floor(x * columns), Math.floor(y * rows), 41) * GLYPHS.length)];
    const [column, row] = [Math.floor(u - 1.5), Math.floor(v - 1.8)];
    const ink = column >= 0 && column < 5 && row >= 0 && row < 7 && (glyph[row] >> (4 - column)) & 1;
    return ink ? rgb(0x26221e) : rgb(0xf0e8d6);
  };
}

function marble(cells: number): Paint {
  const knots = repeats(cells, 16);
  return (x, y) => {
    const bend = noise(x, y, knots, knots, 51) + 0.5 * noise(x, y, 2 * knots, 2 * knots, 52);
    const vein = Math.abs(sineOfDegrees(180 * (knots * (x + y) + 2.5 * bend)));
    const fine = noise(x, y, 4 * knots, 4 * knots, 53);
    return shade(mix(rgb(0x4a5663), rgb(0xf3f1ec), clamp(1.5 * Math.sqrt(vein) - 0.1)), 0.94 + 0.1 * fine);
  };
}

function leopard(cells: number): Paint {
  const n = repeats(cells, 11);
  return (x, y) => {
    const wobble = noise(x, y, 3 * n, 3 * n, 61) - 0.5;
    const { first, number } = nearest(x, y, n, 0.7, 62);
    const radius = 0.3 + 0.1 * hash(number, 1, 64);
    const edge = first + 0.25 * wobble;
    const fur = mix(rgb(0xd9a55a), rgb(0xe9c583), noise(x, y, 2 * n, 2 * n, 65));
    if (edge > radius) return fur;
    return edge > radius * 0.45 ? rgb(0x2b1a10) : rgb(0xa8692c);
  };
}

function maze(cells: number): Paint {
  const n = repeats(cells, 10.6);
  return (x, y) => {
    // Truchet's tiles: two quarter rings in each, one way or the other.
    const [u, v] = [fraction(x * n), fraction(y * n)];
    const turned = hash(Math.floor(x * n), Math.floor(y * n), 71) < 0.5;
    const across = turned ? 1 - u : u;
    const one = Math.sqrt(across * across + v * v);
    const other = Math.sqrt((1 - across) ** 2 + (1 - v) ** 2);
    const distance = Math.min(Math.abs(one - 0.5), Math.abs(other - 0.5));
    return distance < 0.17 ? rgb(0xf2c14e) : rgb(0x2f3e5c);
  };
}

function pebbles(cells: number): Paint {
  const n = repeats(cells, 10);
  return (x, y) => {
    const { first, second, number, dx, dy } = nearest(x, y, n, 0.8, 81);
    const gap = second - first;
    if (gap < 0.14) return rgb(0x2c2a28);
    const stone = mix(rgb(0x7d7468), rgb(0xc9b79c), hash(number, 2, 83));
    const light = 1 + 0.35 * (dx * cosineOfDegrees(225) + dy * sineOfDegrees(225));
    return shade(hash(number, 4, 84) < 0.2 ? rgb(0x8b5e4a) : stone, light * (gap < 0.3 ? 0.8 : 1));
  };
}

const paints = {
  stripes,
  bricks,
  scales,
  bark,
  checker,
  bubbles,
  weave,
  letters,
  marble,
  leopard,
  maze,
  pebbles,
} as const satisfies Record<string, (cells: number) => Paint>;

export type MaterialName = keyof typeof paints;
export const materialNames: readonly MaterialName[] = keysOf(paints);

export function isMaterial(name: string): name is MaterialName {
  return Object.hasOwn(paints, name);
}

/**
 * Draws a material that tiles. Its features keep their size in pixels, about 8 to 16: a larger picture shows more of them.
 *
 * @param size width and height in pixels, from 1 on.
 */
export function drawMaterial(name: MaterialName, size: number): Raster {
  const paint = paints[name](size);
  const data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0];
      for (let j = 0; j < SAMPLES; j++) {
        for (let i = 0; i < SAMPLES; i++) {
          const colour = paint((x + (i + 0.5) / SAMPLES) / size, (y + (j + 0.5) / SAMPLES) / size);
          for (let k = 0; k < 3; k++) sum[k] += colour[k];
        }
      }
      for (let k = 0; k < 3; k++) {
        data[(y * size + x) * 4 + k] = Math.min(255, Math.round(sum[k] / SAMPLES ** 2));
      }
      data[(y * size + x) * 4 + 3] = 255;
    }
  }
  return { width: size, height: size, data };
}
