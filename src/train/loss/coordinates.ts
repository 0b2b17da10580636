/** Cells that learn where they are. */
import { cropState, type StateWindow } from "../../engine/window.ts";
import type { PictureLayout } from "../../model/readout.ts";
import type { Plane } from "../../rule/grid.ts";
import type { CotangentSink, StateLoss } from "./loss.ts";

/**
 * The channels of {@link coordinateLoss}: the last two, or the last so many, that neither show the picture, nor score classes,
 * nor say what is alive; fewer where there are not so many.
 */
export function coordinateChannels(
  { rule: { channels, alive }, readout }: PictureLayout,
  count = 2,
): number[] {
  const end = readout.offset + readout.channels;
  const classes = readout.classes ?? { offset: 0, count: 0 };
  const shown = (channel: number) =>
    (channel >= readout.offset && channel < end) ||
    (channel >= classes.offset && channel < classes.offset + classes.count);
  return Array.from({ length: channels }, (_, channel) => channel)
    .filter((channel) => !shown(channel) && channel !== alive.channel)
    .slice(-count);
}

/**
 * How far the cells of a picture are from knowing where they are: of two hidden channels, one should hold a cell's row and
 * one its column, counted from the seed, in units of the farthest that is asked. Squares, divided as `pictureLoss` does
 * it, as if the picture had two channels more. A limb has marks of its own; asked are cells that may look like all around
 * them: those in the middle of 5 x 5 opaque cells; where a picture is broad, its rim as well, that is all in an opaque
 * square half as long as the picture (5 x 5 cells at least); and with twice the weight all in a longer one. Our own.
 *
 * @param target shape (H, W, 4); opaque is what has an alpha above the rule's threshold.
 * @throws RangeError for a rule without two channels to spare.
 */
export function coordinateLoss(layout: PictureLayout, grid: Plane, target: Float32Array): StateLoss {
  const { rule, readout } = layout;
  const channels = coordinateChannels(layout);
  if (channels.length < 2) throw new RangeError("coordinates need two hidden channels");
  const [height, width] = grid;
  const cells = height * width;
  const stride = target.length / cells;
  const opaque = Float32Array.from({ length: cells }, (_, cell) =>
    Number(target[(cell + 1) * stride - 1] > rule.alive.threshold),
  );
  const asked = askedCells(cropState(opaque, grid, 1));
  const fromSeed = (y: number, x: number) => [y - Math.floor(height / 2), x - Math.floor(width / 2)];
  const reach = asked.reduce((most, { y, x }) => Math.max(most, ...fromSeed(y, x).map(Math.abs)), 1);
  const count = cells * readout.channels;
  const loss = (state: StateWindow, sink?: CotangentSink) => {
    const slope = sink ? (2 * sink.scale) / count : 0;
    let sum = 0;
    for (const { y, x, weight } of asked) {
      const [row, column] = [y - state.top, x - state.left];
      const inside = row >= 0 && row < state.height && column >= 0 && column < state.width;
      const s = (row * state.width + column) * rule.channels;
      for (const [k, place] of fromSeed(y, x).entries()) {
        const difference = (inside ? state.data[s + channels[k]] : 0) - place / reach;
        sum += weight * difference * difference;
        if (inside && sink) sink.data[s + channels[k]] += weight * slope * difference;
      }
    }
    return sum / count;
  };
  const places = new Float32Array(cells * 4);
  const weights = new Float32Array(cells);
  for (const { y, x, weight } of asked) {
    const cell = y * width + x;
    weights[cell] = weight;
    places.set(
      fromSeed(y, x).map((place) => place / reach),
      cell * 4,
    );
  }
  return Object.assign(loss, {
    part: {
      kind: "squared-error",
      scale: 1 / count,
      channels,
      target: places,
      cells: weights,
    } as const,
  });
}

type Asked = Readonly<{ y: number; x: number; weight: number }>;

/** Side of the opaque square in whose middle an inner cell is. */
const INNER = 5;

/** The cells that {@link coordinateLoss} asks, by rows, given 1 for each opaque cell. */
function askedCells({ top, left, height, width, data: opaque }: StateWindow): Asked[] {
  const at = (values: Int32Array, y: number, x: number) =>
    y >= 0 && y < height && x >= 0 && x < width ? values[y * width + x] : 0;
  const places = Array.from(opaque, (_, i) => [Math.floor(i / width), i % width] as const);
  /** Side of the largest opaque square whose last cell this is. */
  const largest = new Int32Array(opaque.length);
  for (const [i, [y, x]] of places.entries()) {
    if (!opaque[i]) continue;
    largest[i] = 1 + Math.min(at(largest, y - 1, x), at(largest, y, x - 1), at(largest, y - 1, x - 1));
  }
  /** Of each cell, how far an opaque square of a side reaches up and left from it; 0 outside of all. */
  const within = (side: number) => {
    const reach = new Int32Array(opaque.length);
    for (const [i, [y, x]] of [...places.entries()].toReversed()) {
      const beyond = Math.max(at(reach, y + 1, x), at(reach, y, x + 1), at(reach, y + 1, x + 1));
      reach[i] = largest[i] >= side ? side : Math.max(0, beyond - 1);
    }
    return reach;
  };
  const half = Math.max(INNER, Math.floor(Math.max(height, width) / 2));
  const broad = within(half);
  const broader = within(half + 1);
  const around = Math.floor(INNER / 2);
  return places.flatMap(([y, x], i) => {
    const isAsked = broad[i] > 0 || at(largest, y + around, x + around) >= INNER;
    return isAsked ? [{ y: top + y, x: left + x, weight: broader[i] > 0 ? 2 : 1 }] : [];
  });
}
