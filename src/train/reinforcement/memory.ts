/** Where rollouts start: a circular buffer of states, or a pool that each rollout returns to. */
import * as z from "zod/mini";
import type { State } from "../../engine.ts";
import type { StateWindow } from "../../engine/window.ts";
import type { Grid } from "../../rule/rule.ts";
import { Pool, poolSchema } from "../memory/pool.ts";
import type { Snapshot } from "../snapshot.ts";
import { Buffer, bufferSchema } from "./buffer.ts";

export const memorySchema = z.discriminatedUnion("kind", [
  bufferSchema,
  z.strictObject({ ...poolSchema.shape, kind: z.literal("pool") }),
]);
export type MemorySettings = Readonly<z.infer<typeof memorySchema>>;

/** A state, and the picture's error there. */
export type Remembered = Readonly<{ state: StateWindow; error: number }>;

export type MemoryBatch = Readonly<{
  /** Initial state of each sample. */
  states: readonly (Float32Array | State)[];
  /** Places in a pool. */
  indices: readonly number[];
}>;

export interface Memory {
  draw(count: number, seed: number, step: number): Promise<MemoryBatch>;
  /** @param trajectories what each sample passed through after its initial state. */
  write(drawn: MemoryBatch, trajectories: readonly (readonly Remembered[])[]): void;
  /** Starts of these samples that went beyond bounds are not to be drawn again. */
  forget(drawn: MemoryBatch, samples: readonly number[]): void;
  save(): Promise<Snapshot>;
  /** @throws FormatError where the snapshot does not fit; then nothing changes. */
  restore(snapshot: Snapshot): void;
}

export type MemoryOptions = Readonly<{
  grid: Grid;
  channels: number;
  /** A seed, shape (H, W, C), and its error. */
  start: Float32Array;
  seedError: number;
  seed: number;
}>;

export function createMemory(settings: MemorySettings, { seedError, ...options }: MemoryOptions): Memory {
  if (settings.kind === "pool") {
    const pool = new Pool({ settings, ...options, seedError: () => seedError });
    return {
      draw: (count, seed, step) => pool.draw(count, seed, step),
      write: ({ indices }, trajectories) =>
        trajectories.forEach((trajectory, sample) => {
          const { state, error } = trajectory[trajectory.length - 1];
          pool.write(indices[sample], state, error);
        }),
      forget: ({ indices }, samples) => samples.forEach((sample) => pool.reseed(indices[sample])),
      save: () => pool.save(),
      restore: (snapshot) => pool.restore(snapshot),
    };
  }
  const buffer = new Buffer({ settings, ...options });
  const { every } = settings;
  return {
    draw: async (count, seed, step) => ({ states: buffer.draw(count, seed, step), indices: [] }),
    write(_drawn, trajectories) {
      for (const trajectory of trajectories) {
        for (let t = (trajectory.length - 1) % every; t < trajectory.length; t += every) {
          buffer.write(trajectory[t].state, trajectory[t].error);
        }
      }
    },
    // What it holds was within bounds when it was written.
    forget: () => {},
    save: () => buffer.save(),
    restore: (snapshot) => buffer.restore(snapshot),
  };
}
