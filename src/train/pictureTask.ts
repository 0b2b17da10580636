import type { StateWindow } from "../engine/window.ts";
import { type Grid, type Rule, stateSize, wholeBox } from "../rule/rule.ts";
import { seedState } from "../rule/seed.ts";
import { type CotangentSink, overflowLoss, pictureLoss } from "./loss.ts";
import { Pool, type PoolSettings } from "./pool.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Batch, SampleLoss, Task } from "./task.ts";

export type PictureTaskOptions = Readonly<{
  rule: Rule;
  grid: Grid;
  /** Shape (H, W, 4), premultiplied or not as the rule says. */
  target: Float32Array;
  /** Weight of `overflowLoss`, from 0 on. */
  overflow: number;
  /** Null: every sample starts from the seed. */
  pool: PoolSettings | null;
  seed: number;
}>;

/**
 * Growing one picture from the seed cell, and holding it.
 *
 * @throws RangeError for a target that does not fit the grid.
 * Source: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020.
 */
export function pictureTask({ rule, grid, target, overflow, pool, seed }: PictureTaskOptions): Task {
  const cells = grid[0] * grid[1];
  if (target.length !== cells * 4) {
    throw new RangeError(`the target has ${target.length} numbers; ${grid.join(" x ")} x 4 are needed`);
  }
  const picture = pictureLoss(rule, grid, target);
  const loss = (_sample: number, state: StateWindow, sink?: CotangentSink): SampleLoss => {
    const error = picture(state, sink);
    if (overflow === 0) return { error, objective: error };
    const penalty = overflowLoss(
      state.data,
      sink && { data: sink.data, scale: sink.scale * overflow },
      stateSize(rule, grid),
    );
    return { error, objective: error + overflow * penalty };
  };
  const start = seedState(rule, grid);
  if (pool === null) {
    return {
      batch: (_step, size): Batch => ({
        states: Array.from({ length: size }, () => start),
        loss,
        accept: () => {},
        reject: () => {},
      }),
      save: async () => ({ meta: {}, tensors: {} }),
      restore: () => {},
    };
  }
  const entries = new Pool(
    pool,
    grid,
    rule.channels,
    start,
    loss(0, { ...wholeBox(grid), data: start }).error,
  );
  return {
    async batch(step, size): Promise<Batch> {
      const { indices, states } = await entries.draw(size, seed, step);
      return {
        states,
        loss,
        accept: ({ final, errors }) =>
          indices.forEach((index, sample) => entries.write(index, final[sample], errors[sample])),
        reject: (samples) => samples.forEach((sample) => entries.reseed(indices[sample])),
      };
    },
    save: () => entries.save(),
    restore: (snapshot: Snapshot) => entries.restore(snapshot),
  };
}
