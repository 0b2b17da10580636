/** Losses of one state: each returns its value and, where asked, adds its cotangent. */
import { cellRuns, cropState, union } from "../engine/window.ts";
import type { Box, Grid, Rule } from "../rule/rule.ts";

/** Where a loss adds `scale` * d loss / d state. `data` has the state's shape (H, W, C). */
export type CotangentSink = Readonly<{ data: Float32Array; scale: number }>;

/** Runs [first, end) of cell numbers. */
export type CellRuns = readonly (readonly [number, number])[];

/**
 * Mean square error of the picture over all cells and image channels.
 *
 * @param state shape (H, W, C).
 * @param target shape (H, W, K) with K from the rule's image channels on, of which the first count; premultiplied or
 * not as the rule says.
 * @param runs cells outside which state and target are zero; default all.
 */
export function imageLoss(
  state: Float32Array,
  target: Float32Array,
  rule: Rule,
  sink?: CotangentSink,
  runs: CellRuns = [[0, state.length / rule.channels]],
): number {
  const { channels, image } = rule;
  const cells = state.length / channels;
  const stride = target.length / cells;
  const count = cells * image.channels;
  const slope = sink ? (2 * sink.scale) / count : 0;
  let sum = 0;
  for (const [first, end] of runs) {
    for (let cell = first; cell < end; cell++) {
      const s = cell * channels + image.offset;
      const t = cell * stride;
      for (let k = 0; k < image.channels; k++) {
        const difference = state[s + k] - target[t + k];
        if (difference === 0) continue;
        sum += difference * difference;
        if (sink) sink.data[s + k] += slope * difference;
      }
    }
  }
  return sum / count;
}

/**
 * {@link imageLoss} against one target of shape (H, W, 4), of states that are zero outside a box: what lies outside
 * that and the picture is not looked at.
 */
export function pictureLoss(
  rule: Rule,
  grid: Grid,
  target: Float32Array,
): (state: Float32Array, box: Box, sink?: CotangentSink) => number {
  const pictured = cropState(target, grid, 4);
  return (state, box, sink) => imageLoss(state, target, rule, sink, cellRuns(grid, union(box, pictured)));
}

/**
 * Mean distance of all values of a state from [-1, 1]: keeps hidden channels from drifting away.
 *
 * @param state shape (H, W, C).
 * Source: Niklasson et al., "Self-Organising Textures", Distill 2021.
 */
export function overflowLoss(state: Float32Array, sink?: CotangentSink): number {
  const slope = sink ? sink.scale / state.length : 0;
  let sum = 0;
  for (let i = 0; i < state.length; i++) {
    const value = state[i];
    if (value >= -1 && value <= 1) continue;
    sum += Math.abs(value) - 1;
    if (sink) sink.data[i] += value > 0 ? slope : -slope;
  }
  return sum / state.length;
}
