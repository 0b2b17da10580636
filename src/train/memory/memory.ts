/** Where rollouts start: always anew, from a pool that each rollout returns to, or from a circular buffer of states. */
import * as z from "zod/mini";
import type { State } from "../../engine.ts";
import type { StateWindow } from "../../engine/window.ts";
import { STREAM, uniformInteger } from "../../random.ts";
import type { Grid } from "../../rule/grid.ts";
import type { Snapshot } from "../snapshot.ts";
import { Buffer, bufferSchema } from "./buffer.ts";
import { type Origin, Pool, poolSchema } from "./pool.ts";
import { type StartState, Starts } from "./starts.ts";
import type { StoredState } from "./storedStates.ts";

export const memorySchema = z.discriminatedUnion("kind", [
  bufferSchema,
  z.strictObject({ ...poolSchema.shape, kind: z.literal("pool") }),
]);
/** A pool or a buffer, as plain JSON. */
export type MemorySettings = Readonly<z.infer<typeof memorySchema>>;

/** A state that a sample passed through, and its error. */
export type Remembered = Readonly<{ state: StoredState; error: number }>;

export type MemoryBatch = Readonly<{
  /** Initial state of each sample. */
  states: readonly (Float32Array | State)[];
  /** Goal of each sample. */
  goals: readonly number[];
  /** Places in a pool. */
  indices: readonly number[];
  /** Of a pool, what samples start from that may be tried again. */
  origins?: readonly (Origin | undefined)[];
}>;

export interface Memory {
  /** Changes nothing: the same arguments, the same batch, until something is written. */
  draw(count: number, seed: number, step: number): Promise<MemoryBatch>;
  /** @param trajectories what each sample passed through after its initial state; the last counts for a pool. */
  write(batch: MemoryBatch, trajectories: readonly (readonly Remembered[])[]): void;
  /** Starts of these samples, which diverged, are not to be drawn again. @param step training step. */
  forget(batch: MemoryBatch, samples: readonly number[], step: number): void;
  /** Up to so many of the states that batches are drawn from, always the same places. */
  remembered(count: number): readonly StoredState[];
  save(): Promise<Snapshot>;
  /** @throws FormatError where the snapshot does not fit; then nothing changes. */
  restore(snapshot: Snapshot): void;
}

export type MemoryOptions = Readonly<{
  grid: Grid;
  channels: number;
  start: StartState;
  /** Error of a start. */
  startError: (state: StateWindow, goal: number) => number;
  /** Goals to choose from; default 1. */
  count?: number;
  /** Channels that no step changes: a sample that gets another goal gets those of its start. Default none. */
  pinned?: readonly number[] | undefined;
  seed: number;
}>;

/** @param settings null: every sample starts anew. */
export function createMemory(settings: MemorySettings | null, options: MemoryOptions): Memory {
  switch (settings?.kind) {
    case "pool":
      return poolMemory(new Pool({ settings, ...options }), options.seed);
    case "buffer":
      return bufferMemory(new Buffer({ settings, ...options }), settings.every);
    case undefined:
      return noMemory(options);
    default:
      return settings satisfies never;
  }
}

function poolMemory(pool: Pool, seed: number): Memory {
  return {
    draw: (count, own, step) => pool.draw(count, own, step),
    write({ indices, goals, origins }, trajectories) {
      for (const [sample, trajectory] of trajectories.entries()) {
        const { state, error } = trajectory[trajectory.length - 1];
        pool.write(indices[sample], state, error, goals[sample], origins?.[sample]);
      }
    },
    forget({ indices }, samples, step) {
      for (const sample of samples) pool.reseed(indices[sample], [seed, step, sample]);
    },
    remembered: (count) => pool.remembered(count),
    save: () => pool.save(),
    restore: (snapshot) => pool.restore(snapshot),
  };
}

function bufferMemory(buffer: Buffer, every: number): Memory {
  return {
    draw: async (count, seed, step) => ({ ...buffer.draw(count, seed, step), indices: [] }),
    write({ goals }, trajectories) {
      for (const [sample, trajectory] of trajectories.entries()) {
        for (let t = (trajectory.length - 1) % every; t < trajectory.length; t += every) {
          buffer.write(trajectory[t].state, trajectory[t].error, goals[sample]);
        }
      }
    },
    // What it holds was within bounds when it was written.
    forget: () => {},
    remembered: () => [],
    save: () => buffer.save(),
    restore: (snapshot) => buffer.restore(snapshot),
  };
}

function noMemory({ grid, channels, start, count = 1 }: MemoryOptions): Memory {
  const starts = new Starts(start, grid, channels);
  return {
    async draw(size, seed, step) {
      const goals = Array.from({ length: size }, (_, sample) =>
        uniformInteger(0, count - 1, seed, STREAM.goal, step, sample),
      );
      const states = goals.map((goal, sample) => starts.state(goal, [seed, step, sample]));
      return { goals, states, indices: [] };
    },
    write: () => {},
    forget: () => {},
    remembered: () => [],
    save: async () => ({ meta: {}, tensors: {} }),
    restore: () => {},
  };
}
