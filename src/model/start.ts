/** What growth starts from: one seed, or several that grow the parts of a picture. */
import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import { type Draw, pcg4d, STREAM, uniform } from "../random.ts";
import { type Box, cellCount, cellNumber, centreOf, type Grid, positionOf, stateSize } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Readout } from "./readout.ts";
import { plantSeed, type SeedCell, type SeedLayout } from "./seed.ts";

/**
 * Where seeds lie, if any, in cells along each axis from the centre cell of a grid (`centreOf`), on a plane [down, right]. They are
 * numbered as listed, from 0 on.
 */
export type Seeds = readonly (readonly number[])[];

/** Pictures that growth starts from, one of each goal, or one of all. */
export type StartPictures = Readonly<{
  /** That they lie on; on another, they lie around its centre cell. */
  grid: Grid;
  /** Channels of a state that hold them: `channels` from `offset` on. */
  offset: number;
  channels: number;
  /** Shape (...grid, channels) each. */
  data: readonly Float32Array[];
}>;

/**
 * Coordinates that cells of a plane are given: around a place where seeds are planted, which takes the place of the grid's
 * centre cell, each cell of a box holds how many rows down and columns right of it lies.
 */
export type GivenCoordinates = Readonly<{
  /** Channels of the row and the column; where the rule pins them, they belong to the place. */
  channels: readonly [number, number];
  /** Channels that hold 1 where the row, and where the column, is odd, and -1 where it is even; default none. */
  parity?: readonly [number, number] | undefined;
  /** Counted from the centre cell. */
  box: Box;
  /** Cells that count as 1. */
  unit: number;
  /** Counter-clockwise on screen, by which the box is turned about the centre cell; default 0. Of no file. */
  degrees?: number | undefined;
}>;

/** What a start has beside one seed in the centre; undefined where it has nothing. */
export function plantingOf({
  seeds,
  coordinates,
}: Start): Readonly<{ seeds: Seeds; coordinates?: GivenCoordinates }> | undefined {
  if (isOneSeed(seeds) && !coordinates) return undefined;
  return { seeds, ...(coordinates && { coordinates }) };
}

/** The channels that hold coordinates. */
export function channelsOfCoordinates({ channels, parity }: GivenCoordinates): number[] {
  return [...channels, ...(parity ?? [])];
}

/** What coordinates lack, where {@link isRoomFor} says no. */
export const NO_ROOM = "needs hidden channels of its own";

/** Whether coordinates lie in channels that nothing else of a rule is in. */
export function isRoomFor(
  coordinates: GivenCoordinates,
  {
    rule: { channels, alive },
    readout,
  }: Readonly<{ rule: Pick<Rule, "channels" | "alive">; readout: Readout | null }>,
): boolean {
  const own = channelsOfCoordinates(coordinates);
  const { offset, channels: shown } = readout ?? { offset: 0, channels: 0 };
  return own.every(
    (channel, i) =>
      channel < channels &&
      channel !== alive.channel &&
      (channel < offset || channel >= offset + shown) &&
      own.indexOf(channel) === i,
  );
}

/** What a model starts from: where its seeds lie, what a seed cell holds, and pictures, if any, beneath them. */
export type Start = Readonly<{
  seeds: Seeds;
  cell: SeedCell;
  pictures?: StartPictures | undefined;
  coordinates?: GivenCoordinates | undefined;
}>;

/** What it takes to plant all seeds of a start: of a model, or of anything else that has it. */
export type StartLayout = SeedLayout & Readonly<{ start: Start }>;

/** One seed in the centre cell of a plane. */
export const ONE_SEED: Seeds = [[0, 0]];

/**
 * Pinned channels that hold a start's pictures or coordinates. What they say is of the place, not of the cell that is there,
 * such as its row and column: erasing and damage leave them.
 */
export function placeChannels({
  rule: { pinned = [] },
  start,
}: Readonly<{ rule: Pick<Rule, "pinned">; start: Start }>): number[] {
  const { offset, channels } = start.pictures ?? { offset: 0, channels: 0 };
  const given = start.coordinates ? channelsOfCoordinates(start.coordinates) : [];
  return pinned.filter(
    (channel) => (channel >= offset && channel < offset + channels) || given.includes(channel),
  );
}

