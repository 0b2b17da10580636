/**
 * The circular buffer of states that short rollouts start from. Source: `Buffer` of CAX (Faldor and Cully, 2024).
 */
import * as z from "zod/mini";
import type { State } from "../../engine.ts";
import { FormatError } from "../../errors.ts";
import { STREAM, uniformInteger } from "../../random.ts";
import type { Grid } from "../../rule/grid.ts";
import { whole, withDefault } from "../../config/fields.ts";
import { wholeOf } from "../bptt/trainState.ts";
import { rankByLoss } from "./pool.ts";
import type { Snapshot } from "../snapshot.ts";
import { type StartState, Starts } from "./starts.ts";
import {
  releaseStored,
  restoreStates,
  saveStates,
  startOf,
  storedOf,
  type StoredState,
} from "./storedStates.ts";

export const MAX_BUFFER = 2 ** 17;

export const bufferSchema = z.strictObject({
  kind: z.literal("buffer"),
  /** States that it holds; a new one then takes the place of the oldest. */
  size: whole(1, MAX_BUFFER),
  /** Samples of a batch, the worst first, that start from the seed. */
  reseed: withDefault(whole(0, 256), 1),
  /** Every n-th of a rollout's rewarded states is written, counted back from the last. */
  every: withDefault(whole(1, 1e5), 1),
});
export type BufferSettings = Readonly<z.infer<typeof bufferSchema>>;

type Entry = Readonly<{ state: StoredState; error: number; goal: number }>;

export type BufferOptions = Readonly<{
  settings: Pick<BufferSettings, "size" | "reseed">;
  grid: Grid;
  channels: number;
  start: StartState;
  /** Goals to choose from; default 1. */
  count?: number;
}>;

export class Buffer {
  readonly #options: BufferOptions;
  readonly #starts: Starts;
  #entries: Entry[] = [];
  /** Where the next state is written. */
  #next = 0;

  constructor(options: BufferOptions) {
    this.#options = options;
    this.#starts = new Starts(options.start, options.grid, options.channels);
  }

  /** States written and not overwritten. */
  get count(): number {
    return this.#entries.length;
  }

  /** Writes a state, a share of it, its error and its goal over the oldest, once all places are taken. */
  write(state: StoredState, error: number, goal = 0): void {
    const oldest = this.#entries[this.#next];
    this.#entries[this.#next] = { state: storedOf(state), error, goal };
    if (oldest) releaseStored(oldest.state);
    this.#next = (this.#next + 1) % this.#options.settings.size;
  }

  /**
   * Draws a batch, uniformly and with replacement out of what was written; the samples of highest error, or all while
   * nothing was written, start anew. The buffer itself stays as it is.
   */
  draw(
    size: number,
    seed: number,
    step: number,
  ): Readonly<{ states: (Float32Array | State)[]; goals: number[] }> {
    const { settings, grid, channels, count = 1 } = this.#options;
    const drawn = Array.from({ length: this.count === 0 ? 0 : size }, (_, sample) => {
      return this.#entries[uniformInteger(0, this.count - 1, seed, STREAM.pool, step, sample)];
    });
    const anew =
      this.count === 0
        ? Array.from({ length: size }, (_, sample) => sample)
        : rankByLoss(drawn.map(({ error }) => error)).slice(0, settings.reseed);
    const goals = drawn.map(({ goal }) => goal);
    const states = drawn.map(({ state }) => startOf(state, grid, channels));
    for (const sample of anew) {
      goals[sample] = uniformInteger(0, count - 1, seed, STREAM.goal, step, sample);
      states[sample] = this.#starts.state(goals[sample], [seed, step, sample]);
    }
    return { states, goals };
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
        // Buffers of a single goal are saved without.
        ...((this.#options.count ?? 1) > 1 && {
          goals: { shape: [entries.length], data: Int32Array.from(entries, ({ goal }) => goal) },
        }),
      },
    };
  }

  /** @throws FormatError where the snapshot is not one of a buffer of this size and grid; then nothing changes. */
  restore({ meta, tensors }: Snapshot): void {
    const { settings, grid, channels, count: most = 1 } = this.#options;
    const errors = tensors.errors?.data;
    const next = wholeOf(meta, "next");
    const count = errors instanceof Float64Array ? errors.length : 0;
    const states = restoreStates(tensors, count, grid, channels, "state");
    const fits = count < settings.size ? next === count : count === settings.size && next < count;
    const goals = most === 1 ? new Int32Array(count) : tensors.goals?.data;
    const goalsFit =
      goals instanceof Int32Array &&
      goals.length === count &&
      goals.every((goal) => goal >= 0 && goal < most);
    if (!(errors instanceof Float64Array) || !states || !fits || !goalsFit) {
      throw new FormatError(`this checkpoint has no buffer of ${settings.size} states`);
    }
    for (const { state } of this.#entries) releaseStored(state);
    this.#entries = states.map((state, i) => ({ state, error: errors[i], goal: goals[i] }));
    this.#next = next;
  }
}
