/**
 * How far a state's picture is from a texture, whatever lies where: the sliced Wasserstein distance between the patches of
 * the two on every level of a pyramid. No network is needed.
 *
 * Patches of a level are points of so many numbers. Along a random direction their projections are numbers on a line, whose
 * optimal transport is sorting; the mean of its cost over directions, patches and levels is the loss. The loss of a
 * picture with itself is 0.
 *
 * Sources: patches and pyramid are those of Mordvintsev and Niklasson, "muNCA", 2021; the distance that of Elnekave and Weiss, "Generating Natural
 * Images with Direct Patch Distributions Matching", 2022; both of it in training a cellular automaton, on features of a network, that of Niklasson et al.,
 * "Self-Organising Textures", 2021.
 */
import type { StateWindow } from "../../engine/window.ts";
import type { PictureLayout } from "../../model/readout.ts";
import { pcg4dWords, STREAM, uniform } from "../../random.ts";
import { gridText, type Plane } from "../../rule/grid.ts";
import type { Loss } from "./loss.ts";
import { type Picture, pyramid, pyramidBackward, type PyramidSettings } from "./pyramid.ts";
import { fitsMemory, padded, type Patches, patchesFor } from "./patches.ts";
import { transport } from "./transport.ts";

/** Most pixels of a picture: what lies in a pyramid then takes some 100 MB. */
const MAX_PIXELS = 2 ** 20;

/** Smallest side of a level, in pixels. */
const LEAST_SIDE = 8;

/** How exactly textures are compared. */
export type TextureSettings = Readonly<{
  /** Side of a patch in pixels: odd, 3 to 7. */
  patch: number;
  /** Most levels of the pyramid: fewer where a level would have a side below 8 pixels. */
  levels: number;
  /** Directions of each level, drawn anew for each training step: 1 to 1,024. */
  directions: number;
  /** Most patches of a level: of more, those of a lattice drawn for each training step. */
  patches: number;
  /** By how much levels are sharpened (`pyramid`). */
  sharpness: number;
}>;

/** The settings that `createTexture` begins with. */
export const textureSettings: TextureSettings = {
  patch: 5,
  levels: 5,
  directions: 32,
  patches: 1024,
  sharpness: 2,
};

/** What a state shall look like. */
export type TextureTarget = Readonly<{
  grid: Plane;
  /** Shape (H, W, K) with K from the readout's channels on, of which the first count. */
  data: Float32Array;
  /** Whether its opposite edges fit together; else no patch lies across them. */
  wraps: boolean;
}>;

/** Levels that pictures of these grids have. */
export function textureLevels(grids: readonly Plane[], most: number): number {
  const side = Math.min(...grids.flat());
  let levels = 0;
  while (levels < most && side >> levels >= LEAST_SIDE) levels++;
  return levels;
}

/** Where patches lie in a level: the place of each one's first number, and from there those of its rows. */
type Lattice = Readonly<{
  /** Places of all numbers of all patches, (patches, numbers). */
  places: Uint32Array;
  patches: number;
}>;

/** @param draws two numbers in [0, 1). */
function latticeOf(
  [height, width]: Plane,
  channels: number,
  { patch, patches: most }: TextureSettings,
  wraps: boolean,
  draws: readonly [number, number],
): Lattice {
  const rows = wraps ? height : height - patch + 1;
  const columns = wraps ? width : width - patch + 1;
  let stride = 1;
  while (Math.floor(rows / stride) * Math.floor(columns / stride) > most) stride++;
  const [down, across] = [Math.floor(rows / stride), Math.floor(columns / stride)];
  const [top, left] = [Math.floor(draws[0] * stride), Math.floor(draws[1] * stride)];
  const places = new Uint32Array(down * across * patch * patch * channels);
  let at = 0;
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      for (let y = 0; y < patch; y++) {
        const row = ((top + i * stride + y) % height) * width;
        for (let x = 0; x < patch; x++) {
          const pixel = (row + ((left + j * stride + x) % width)) * channels;
          for (let k = 0; k < channels; k++) places[at++] = pixel + k;
        }
      }
    }
  }
  return { places, patches: down * across };
}