/** Most pictures that one automaton learns. */
export const MAX_GOALS = 64;

/** Most seeds of one start. */
export const MAX_SEEDS = 64;

/** Whether seeds are one, in the centre cell. */
export function isOneSeed(seeds: Seeds): boolean {
  return seeds.length === 1 && seeds[0].every((cells) => cells === 0);
}

/** The first seed, by its number, that lies outside a grid; -1 where all lie inside. */
export function seedOutside(seeds: Seeds, grid: Grid): number {
  return seeds.findIndex((seed) => cellNumber(grid, sumOf(centreOf(grid), seed)) < 0);
}

/**
 * The state that growth starts from: empty, or what the seed cell says of cells that are no seeds, or a picture, but for the seeds. What
 * lies outside the grid is left out.
 *
 * @param draw what noise is drawn from; default: always the same.
 * @param goal of which pictures are; default 0.
 * @returns Float32Array of shape (...grid, C).
 *
 * @example
 * ```ts
 * import { picturePresets, splitRule, startState } from "neoblast";
 *
 * // One seed in the centre: alpha and the hidden channels are 1, colours 0.
 * const state = startState(splitRule(picturePresets.distill), [3, 3]);
 * const centre = 1 * 3 + 1;
 * console.log(state.length, Array.from(state.subarray(centre * 16, centre * 16 + 6))); // 144 [ 0, 0, 0, 1, 1, 1 ]
 * ```
 */
export function startState(layout: StartLayout, grid: Grid, draw?: Draw, goal = 0): Float32Array {
  const state = groundState(layout, grid, draw, goal);
  plantSeeds(state, layout, grid, centreOf(grid));
  return state;
}

/** What the noise of a start is drawn from, with {@link STREAM}.start, 0 and the number's place in the state. */
export function noiseStream([seed, step, index]: Draw = [0, 0, 0]): number {
  return pcg4d(seed, STREAM.start, step, index);
}

/** {@link startState} without its seeds. */
export function groundState(
  { rule, readout, start }: Pick<StartLayout, "rule" | "readout" | "start">,
  grid: Grid,
  [seed, step, index]: Draw = [0, 0, 0],
  goal = 0,
): Float32Array {
  const state = new Float32Array(stateSize(rule, grid));
  const { noise = 0, ground = 0 } = start.cell;
  if (readout && ground !== 0) {
    const { offset, channels } = readout;
    for (let at = offset; at < state.length; at += rule.channels) state.fill(ground, at, at + channels);
  }
  if (noise > 0) {
    const stream = noiseStream([seed, step, index]);
    for (let i = 0; i < state.length; i++) state[i] += noise * (2 * uniform(stream, STREAM.start, 0, i) - 1);
  }
  if (start.pictures) layPicture(state, rule.channels, grid, start.pictures, goal);
  return state;
}

/** Lays the picture of a goal around the centre cell of a grid, in place. */
function layPicture(
  state: Float32Array,
  stride: number,
  grid: Grid,
  { grid: own, offset, channels, data }: StartPictures,
  goal: number,
): void {
  const picture = data[Math.min(goal, data.length - 1)];
  const shift = sumOf(
    centreOf(grid),
    centreOf(own).map((cells) => -cells),
  );
  for (let cell = 0; cell < cellCount(own); cell++) {
    const to = cellNumber(grid, sumOf(positionOf(own, cell), shift));
    if (to < 0) continue;
    const from = cell * channels;
    state.set(picture.subarray(from, from + channels), to * stride + offset);
  }
}

/** The goal that an input calls for: the place of its largest number, the first of equals. */
export function goalOfInput(input: Float32Array): number {
  return Math.max(0, input.indexOf(input.reduce((most, value) => Math.max(most, value), -Infinity)));
}

/**
 * The state of cells that are given a picture to work on, and nothing else.
 *
 * @param picture shape (...grid, K) with K the channels of the readout's picture.
 * @returns Float32Array of shape (...grid, C).
 */
