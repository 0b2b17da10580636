import { STREAM, uniformInteger } from "../random.ts";
import { type Grid, type Rule, stateSize, wholeBox } from "../rule/rule.ts";
import { type Seeds, startState } from "../model/start.ts";
import type { Goals } from "./goals.ts";
import { coordinateLoss } from "./loss/coordinates.ts";
import { type CotangentSink, overflowLoss, pictureLoss } from "./loss/loss.ts";
import { Pool, type PoolBatch, type PoolSettings } from "./memory/pool.ts";
import type { Snapshot } from "./snapshot.ts";
import { lossOfEach } from "./loss/measure.ts";
import type { Batch, Task } from "./task.ts";

export type PictureTaskOptions = Readonly<{
  rule: Rule;
  grid: Grid;
  goals: Goals;
  /** Weight of `overflowLoss`, from 0 on. */
  overflow: number;
  /** Weight of `coordinateLoss`, from 0 on; default 0. */
  coordinates?: number;
  /** Null: every sample starts from the seed. */
  pool: PoolSettings | null;
  /** Where growth starts; default: one seed in the centre. */
  seeds?: Seeds;
  seed: number;
}>;

/**
 * Growing pictures from their seeds, and holding them.
 *
 * @throws RangeError for a target that does not fit the grid, and for coordinates that the rule has no channels for.
 * Source: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020.
 */
export function pictureTask({
  rule,
  grid,
  goals,
  overflow,
  coordinates = 0,
  pool,
  seeds,
  seed,
}: PictureTaskOptions): Task {
  const { count, conditioner } = goals;
  const numbers = stateSize(rule, grid);
  const lossOf = rememberLatest((goal) => pictureLoss(rule, grid, goals.target(goal)));
  const placements = Array.from({ length: coordinates > 0 ? count : 0 }, (_, goal) =>
    coordinateLoss(rule, grid, goals.target(goal)),
  );
  lossOf(0);
  const start = startState(rule, grid, seeds);
  const seedError = (goal: number) => lossOf(goal)({ ...wholeBox(grid), data: start });
  const entries =
    pool && new Pool({ settings: pool, grid, channels: rule.channels, start, seedError, count, seed });

  const fresh = (size: number, step: number): PoolBatch => ({
    indices: [],
    goals: Array.from({ length: size }, (_, sample) =>
      uniformInteger(0, count - 1, seed, STREAM.goal, step, sample),
    ),
    states: Array.from({ length: size }, () => start),
  });

  return {
    ...(conditioner?.network && { network: conditioner.network }),
    async batch(step, size, network): Promise<Batch> {
      const drawn = entries ? await entries.draw(size, seed, step) : fresh(size, step);
      const losses = drawn.goals.map(lossOf);
      return {
        states: drawn.states,
        ...(conditioner && { conditioning: await conditioner.condition(drawn.goals, step, network) }),
        judge: (visits) =>
          lossOfEach(visits, (sample, state, sink) => {
            const error = losses[sample](state, sink);
            const placed = weighted(coordinates, sink, (own) => placements[drawn.goals[sample]](state, own));
            const overflown = weighted(overflow, sink, (own) => overflowLoss(state.data, own, numbers));
            return { error, objective: error + placed + overflown };
          }),
        accept({ final, errors }) {
          for (const [sample, index] of drawn.indices.entries()) {
            entries?.write(index, final[sample], errors[sample], drawn.goals[sample]);
          }
          return {};
        },
        reject: (samples) => samples.forEach((sample) => entries?.reseed(drawn.indices[sample])),
      };
    },
    remembered: (most) => entries?.remembered(most) ?? [],
    save: async () => entries?.save() ?? { meta: {}, tensors: {} },
    restore: (snapshot: Snapshot) => entries?.restore(snapshot),
  };
}

/** A loss that counts `weight` times as much as it says; of no weight, it is not asked. */
function weighted(
  weight: number,
  { data, scale }: CotangentSink,
  loss: (sink: CotangentSink) => number,
): number {
  return weight === 0 ? 0 : weight * loss({ data, scale: scale * weight });
}

/** The same function, which makes the value of the key it was last asked for only once. */
function rememberLatest<T>(make: (key: number) => T): (key: number) => T {
  let latest: { key: number; value: T } | undefined;
  return (key) => {
    if (latest?.key !== key) latest = { key, value: make(key) };
    return latest.value;
  };
}