/** Directions of length 1, (directions, numbers), both with zeros up to multiples of what the kernels want. */
function directionsOf(
  count: number,
  numbers: number,
  draw: readonly [seed: number, step: number, level: number],
) {
  const width = padded(numbers);
  const directions = new Float64Array(padded(count) * width);
  const words = new Uint32Array(4);
  const [seed, step, level] = draw;
  for (let d = 0; d < count; d++) {
    let square = 0;
    const first = d * width;
    for (let i = 0; i < numbers; i++) {
      pcg4dWords(words, seed, STREAM.directions, step, level * 2 ** 20 + d * numbers + i);
      // A sum of four uniform numbers: near enough to a normal one for directions to be spread evenly.
      const value = (words[0] + words[1] + words[2] + words[3]) / 2 ** 32 - 2;
      directions[first + i] = value;
      square += value * value;
    }
    const length = Math.sqrt(square);
    for (let i = first; i < first + numbers; i++) directions[i] /= length;
  }
  return directions;
}

/** The patches of a picture, to be projected. */
function patchesOf(
  { data }: Picture,
  { places, patches: count }: Lattice,
  numbers: number,
  directions: Float64Array,
): Patches {
  const width = padded(numbers);
  const room = patchesFor(count, width, directions);
  for (let n = 0, from = 0; n < count; n++) {
    const to = n * width;
    for (let i = 0; i < numbers; i++) room.patches[to + i] = data[places[from++]];
    room.patches.fill(0, to + numbers, to + width);
  }
  return room;
}

/** What a level is compared by in one training step. */
type Comparison = Readonly<{
  lattice: Lattice;
  /** As {@link directionsOf} gives them. */
  directions: Float64Array;
  /** Of each direction that is asked for, the target's patches, ascending. */
  wanted: readonly Float64Array[];
}>;

/** Compares one level. @param dLevel where to add `slope` times the gradient. */
function compare(
  level: Picture,
  numbers: number,
  { lattice, directions, wanted }: Comparison,
  slope: number,
  dLevel: Float64Array | undefined,
): number {
  const { places, patches: count } = lattice;
  const room = patchesOf(level, lattice, numbers, directions);
  const projected = room.project();
  const row = (of: Float64Array, d: number) => of.subarray(d * count, (d + 1) * count);
  let sum = 0;
  for (const [d, sorted] of wanted.entries()) {
    const slopes = dLevel && row(room.slopes, d);
    sum += transport(row(projected, d), room.order(d), sorted, slopes, slope / wanted.length);
  }
  if (dLevel) {
    const dPatches = room.projectBackward();
    const width = padded(numbers);
    for (let n = 0, at = 0; n < count; n++) {
      for (let i = n * width; i < n * width + numbers; i++) dLevel[places[at++]] += dPatches[i];
    }
  }
  return sum / wanted.length;
}

/** The first K of every pixel's numbers. */
function firstChannels(data: Float32Array, pixels: number, channels: number): Float64Array {
  const stride = data.length / pixels;
  const picture = new Float64Array(pixels * channels);
  for (let n = 0; n < pixels; n++) {
    for (let k = 0; k < channels; k++) picture[n * channels + k] = data[n * stride + k];
  }
  return picture;
}

/** The picture in a window of a state, all of the grid. */
function pictureOf(
  { top, left, height, width, data }: StateWindow,
  { rule, readout: { offset, channels } }: PictureLayout,
  grid: Plane,
): Float64Array {
  const picture = new Float64Array(grid[0] * grid[1] * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((top + y) * grid[1] + left + x) * channels;
      const from = (y * width + x) * rule.channels + offset;
      for (let k = 0; k < channels; k++) picture[to + k] = data[from + k];
    }
  }
  return picture;
}

/**
 * The loss of a state's picture from a texture: the mean over levels and directions of the cost of transport between the projected patches of the two, in squared units of
 * the picture's channels.
 *
 * @param layout where the picture lies in a state; on a torus patches lie across its edges.
 * @param seed of directions and lattices, which are drawn by the number of the training step, the same for all samples.
 * @throws RangeError for a target or a grid with a side below 8 pixels, for a target that lacks channels, for too many
 *   pixels, and for more patches and directions than memory holds.
 */