export function pictureState(
  picture: Float32Array,
  {
    rule: { channels },
    readout: { offset, channels: K },
  }: Readonly<{ rule: Pick<Rule, "channels">; readout: Pick<Readout, "offset" | "channels"> }>,
): Float32Array {
  const state = new Float32Array((picture.length / K) * channels);
  for (let from = 0, to = offset; from < picture.length; from += K, to += channels) {
    for (let k = 0; k < K; k++) state[to + k] = picture[from + k];
  }
  return state;
}

/**
 * Plants seeds around a cell, in place, and lays coordinates around it, where they are given. What would lie outside the grid is
 * left out.
 *
 * @param at position of the cell, on a plane [row, column], that takes the place of the centre.
 */
export function plantSeeds(
  state: Float32Array,
  layout: StartLayout,
  grid: Grid,
  at: readonly number[],
): void {
  const { seeds, coordinates } = layout.start;
  const { channels } = layout.rule;
  for (const [number, seed] of seeds.entries()) {
    const place = sumOf(at, seed);
    const cell = cellNumber(grid, place);
    if (cell < 0) continue;
    plantSeed(state, layout, grid, place, number);
    // A seed outside the box is given none.
    if (coordinates)
      for (const channel of channelsOfCoordinates(coordinates)) state[cell * channels + channel] = 0;
  }
  if (coordinates) layCoordinates(state, channels, grid, at, coordinates);
}

/** Lays coordinates around a cell, in place. @param stride channels of a cell. */
export function layCoordinates(
  state: Float32Array,
  stride: number,
  grid: Grid,
  at: readonly number[],
  { channels, parity, box, unit, degrees = 0 }: GivenCoordinates,
): void {
  const corners = [box.top - 1, box.top + box.height].flatMap((down) =>
    [box.left - 1, box.left + box.width].map((right) => turnedPlace([down, right], degrees)),
  );
  const [rows, columns] = at.map((middle, axis) => {
    const places = corners.map((corner) => middle + corner[axis]);
    return [
      Math.max(0, Math.floor(Math.min(...places))),
      Math.min(grid[axis] - 1, Math.ceil(Math.max(...places))),
    ];
  });
  for (let y = rows[0]; y <= rows[1]; y++) {
    for (let x = columns[0]; x <= columns[1]; x++) {
      const [down, right] = turnedPlace([y - at[0], x - at[1]], -degrees);
      // Where the box is turned, cells are in it whose centres are.
      const [row, column] = [down - box.top + 0.5, right - box.left + 0.5];
      if (row < 0 || row >= box.height || column < 0 || column >= box.width) continue;
      const cell = cellNumber(grid, [y, x]) * stride;
      for (const [axis, place] of [down, right].entries()) {
        // The sum turns -0 into 0.
        state[cell + channels[axis]] = place / unit + 0;
        if (parity) state[cell + parity[axis]] = Math.round(place) % 2 === 0 ? -1 : 1;
      }
    }
  }
}

/**
 * Seeds for an automaton whose cells' sense of direction is turned (`turnedRule`): turned alike about the centre, and
 * moved into the nearest cell.
 *
 * @param degrees any finite angle, counter-clockwise on screen; seeds of other grids than planes do not turn.
 */
export function turnedSeeds(seeds: Seeds, degrees: number): Seeds {
  if (degrees % 360 === 0) return seeds;
  // The sums turn -0 into 0.
  return seeds.map((seed) => turnedPlace(seed, degrees).map((cells) => Math.round(cells) + 0));
}

/** [rows down, columns right] of a centre, turned about it. */
function turnedPlace(place: readonly number[], degrees: number): readonly number[] {
  if (degrees % 360 === 0) return place;
  const [down, right] = place;
  const [cos, sin] = [cosineOfDegrees(degrees), sineOfDegrees(degrees)];
  return [cos * down - sin * right, sin * down + cos * right];
}

/** A start whose seeds are turned ({@link turnedSeeds}), and coordinates with them. */
export function turnedStart(start: Start, degrees: number): Start {
  const { coordinates } = start;
  return {
    ...start,
    seeds: turnedSeeds(start.seeds, degrees),
    ...(coordinates && { coordinates: { ...coordinates, degrees: (coordinates.degrees ?? 0) + degrees } }),
  };
}

function sumOf(a: readonly number[], b: readonly number[]): number[] {
  return a.map((cells, axis) => cells + b[axis]);
}
