/** Losses of one state: each returns its value and, where asked, adds its cotangent. */
import { cellRuns, cropState, type StateWindow, union } from "../engine/window.ts";
import type { Grid, Rule } from "../rule/rule.ts";

/** Where a loss adds `scale` * d loss / d state. `data` has the shape of the state that is given. */
export type CotangentSink = Readonly<{ data: Float32Array; scale: number }>;

/**
 * Mean square error of the picture over all cells and image channels.
 *
 * @param state shape (H, W, C).
 * @param target shape (H, W, K) with K from the rule's image channels on, of which the first count; premultiplied or
 * not as the rule says.
 */
export function imageLoss(
  state: Float32Array,
  target: Float32Array,
  rule: Rule,
  sink?: CotangentSink,
): number {
  const { channels, image } = rule;
  const cells = state.length / channels;
  const stride = target.length / cells;
  const count = cells * image.channels;
  const slope = sink ? (2 * sink.scale) / count : 0;
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) {
    const s = cell * channels + image.offset;
    const t = cell * stride;
    for (let k = 0; k < image.channels; k++) {
      const difference = state[s + k] - target[t + k];
      if (difference === 0) continue;
      sum += difference * difference;
      if (sink) sink.data[s + k] += slope * difference;
    }
  }
  return sum / count;
}

/** Of a state given as a window; adds its cotangent inside it. Beyond, cells are dead, and theirs would count for nothing. */
export type WindowLoss = (state: StateWindow, sink?: CotangentSink) => number;

/**
 * {@link imageLoss} against one target, of states given as windows: what lies outside the window and the picture is not
 * looked at.
 *
 * @throws RangeError for a target that does not fit the grid.
 */
export function pictureLoss({ channels, image }: Rule, grid: Grid, target: Float32Array): WindowLoss {
  const cells = grid[0] * grid[1];
  const stride = Math.floor(target.length / cells);
  if (stride < image.channels || stride * cells !== target.length) {
    const needed = image.channels === 1 ? "1" : "4";
    throw new RangeError(
      `the target has ${target.length} numbers; ${grid.join(" x ")} x ${needed} are needed`,
    );
  }
  const pictured = cropState(target, grid, stride);
  const count = cells * image.channels;
  return (state, sink) => {
    const slope = sink ? (2 * sink.scale) / count : 0;
    const right = state.left + state.width;
    let sum = 0;
    for (const [first, end] of cellRuns(grid, union(state, pictured))) {
      const y = Math.floor(first / grid[1]);
      const row = y - state.top;
      const inRow = row >= 0 && row < state.height;
      for (let cell = first; cell < end; cell++) {
        const x = cell - y * grid[1];
        const inside = inRow && x >= state.left && x < right;
        const s = (row * state.width + x - state.left) * channels + image.offset;
        const t = cell * stride;
        for (let k = 0; k < image.channels; k++) {
          const difference = (inside ? state.data[s + k] : 0) - target[t + k];
          if (difference === 0) continue;
          sum += difference * difference;
          if (inside && sink) sink.data[s + k] += slope * difference;
        }
      }
    }
    return sum / count;
  };
}

/** The channels of {@link coordinateLoss}: the last two that neither show the picture nor say what is alive. */
export function coordinateChannels({ channels, image, alive }: Rule): number[] {
  const shown = (channel: number) => channel >= image.offset && channel < image.offset + image.channels;
  return Array.from({ length: channels }, (_, channel) => channel)
    .filter((channel) => !shown(channel) && channel !== alive.channel)
    .slice(-2);
}

/** Cells around an inner cell that are opaque as well, in each direction. */
const DEPTH = 2;

/**
 * How far the inner cells of a picture are from knowing where they are: of two hidden channels, one should hold a cell's
 * row and one its column, counted from the seed, in units of the farthest of all. Squares, divided as {@link pictureLoss}
 * does it, as if the picture had two channels more. Inner cells are those in the middle of 5 x 5 cells whose alpha is above
 * the rule's threshold: often of one colour, and alike to that loss, whereas cells of a rim or a limb have other marks.
 * Our own.
 *
 * @param target shape (H, W, 4).
 * @throws RangeError for a rule without two channels to spare.
 */
export function coordinateLoss(rule: Rule, [height, width]: Grid, target: Float32Array): WindowLoss {
  const channels = coordinateChannels(rule);
  if (channels.length < 2) throw new RangeError("coordinates need two hidden channels");
  const cells = height * width;
  const stride = target.length / cells;
  const isOpaque = (y: number, x: number) =>
    y >= 0 &&
    y < height &&
    x >= 0 &&
    x < width &&
    target[(y * width + x + 1) * stride - 1] > rule.alive.threshold;
  const around = Array.from({ length: 2 * DEPTH + 1 }, (_, i) => i - DEPTH);
  const inner = Array.from({ length: cells }, (_, cell) => [Math.floor(cell / width), cell % width]).filter(
    ([y, x]) => around.every((dy) => around.every((dx) => isOpaque(y + dy, x + dx))),
  );
  const fromSeed = (y: number, x: number) => [y - Math.floor(height / 2), x - Math.floor(width / 2)];
  const reach = inner.reduce((most, [y, x]) => Math.max(most, ...fromSeed(y, x).map(Math.abs)), 1);
  const count = cells * rule.image.channels;
  return (state, sink) => {
    const slope = sink ? (2 * sink.scale) / count : 0;
    let sum = 0;
    for (const [y, x] of inner) {
      const [row, column] = [y - state.top, x - state.left];
      const inside = row >= 0 && row < state.height && column >= 0 && column < state.width;
      const s = (row * state.width + column) * rule.channels;
      for (const [k, place] of fromSeed(y, x).entries()) {
        const difference = (inside ? state.data[s + channels[k]] : 0) - place / reach;
        sum += difference * difference;
        if (inside && sink) sink.data[s + channels[k]] += slope * difference;
      }
    }
    return sum / count;
  };
}

/**
 * Mean distance of all values of a state from [-1, 1]: keeps hidden channels from drifting away.
 *
 * @param state shape (H, W, C), or a part of it outside which it is zero.
 * @param size numbers of the whole state; default those given.
 * Source: Niklasson et al., "Self-Organising Textures", Distill 2021.
 */
export function overflowLoss(state: Float32Array, sink?: CotangentSink, size = state.length): number {
  const slope = sink ? sink.scale / size : 0;
  let sum = 0;
  for (let i = 0; i < state.length; i++) {
    const value = state[i];
    if (value >= -1 && value <= 1) continue;
    sum += Math.abs(value) - 1;
    if (sink) sink.data[i] += value > 0 ? slope : -slope;
  }
  return sum / size;
}