export function textureLoss(
  layout: Readonly<{ rule: PictureLayout["rule"] & Readonly<{ boundary: "zero" | "wrap" }> }> & PictureLayout,
  grid: Plane,
  target: TextureTarget,
  settings: TextureSettings,
  seed: number,
): Loss {
  const { rule, readout } = layout;
  const { channels } = readout;
  const levels = textureLevels([grid, target.grid], settings.levels);
  const pixels = target.grid[0] * target.grid[1];
  if (levels === 0) {
    throw new RangeError(
      `textures have at least ${LEAST_SIDE} pixels a side; the target has ${gridText(target.grid)}, the grid ${gridText(grid)}`,
    );
  }
  if (target.data.length % pixels !== 0 || target.data.length < pixels * channels) {
    throw new RangeError(
      `the target has ${target.data.length} numbers, not ${channels} or more for each of ${gridText(target.grid)} pixels`,
    );
  }
  if (Math.max(pixels, grid[0] * grid[1]) > MAX_PIXELS) {
    throw new RangeError(`pictures of at most ${MAX_PIXELS} pixels can be compared as textures`);
  }
  const numbers = settings.patch ** 2 * channels;
  const most = Math.min(settings.patches, Math.max(pixels, grid[0] * grid[1]));
  if (!fitsMemory(most, numbers, settings.directions)) {
    throw new RangeError(
      `${most} patches of ${numbers} numbers along ${settings.directions} directions need more than 4 GiB of memory; ask for fewer patches or directions`,
    );
  }
  const shape = { channels, levels, sharpness: settings.sharpness };
  const wanted = pyramid(
    { grid: target.grid, data: firstChannels(target.data, pixels, channels) },
    { ...shape, wraps: target.wraps },
  );
  const own: PyramidSettings = { ...shape, wraps: rule.boundary === "wrap" };
  const gridAt = (level: number): Plane => [grid[0] >> level, grid[1] >> level];

  const comparisonsOf = (step: number): Comparison[] =>
    wanted.map((level, l) => {
      const draw = (i: number) => uniform(seed, STREAM.patches, step, 2 * l + i);
      const draws = [draw(0), draw(1)] as const;
      const all = directionsOf(settings.directions, numbers, [seed, step, l]);
      const targetLattice = latticeOf(level.grid, channels, settings, target.wraps, draws);
      const { patches } = targetLattice;
      const room = patchesOf(level, targetLattice, numbers, all);
      const projected = room.project();
      return {
        lattice: latticeOf(gridAt(l), channels, settings, own.wraps, draws),
        directions: all,
        wanted: Array.from({ length: settings.directions }, (_, d) => {
          const row = projected.subarray(d * patches, (d + 1) * patches);
          const order = room.order(d);
          const sorted = new Float64Array(patches);
          for (let i = 0; i < patches; i++) sorted[i] = row[order[i]];
          return sorted;
        }),
      };
    });
  let latest: Readonly<{ step: number; comparisons: Comparison[] }> | undefined;

  return (state, { trainingStep }, sink) => {
    if (latest?.step !== trainingStep) {
      latest = { step: trainingStep, comparisons: comparisonsOf(trainingStep) };
    }
    const { comparisons } = latest;
    const shown = pyramid({ grid, data: pictureOf(state, layout, grid) }, own);
    const slopes = shown.map(({ grid: size, data }) => ({
      grid: size,
      data: new Float64Array(sink ? data.length : 0),
    }));
    let sum = 0;
    for (const [l, comparison] of comparisons.entries()) {
      sum += compare(shown[l], numbers, comparison, sink ? sink.scale / levels : 0, sink && slopes[l].data);
    }
    if (sink) {
      const gradient = pyramidBackward(slopes, own);
      for (let y = 0; y < state.height; y++) {
        for (let x = 0; x < state.width; x++) {
          const from = ((state.top + y) * grid[1] + state.left + x) * channels;
          const to = (y * state.width + x) * rule.channels + readout.offset;
          for (let k = 0; k < channels; k++) sink.data[to + k] += gradient[from + k];
        }
      }
    }
    return sum / levels;
  };
}
