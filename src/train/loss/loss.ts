/** Losses of a state: what all of them look like, and those of pictures. */
import { cellRuns, cropState, type StateWindow, union } from "../../engine/window.ts";
import type { PictureLayout } from "../../model/readout.ts";
import { cellCount, type Grid, planeOf } from "../../rule/grid.ts";
import { type Ramp, valueAt } from "../ramp.ts";
import type { LossPart, LossTerm } from "../../engine.ts";

/** Where a loss adds `scale` * d loss / d state. `data` has the shape of the state that is given. */
export type CotangentSink = Readonly<{ data: Float32Array; scale: number }>;

/** Which state of a batch a loss is taken of. */
export type Sample = Readonly<{
  /** What the cells are to do, from 0 on: which picture to grow. */
  goal: number;
  /** Training step, for whatever changes or is drawn in the course of training. */
  trainingStep: number;
}>;

/**
 * A loss of one state. A new one is a file with a function that makes it, and an entry in `penalties.ts`, or a term of a
 * task (`composeTask`).
 *
 * @param state the window outside which the state is zero.
 * @param sink where to add `scale` * d loss / d state, inside the window; outside, cells are dead, and theirs would count
 *   for nothing. Absent: nobody asks for it.
 * @returns the loss: a finite number, unless the state diverged.
 */
export type Loss = ((state: StateWindow, sample: Sample, sink?: CotangentSink) => number) & {
  /** The same for engines that take it where a state lies; absent or undefined where it is none of those. */
  readonly part?: (sample: Sample) => LossPart | undefined;
};

/** The loss of a state that is the same whatever the sample. */
export type StateLoss = ((state: StateWindow, sink?: CotangentSink) => number) & {
  readonly part?: LossPart;
};

/** A part of what training minimises: `weight` times `loss`. */
export type Term = Readonly<{ name: string; weight: Ramp<number>; loss: Loss }>;

/**
 * The terms of a state at a training step. Adds the cotangent of their sum to the sink.
 *
 * @returns `losses`: that of each term, NaN where its weight is 0, for then it is not asked; `sum` of weight * loss.
 */
export function evaluateTerms(
  terms: readonly Term[],
  state: StateWindow,
  sample: Sample,
  sink?: CotangentSink,
): Readonly<{ losses: readonly number[]; sum: number }> {
  let sum = 0;
  const losses = terms.map(({ weight: ramp, loss }) => {
    const weight = valueAt(ramp, sample.trainingStep);
    if (weight === 0) return NaN;
    const value = loss(state, sample, sink && { data: sink.data, scale: sink.scale * weight });
    sum += weight * value;
    return value;
  });
  return { losses, sum };
}

/** The terms that have a weight at a training step, as engines take them; undefined where an engine cannot take one of them. */
export function termsOf(terms: readonly Term[], sample: Sample): LossTerm[] | undefined {
  const parts: LossTerm[] = [];
  for (const { weight: ramp, loss } of terms) {
    const weight = valueAt(ramp, sample.trainingStep);
    if (weight === 0) continue;
    const part = loss.part?.(sample);
    if (!part) return undefined;
    parts.push({ ...part, weight });
  }
  return parts;
}

/**
 * Mean square error of the picture over all cells and channels of the picture.
 *
 * @param state shape (...grid, C).
 * @param target shape (H, W, K) with K from the readout's channels on, of which the first count; premultiplied or
 * not as it says.
 */
export function imageLoss(
  state: Float32Array,
  target: Float32Array,
  { rule: { channels }, readout }: PictureLayout,
  sink?: CotangentSink,
): number {
  const cells = state.length / channels;
  const stride = target.length / cells;
  const count = cells * readout.channels;
  const slope = sink ? (2 * sink.scale) / count : 0;
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) {
    const s = cell * channels + readout.offset;
    const t = cell * stride;
    for (let k = 0; k < readout.channels; k++) {
      const difference = state[s + k] - target[t + k];
      if (difference === 0) continue;
      sum += difference * difference;
      if (sink) sink.data[s + k] += slope * difference;
    }
  }
  return sum / count;
}

/**
 * {@link imageLoss} against one target, of states given as windows: what lies outside the window and the picture is not
 * looked at.
 *
 * @throws RangeError for a target that does not fit the grid.
 */
export function pictureLoss(
  { rule: { channels }, readout }: PictureLayout,
  grid: Grid,
  target: Float32Array,
): StateLoss {
  const cells = cellCount(grid);
  const [, width] = planeOf(grid);
  const stride = Math.floor(target.length / cells);
  if (stride < readout.channels || stride * cells !== target.length) {
    const needed = readout.channels === 1 ? "1" : "4";
    throw new RangeError(
      `the target has ${target.length} numbers; ${grid.join(" x ")} x ${needed} are needed`,
    );
  }
  const pictured = cropState(target, grid, stride);
  const count = cells * readout.channels;
  const loss = (state: StateWindow, sink?: CotangentSink) => {
    const slope = sink ? (2 * sink.scale) / count : 0;
    const right = state.left + state.width;
    let sum = 0;
    for (const [first, end] of cellRuns(grid, union(state, pictured))) {
      const y = Math.floor(first / width);
      const row = y - state.top;
      const inRow = row >= 0 && row < state.height;
      for (let cell = first; cell < end; cell++) {
        const x = cell - y * width;
        const inside = inRow && x >= state.left && x < right;
        const s = (row * state.width + x - state.left) * channels + readout.offset;
        const t = cell * stride;
        for (let k = 0; k < readout.channels; k++) {
          const difference = (inside ? state.data[s + k] : 0) - target[t + k];
          if (difference === 0) continue;
          sum += difference * difference;
          if (inside && sink) sink.data[s + k] += slope * difference;
        }
      }
    }
    return sum / count;
  };
  if (stride !== 4) return loss;
  const shown = Array.from({ length: readout.channels }, (_, k) => readout.offset + k);
  return Object.assign(loss, {
    part: { kind: "squared-error", scale: 1 / count, channels: shown, target } as const,
  });
}
