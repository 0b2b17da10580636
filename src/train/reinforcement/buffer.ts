/**
 * The circular buffer of states that short rollouts start from. Source: `Buffer` of CAX (Faldor and Cully, 2024).
 */
import * as z from "zod/mini";
import type { State } from "../../engine.ts";
import { FormatError } from "../../errors.ts";
import { STREAM, uniformInteger } from "../../random.ts";
import type { Grid } from "../../rule/rule.ts";
import { whole, withDefault } from "../../config/fields.ts";
import { wholeOf } from "../bptt/trainState.ts";
import { rankByLoss } from "../memory/pool.ts";
import type { Snapshot } from "../snapshot.ts";
import {
  releaseStored,
  restoreStates,
  saveStates,
  startOf,
  storedOf,
  type StoredState,
} from "../memory/storedStates.ts";

export const MAX_BUFFER = 2 ** 17;

export const bufferSchema = z.strictObject({
  kind: z.literal("buffer"),
  /** States that it holds; a new one then takes the place of the oldest. */
  size: whole(1, MAX_BUFFER),
  /** Samples of a batch, the worst first, that start from the seed. */
  reseed: withDefault(whole(0, 256), 1),
  /** Each so-manieth of a rollout's judged states is written, counted back from the last. */
  every: withDefault(whole(1, 1e5), 1),
});
export type BufferSettings = Readonly<z.infer<typeof bufferSchema>>;

type Entry = Readonly<{ state: StoredState; error: number }>;

export type BufferOptions = Readonly<{
  settings: Pick<BufferSettings, "size" | "reseed">;
  grid: Grid;
  channels: number;
  /** A seed, shape (H, W, C). */
  start: Float32Array;
}>;

export class Buffer {
  readonly #options: BufferOptions;
  #entries: Entry[] = [];
  /** Where the next state is written. */
  #next = 0;

  constructor(options: BufferOptions) {
    this.#options = options;
  }

  /** States written and not overwritten. */
  get count(): number {
    return this.#entries.length;
  }

  /** Writes a state, a share of it, and its error over the oldest, once all places are taken. */
  write(state: StoredState, error: number): void {
    const oldest = this.#entries[this.#next];
    this.#entries[this.#next] = { state: storedOf(state), error };
    if (oldest) releaseStored(oldest.state);
    this.#next = (this.#next + 1) % this.#options.settings.size;
  }

  /**
   * Draws a batch, uniformly and with replacement out of what was written; the samples of highest error, or all while
   * nothing was written, start from the seed. The buffer itself stays as it is.
   */
  draw(count: number, seed: number, step: number): (Float32Array | State)[] {
    const { settings, grid, channels, start } = this.#options;
    if (this.count === 0) return Array.from({ length: count }, () => start);
    const drawn = Array.from(
      { length: count },
      (_, sample) => this.#entries[uniformInteger(0, this.count - 1, seed, STREAM.pool, step, sample)],
    );
    const fresh = new Set(rankByLoss(drawn.map(({ error }) => error)).slice(0, settings.reseed));
    return drawn.map(({ state }, sample) => (fresh.has(sample) ? start : startOf(state, grid, channels)));
  }

  async save(): Promise<Snapshot> {
    const entries = [...this.#entries];
    const next = this.#next;
    const states = entries.map(({ state }) => state);
    return {
      meta: { next },
      tensors: {
        ...(await saveStates(states)),
        errors: { shape: [entries.length], data: Float64Array.from(entries, ({ error }) => error) },
      },
    };
  }

  /** @throws FormatError where the snapshot is not one of a buffer of this size and grid; then nothing changes. */
  restore({ meta, tensors }: Snapshot): void {
    const { settings, grid, channels } = this.#options;
    const errors = tensors.errors?.data;
    const next = wholeOf(meta, "next");
    const count = errors instanceof Float64Array ? errors.length : 0;
    const states = restoreStates(tensors, count, grid, channels, "state");
    const fits = count < settings.size ? next === count : count === settings.size && next < count;
    if (!(errors instanceof Float64Array) || !states || !fits) {
      throw new FormatError(`this checkpoint has no buffer of ${settings.size} states`);
    }
    for (const { state } of this.#entries) releaseStored(state);
    this.#entries = states.map((state, i) => ({ state, error: errors[i] }));
    this.#next = next;
  }
}
