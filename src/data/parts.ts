/** Parts of a picture that are not connected, and from where each is grown. */
import type { Plane } from "../rule/grid.ts";
import { ONE_SEED, type Seeds } from "../model/start.ts";
import type { Target } from "./image.ts";

/** Seeds that differ: those after them start like one of these. */
export const DISTINCT_SEEDS = 16;
/** Parts of fewer cells that lie so near a larger one are grown by it. */
const SPECK = 4;
const NEAR = 2;
/** The centre of the grid is good enough for a seed where no cell is so many times farther away than from the best place. */
const SLACK = 1.5;
/** Places that are tried for a seed; the best is found before, as a rule. */
const TRIES = 16;

/**
 * The connected parts of a picture: cells whose alpha exceeds the threshold, and neighbours, diagonal ones included,
 * belong together. A speck of fewer than 4 cells within 2 cells of a larger part is left out, as that part grows it.
 *
 * @param threshold of the rule's alive mask.
 * @returns the cells of each part, y * W + x, ascending; the largest part first.
 */
export function partsOf(target: Target, threshold: number): Int32Array[] {
  const { grid } = target;
  const labels = labelled(grid, opaqueCells(target, threshold));
  const sizes: number[] = [];
  for (const label of labels) if (label >= 0) sizes[label] = (sizes[label] ?? 0) + 1;
  const parts = sizes.map((size) => new Int32Array(size));
  const filled = sizes.map(() => 0);
  for (const [cell, label] of labels.entries()) if (label >= 0) parts[label][filled[label]++] = cell;
  const near = neighbourhood(grid, NEAR);
  const isBesideLarger = (cell: number, label: number) => {
    let larger = false;
    near(cell, (other) => (larger ||= sizes[labels[other]] > sizes[label]));
    return larger;
  };
  const isGrownAlong = (part: Int32Array, label: number) =>
    part.length < SPECK && part.some((cell) => isBesideLarger(cell, label));
  return parts.filter((part, label) => !isGrownAlong(part, label)).toSorted((a, b) => b.length - a.length);
}

/**
 * A seed for each part of a picture, the largest part first: in the grid's centre cell where that belongs to
 * the part, unless some cell of the part is more than 1.5 times as far from it as from the best place; else in the best
 * place, from which the farthest cell of the part is nearest. Distances are those of a walk through the part.
 *
 * @param threshold of the rule's alive mask.
 * @param most seeds; default 16.
 * @returns one seed in the centre for a picture without a part.
 *
 * @example
 * ```ts
 * import { findSeeds } from "neoblast";
 * import { loadTarget } from "neoblast/node";
 *
 * // A picture of two parts: a seed in each, rows down and columns right from the centre.
 * const target = await loadTarget("👣", { size: 32, padding: 8, premultiplied: true });
 * console.log(findSeeds(target, 0.1).length); // 2
 * ```
 */
export function findSeeds(target: Target, threshold: number, most = DISTINCT_SEEDS): Seeds {
  const { grid } = target;
  const parts = partsOf(target, threshold).slice(0, most);
  if (parts.length === 0) return ONE_SEED;
  return parts.map((part) => {
    const cell = placeIn(part, grid);
    return [Math.floor(cell / grid[1]) - (grid[0] >> 1), (cell % grid[1]) - (grid[1] >> 1)];
  });
}

/**
 * Steps of one cell, diagonal ones included, from the nearest seed to the farthest cell of the picture: through the part
 * that the seed lies in; to parts without a seed, on from there by the shortest way.
 */
export function reachOf(target: Target, threshold: number, seeds: Seeds): number {
  const { grid } = target;
  const [height, width] = grid;
  const opaque = opaqueCells(target, threshold);
  const distances = new Int32Array(height * width).fill(-1);
  const planted = seeds
    .map(([down, right]) => [(height >> 1) + down, (width >> 1) + right])
    .filter(([y, x]) => y >= 0 && y < height && x >= 0 && x < width)
    .map(([y, x]) => y * width + x);
  for (const cell of planted) if (opaque[cell]) distances[cell] = 0;
  walk(grid, opaque, distances);
  for (const cell of planted) distances[cell] = 0;
  const left = Uint8Array.from(distances, (distance) => (distance < 0 ? 1 : 0));
  walk(grid, left, distances);
  return distances.reduce((most, distance, cell) => (opaque[cell] ? Math.max(most, distance) : most), 0);
}

