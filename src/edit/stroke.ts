import { luma } from "../math.ts";
import type { PictureLayout } from "../model/readout.ts";
import type { Plane } from "../rule/grid.ts";
import { emptyCell } from "./channels.ts";

/** A place on the grid in cells, from its top left corner; the first cell's centre is (0.5, 0.5). */
export type Place = Readonly<{ x: number; y: number }>;

/**
 * The cells under a round brush drawn along a line: those whose centre lies within `radius` cells of it. The line may
 * begin and end beyond the grid.
 *
 * @param touch called with each, by its number in reading order.
 */
function touchStroke(
  [height, width]: Plane,
  from: Place,
  to: Place,
  radius: number,
  touch: (cell: number) => void,
): void {
  const first = (a: number, b: number) => Math.max(0, Math.floor(Math.min(a, b) - radius));
  const end = (a: number, b: number, size: number) => Math.min(size, Math.ceil(Math.max(a, b) + radius));
  for (let y = first(from.y, to.y); y < end(from.y, to.y, height); y++) {
    for (let x = first(from.x, to.x); x < end(from.x, to.x, width); x++) {
      if (squareToLine({ x: x + 0.5, y: y + 0.5 }, from, to) <= radius * radius) touch(y * width + x);
    }
  }
}

/**
 * Fills the cells under a round brush drawn along a line, in place.
 *
 * @param data shape (H, W, C): a state, or with C = 1 a map of cells. @param value what all C numbers of a cell become.
 */
export function fillStroke(
  data: Float32Array | Uint8Array,
  grid: Plane,
  channels: number,
  from: Place,
  to: Place,
  radius: number,
  value: number,
): void {
  touchStroke(grid, from, to, radius, (cell) => data.fill(value, cell * channels, (cell + 1) * channels));
}

/**
 * Colours the cells under a brush, in place: their picture becomes that colour, opaque, the picture that they are given (`Readout.given`), too, and they live. Their hidden
 * channels stay, so that what is painted over a pattern is a disguise that its cells may see through.
 *
 * @param state shape (H, W, C). @param colour red, green and blue, 0 to 1.
 */
export function colourStroke(
  state: Float32Array,
  { rule: { channels, alive }, readout }: PictureLayout,
  grid: Plane,
  from: Place,
  to: Place,
  radius: number,
  colour: readonly [number, number, number],
): void {
  const { offset, given = offset } = readout;
  const picture = readout.channels === 1 ? [luma(...colour)] : [...colour, 1].slice(0, readout.channels);
  const seen = alive.channel >= offset && alive.channel < offset + readout.channels;
  touchStroke(grid, from, to, radius, (cell) => {
    state.set(picture, cell * channels + offset);
    state.set(picture, cell * channels + given);
    if (!seen) state[cell * channels + alive.channel] = 1;
  });
}

/**
 * Erases the cells of a state of shape (H, W, C) under a brush: {@link fillStroke} with zeros.
 *
 * @param kept channels that are left as they are (`placeChannels`); default none.
 *
 * @example
 * ```ts
 * import { eraseStroke } from "neoblast";
 *
 * // A brush of radius 1 along the middle row of 5 x 5 cells of one number each.
 * const state = new Float32Array(25).fill(1);
 * eraseStroke(state, [5, 5], 1, { x: 0.5, y: 2.5 }, { x: 4.5, y: 2.5 }, 1);
 * console.log(state.reduce((sum, number) => sum + number)); // 10
 * ```
 */
export function eraseStroke(
  state: Float32Array,
  grid: Plane,
  channels: number,
  from: Place,
  to: Place,
  radius: number,
  kept: readonly number[] = [],
): void {
  touchStroke(grid, from, to, radius, (cell) => emptyCell(state, cell * channels, channels, kept));
}

/** Square of the distance from a place to a line. */
export function squareToLine(place: Place, from: Place, to: Place): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const square = dx * dx + dy * dy;
  const along = square > 0 ? ((place.x - from.x) * dx + (place.y - from.y) * dy) / square : 0;
  const nearest = Math.min(1, Math.max(0, along));
  const y = place.y - from.y - nearest * dy;
  const x = place.x - from.x - nearest * dx;
  return x * x + y * y;
}
