/** Pictures drawn by hand, as an encoder takes them. */
import type { Plane } from "../../rule/grid.ts";
import { type Place, squareToLine } from "../../edit/stroke.ts";

/** A line drawn with a round pen. */
export type Stroke = Readonly<{
  /** In cells. */
  points: readonly Place[];
  /** Values of a cell that the pen covers wholly, 0 to 1. */
  colour: readonly number[];
}>;

/** Radius of the pen in cells, where the picture is 28 cells wide. */
const PEN = 1.25 / 28;
/** Width of the soft edge in cells. */
const SOFTNESS = 1.4;
/** Part of the picture's side that the longer side of a drawing takes, as in MNIST. */
const EXTENT = 20 / 28;
/** Small drawings are enlarged at most this many times: a dot stays one. */
const MAX_SCALE = 3;

function penRadius([height, width]: Plane): number {
  return Math.max(0.6, PEN * Math.min(height, width));
}

/** The picture of some strokes, the last uppermost: shape (H, W, K), zeros where nothing is drawn; premultiplied. */
export function drawStrokes(strokes: readonly Stroke[], grid: Plane, channels: number): Float32Array {
  const picture = new Float32Array(grid[0] * grid[1] * channels);
  for (const { points, colour } of strokes) {
    const covered = coverage(points, grid);
    for (const [i, value] of picture.entries()) {
      picture[i] = value + covered[Math.floor(i / channels)] * (colour[i % channels] - value);
    }
  }
  return picture;
}

/** How much of each cell a line covers, shape (H, W), 0 to 1. */
function coverage(points: readonly Place[], grid: Plane): Float32Array {
  const [height, width] = grid;
  const radius = penRadius(grid);
  const reach = radius + SOFTNESS / 2;
  const covered = new Float32Array(height * width);
  const range = (a: number, b: number, size: number) =>
    [Math.floor(Math.min(a, b) - reach), Math.ceil(Math.max(a, b) + reach)].map((edge) =>
      Math.min(size, Math.max(0, edge)),
    );
  for (const [i, to] of points.entries()) {
    const from = points[Math.max(0, i - 1)];
    const [top, bottom] = range(from.y, to.y, height);
    const [left, right] = range(from.x, to.x, width);
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const distance = Math.sqrt(squareToLine({ x: x + 0.5, y: y + 0.5 }, from, to));
        const part = Math.min(1, Math.max(0, (radius - distance) / SOFTNESS + 0.5));
        covered[y * width + x] = Math.max(covered[y * width + x], part);
      }
    }
  }
  return covered;
}

/**
 * Grey strokes sized and placed as the digits of MNIST are: the longer side takes 20/28 of the picture, and the centre of
 * mass lies in the middle. The pen keeps its width.
 *
 * Source: Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database, http://yann.lecun.com/exdb/mnist.
 */
export function centreStrokes(strokes: readonly Stroke[], grid: Plane): Stroke[] {
  const places = strokes.flatMap(({ points }) => points);
  if (places.length === 0) return [];
  const across = extent(places.map(({ x }) => x));
  const down = extent(places.map(({ y }) => y));
  const room = EXTENT * Math.min(...grid) - 2 * penRadius(grid);
  const scale = Math.min(MAX_SCALE, Math.max(0, room) / Math.max(across.length, down.length));
  const fitted = moved(
    strokes,
    scale,
    grid[1] / 2 - scale * across.middle,
    grid[0] / 2 - scale * down.middle,
  );

  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of drawStrokes(fitted, grid, 1).entries()) {
    mass += value;
    x += value * ((i % grid[1]) + 0.5);
    y += value * (Math.floor(i / grid[1]) + 0.5);
  }
  return moved(fitted, 1, grid[1] / 2 - x / mass, grid[0] / 2 - y / mass);
}

function extent(values: readonly number[]): { middle: number; length: number } {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return { middle: (low + high) / 2, length: high - low };
}

function moved(strokes: readonly Stroke[], scale: number, right: number, down: number): Stroke[] {
  return strokes.map(({ points, colour }) => ({
    points: points.map(({ x, y }) => ({ x: scale * x + right, y: scale * y + down })),
    colour,
  }));
}

/** A premultiplied picture of four channels with its colours divided by alpha, in place. */
export function unpremultiply(picture: Float32Array): Float32Array {
  for (let i = 0; i < picture.length; i += 4) {
    if (picture[i + 3] === 0) continue;
    for (let c = 0; c < 3; c++) picture[i + c] /= picture[i + 3];
  }
  return picture;
}