/** 1 for each cell whose alpha exceeds the threshold. */
export function opaqueCells({ data }: Target, threshold: number): Uint8Array {
  const limit = Math.fround(threshold);
  return Uint8Array.from({ length: data.length / 4 }, (_, cell) => (data[cell * 4 + 3] > limit ? 1 : 0));
}

/** Which connected part each cell belongs to, counted from 0; -1 for cells that may not be passed. */
function labelled(grid: Plane, passable: Uint8Array): Int32Array {
  const labels = new Int32Array(passable.length).fill(-1);
  const near = neighbourhood(grid, 1);
  let count = 0;
  for (let first = 0; first < passable.length; first++) {
    if (!passable[first] || labels[first] >= 0) continue;
    labels[first] = count;
    const open = [first];
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      near(cell, (next) => {
        if (!passable[next] || labels[next] >= 0) return;
        labels[next] = count;
        open.push(next);
      });
    }
    count++;
  }
  return labels;
}

/**
 * Fills distances in, in place: steps of one cell through those that may be passed.
 *
 * @param distances from 0 on where walks begin, -1 elsewhere.
 */
function walk(grid: Plane, passable: Uint8Array, distances: Int32Array): void {
  const near = neighbourhood(grid, 1);
  const levels: number[][] = [];
  for (let cell = 0; cell < distances.length; cell++) {
    if (distances[cell] >= 0) (levels[distances[cell]] ??= []).push(cell);
  }
  for (let distance = 0; distance < levels.length; distance++) {
    const further = (levels[distance + 1] ??= []);
    for (const cell of levels[distance] ?? []) {
      near(cell, (next) => {
        if (!passable[next] || (distances[next] >= 0 && distances[next] <= distance + 1)) return;
        distances[next] = distance + 1;
        further.push(next);
      });
    }
    if (further.length === 0 && distance + 2 >= levels.length) break;
  }
}

/** Visits the cells up to so many rows and columns from one that lie on the grid, itself included. */
function neighbourhood(
  [height, width]: Plane,
  distance: number,
): (cell: number, visit: (other: number) => void) => void {
  return (cell, visit) => {
    const [row, column] = [Math.floor(cell / width), cell % width];
    const [bottom, right] = [Math.min(height - 1, row + distance), Math.min(width - 1, column + distance)];
    for (let y = Math.max(0, row - distance); y <= bottom; y++) {
      for (let x = Math.max(0, column - distance); x <= right; x++) visit(y * width + x);
    }
  };
}

/**
 * Where in a part its seed goes: see `findSeeds`. No cell is nearer to its farthest than that is to any landmark, so the
 * cell for which this bound is least is tried, and it and the farthest cell from it become landmarks, until no cell is
 * left that might be better. Each try takes time in proportion to the grid.
 */
function placeIn(part: Int32Array, grid: Plane): number {
  const [height, width] = grid;
  const passable = new Uint8Array(height * width);
  for (const cell of part) passable[cell] = 1;
  const distancesFrom = (cell: number) => {
    const distances = new Int32Array(height * width).fill(-1);
    distances[cell] = 0;
    walk(grid, passable, distances);
    return distances;
  };
  const offCentre = (cell: number) =>
    (Math.floor(cell / width) - (height >> 1)) ** 2 + ((cell % width) - (width >> 1)) ** 2;
  const bounds = new Int32Array(height * width);
  const nearest = part.reduce((near, cell) => (offCentre(cell) < offCentre(near) ? cell : near));
  let tried = nearest;
  let best = { cell: tried, reach: Infinity };
  let reachOfCentre = Infinity;
  for (let tries = 0; tries < TRIES; tries++) {
    const distances = distancesFrom(tried);
    const farthest = part.reduce((far, cell) => (distances[cell] > distances[far] ? cell : far));
    const reach = distances[farthest];
    if (offCentre(tried) === 0) reachOfCentre = reach;
    if (reach < best.reach) best = { cell: tried, reach };
    const fromFarthest = distancesFrom(farthest);
    for (const cell of part) bounds[cell] = Math.max(bounds[cell], distances[cell], fromFarthest[cell]);
    tried = part.reduce((least, cell) => {
      const better = bounds[cell] - bounds[least] || offCentre(cell) - offCentre(least);
      return better < 0 ? cell : least;
    });
    if (bounds[tried] >= best.reach) break;
  }
  return reachOfCentre <= SLACK * best.reach ? nearest : best.cell;
}
