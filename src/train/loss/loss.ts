/** Losses of one state: each returns its value and, where asked, adds its cotangent. */
import { cellRuns, cropState, type StateWindow, union } from "../../engine/window.ts";
import type { Grid, Rule } from "../../rule/rule.ts";

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
