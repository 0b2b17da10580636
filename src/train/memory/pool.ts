/**
 * The sample pool: states that training returns to, so that the automaton learns to hold its pattern and not only
 * to reach it. Source: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020, experiment 2.
 */
import * as z from "zod/mini";
import type { State } from "../../engine.ts";
import { cropState, type StateWindow } from "../../engine/window.ts";
import { FormatError } from "../../errors.ts";
import { type Draw, STREAM, sampleWithoutReplacement, uniform, uniformInteger } from "../../random.ts";
import type { Grid } from "../../rule/grid.ts";
import { copyChannels } from "../../edit/channels.ts";
import { applyDamage, damageKinds, drawDamageKind } from "../../edit/damage.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import { highest, lowest, type Ramp, rampAt, rampSchema, valueAt } from "../ramp.ts";
import type { Snapshot } from "../snapshot.ts";
import { type StartState, Starts } from "./starts.ts";
import {
  isSameWindow,
  releaseStored,
  restoreStates,
  saveStates,
  startOf,
  storedOf,
  type StoredState,
} from "./storedStates.ts";

export const MAX_POOL = 16384;

export const poolSchema = z.strictObject({
  /** Entries drawn from. */
  size: rampSchema(whole(1, MAX_POOL)),
  /** Samples of a batch, the worst first, that start from the seed. Of 1.5, two in every other step, by chance. */
  reseed: withDefault(rampSchema(between(0, 256)), 1),
  /**
   * Entries to which nothing of the above and below is done while their loss is small. So they grow old, and training sees
   * what becomes of a pattern in time; the rest stays young. Null: none.
   */
  kept: withDefault(
    z.nullable(
      z.strictObject({
        /** Share of the entries, 0 to 1. */
        share: between(0, 1),
        /** Largest loss, as a part of that of a start. What is worse starts anew like others. */
        below: between(0, 1),
      }),
    ),
    null,
  ),
  /** Samples of a batch, the best first, that are damaged. */
  damaged: withDefault(rampSchema(whole(0, 256)), 0),
  /**
   * Samples that a rollout made worse, or that it did not heal, which are tried again from where they started: what fails
   * seldom is so learned from more than once. Null: none.
   */
  retried: withDefault(
    z.nullable(
      z.strictObject({
        /** Loss, as a part of that of a start, up to which a sample is good, whatever it was before. */
        above: between(0, 1),
        /** Chance by which one that is not is tried again, 0 to 1. */
        chance: between(0, 1),
      }),
    ),
    null,
  ),
  /**
   * Samples of a batch, the best of those left, that keep their state and get another goal, and with it what that goal's start
   * has in pinned channels; 1.5 as above.
   */
  switched: withDefault(rampSchema(between(0, 256)), 0),
  /** What the damaged may suffer. */
  damage: withDefault(z.array(z.enum(damageKinds)).check(z.minLength(1)), ["circle"]),
});
/** A pool of states that training returns to, as plain JSON (Mordvintsev et al., 2020). */
export type PoolSettings = Readonly<z.infer<typeof poolSchema>>;

type PoolTraining = Readonly<{ pool: PoolSettings | null; batch: Ramp<number> }>;

/** Checks of a training that draws its batches from a pool. */
export const poolChecks = [
  z.refine<PoolTraining>(({ pool, batch }) => pool === null || lowest(pool.size) >= highest(batch), {
    path: ["pool", "size"],
    error: "must be at least the batch size",
  }),
  z.refine<PoolTraining>(
    ({ pool, batch }) =>
      pool === null ||
      highest(pool.reseed) + highest(pool.damaged) + highest(pool.switched) <= highest(batch),
    {
      path: ["pool", "reseed"],
      error: "and damaged and switched together must be at most the batch size",
    },
  ),
];

/** In place of a training step, for draws before the first. */
const FIRST = 0xffffffff;

type Entry = Readonly<{
  state: StoredState;
  loss: number;
  goal: number;
  /** Whether it is being tried again, so that nothing else is done to it. */
  retried: boolean;
}>;

export type PoolBatch = Readonly<{
  /** Pool index of each sample. */
  indices: readonly number[];
  /** Goal of each sample. */
  goals: readonly number[];
  /** Initial state of each sample; the pool's, good until it is written to. */
  states: readonly (Float32Array | State)[];
  /** What samples start from that may be tried again. */
  origins: readonly (Origin | undefined)[];
}>;

/** What a sample starts from, damaged where it was, and the loss beyond which its rollout has made it worse. */
export type Origin = Readonly<{ state: StoredState; loss: number }>;

/** Positions of a list of losses from the highest to the lowest; NaN comes first, equals keep their order. */
export function rankByLoss(losses: readonly number[]): number[] {
  const key = (i: number) => (Number.isNaN(losses[i]) ? Infinity : losses[i]);
  return losses.map((_, i) => i).toSorted((a, b) => (key(a) === key(b) ? a - b : key(b) - key(a)));
}

export type PoolOptions = Readonly<{
  settings: PoolSettings;
  grid: Grid;
  channels: number;
  /** What entries start as. */
  start: StartState;
  /** Loss of such a state. */
  startError: (state: StateWindow, goal: number) => number;
  /** Goals to choose from; default 1. */
  count?: number;
  /** Channels that are what a start says as long as a sample has its goal; default none. */
  pinned?: readonly number[] | undefined;
  /** Of the goals that entries start with. */
  seed: number;
}>;

export class Pool {
  readonly #options: PoolOptions;
  readonly #starts: Starts;
  /** Losses of a start, by goal, as far as they were asked for. */
  readonly #startErrors = new Map<number, number>();
  #entries: Entry[];

  constructor(options: PoolOptions) {
    this.#options = options;
    const { settings, grid, channels, start, seed } = options;
    this.#starts = new Starts(start, grid, channels);
    this.#entries = Array.from({ length: highest(settings.size) }, (_, index) =>
      this.#startEntry(this.#drawGoal(seed, FIRST, index), [seed, FIRST, index]),
    );
  }

  /**
   * Draws a batch without replacement and prepares it: of the samples that are not kept, those of highest loss start anew
   * with a goal drawn anew, those of lowest loss are damaged, and those next to them get another goal. The pool itself
   * stays as it is.
   */
  async draw(count: number, seed: number, step: number): Promise<PoolBatch> {
    const { settings, grid, channels } = this.#options;
    const indices = sampleWithoutReplacement(count, rampAt(settings.size, step), seed, STREAM.pool, step);
    const free = rankByLoss(indices.map((index) => this.#entries[index].loss)).filter(
      (sample) => !this.#entries[indices[sample]].retried && !this.#isKept(indices[sample]),
    );
    const byChance = (ramp: Ramp<number>, draw: number) =>
      Math.floor(valueAt(ramp, step) + uniform(seed, STREAM.pool, step, draw));
    const fresh = Math.min(free.length, byChance(settings.reseed, count));
    const damaged = Math.min(free.length - fresh, rampAt(settings.damaged, step));
    const switched = Math.min(free.length - fresh - damaged, byChance(settings.switched, count + 1));
    const states = indices.map((index) => this.#stateOf(this.#entries[index].state));
    const goals = indices.map((index) => this.#entries[index].goal);
    const origins = indices.map((index, sample): Origin | undefined => {
      const chance = settings.retried?.chance ?? 0;
      if (uniform(seed, STREAM.pool, step, count + 2 + sample) >= chance) return undefined;
      const { state, loss, retried } = this.#entries[index];
      return { state, loss: retried ? 0 : loss };
    });
    for (const sample of free.slice(0, fresh)) {
      origins[sample] = undefined;
      goals[sample] = this.#drawGoal(seed, step, sample);
      states[sample] = this.#stateOf(this.#starts.window(goals[sample], [seed, step, sample]));
    }
    for (const sample of free.slice(free.length - damaged - switched, free.length - damaged)) {
      origins[sample] = undefined;
      goals[sample] = this.#drawGoal(seed, step, sample);
      states[sample] = await this.#repinned(states[sample], goals[sample], [seed, step, sample]);
    }
    for (const sample of free.slice(free.length - damaged)) {
      const data = await this.#damaged(states[sample], [seed, step, sample]);
      const origin = origins[sample];
      origins[sample] = origin && { ...origin, state: cropState(data, grid, channels) };
      states[sample] = data;
    }
    return { indices, goals, states, origins };
  }

  /**
   * Puts a state back, with the goal it had and the loss measured on it; a share of it, which the pool disposes of.
   *
   * @param origin what it came from, put back in its place where it is to be tried again.
   */
  write(index: number, state: StoredState, loss: number, goal = 0, origin?: Origin): void {
    const { retried } = this.#options.settings;
    const again =
      origin && retried && !(loss <= Math.max(origin.loss, retried.above * this.#startError(goal)));
    this.#replace(index, {
      state: storedOf(again ? origin.state : state),
      loss,
      goal,
      retried: Boolean(again),
    });
  }

  /** Makes an entry start anew, with the goal it had. @param draw what the start is drawn from. */
  reseed(index: number, draw: Draw): void {
    this.#replace(index, this.#startEntry(this.#entries[index].goal, draw));
  }

  #replace(index: number, entry: Entry): void {
    releaseStored(this.#entries[index].state);
    this.#entries[index] = entry;
  }

  /**
   * States of up to so many entries, evenly spread over the pool: always the same ones, so that they can be watched. They
   * stay the pool's, good until it is written to.
   */
  remembered(count: number): StoredState[] {
    const { length } = this.#entries;
    const shown = Math.min(count, length);
    return Array.from({ length: shown }, (_, i) => this.#entries[Math.floor((i * length) / shown)].state);
  }

  async save(): Promise<Snapshot> {
    const entries = [...this.#entries];
    const states = entries.map(({ state }) => state);
    return {
      meta: {},
      tensors: {
        ...(await saveStates(states)),
        goals: { shape: [entries.length], data: Int32Array.from(entries, ({ goal }) => goal) },
        losses: { shape: [entries.length], data: Float64Array.from(entries, ({ loss }) => loss) },
        ...(this.#options.settings.retried && {
          retried: { shape: [entries.length], data: Int32Array.from(entries, (e) => Number(e.retried)) },
        }),
      },
    };
  }

  /** @throws FormatError where the snapshot is not one of a pool of this size and grid. */
  restore({ tensors }: Snapshot): void {
    const { grid, channels, count = 1 } = this.#options;
    const size = this.#entries.length;
    const states = restoreStates(tensors, size, grid, channels, "pool entry");
    const losses = tensors.losses?.data;
    // Pools with a single goal were once saved without.
    const goals = count === 1 ? new Int32Array(size) : tensors.goals?.data;
    const retried = tensors.retried?.data ?? new Int32Array(size);
    if (
      !states ||
      !(retried instanceof Int32Array && retried.length === size) ||
      !(losses instanceof Float64Array && losses.length === size) ||
      !(goals instanceof Int32Array && goals.length === size) ||
      !goals.every((goal) => goal >= 0 && goal < count)
    ) {
      throw new FormatError(`this checkpoint has no pool of ${size} entries`);
    }
    // Entries that are the one start share it again, so that the next checkpoint is as if training had gone on.
    const { fixed } = this.#starts;
    const started = new Set(fixed ? [...new Set(states)].filter((state) => isSameWindow(state, fixed)) : []);
    for (const { state } of this.#entries) releaseStored(state);
    this.#entries = states.map((state, i) => ({
      state: fixed && started.has(state) ? fixed : state,
      loss: losses[i],
      goal: goals[i],
      retried: retried[i] === 1,
    }));
  }

  #isKept(index: number): boolean {
    const { kept } = this.#options.settings;
    if (!kept || index >= kept.share * this.#entries.length) return false;
    const { loss, goal } = this.#entries[index];
    return loss <= kept.below * this.#startError(goal);
  }

  #stateOf(state: StoredState): Float32Array | State {
    const { grid, channels } = this.#options;
    return startOf(state, grid, channels);
  }

  #startEntry(goal: number, draw: Draw): Entry {
    const state = this.#starts.window(goal, draw);
    const loss =
      state === this.#starts.fixed ? this.#startError(goal) : this.#options.startError(state, goal);
    return { state, loss, goal, retried: false };
  }

  /** Loss of a start with this goal: of the one that all have, or of one that is always the same. */
  #startError(goal: number): number {
    const { seed, startError } = this.#options;
    const known = this.#startErrors.get(goal);
    if (known !== undefined) return known;
    const loss = startError(this.#starts.window(goal, [seed, FIRST, goal]), goal);
    this.#startErrors.set(goal, loss);
    return loss;
  }

  #drawGoal(seed: number, step: number, sample: number): number {
    return uniformInteger(0, (this.#options.count ?? 1) - 1, seed, STREAM.goal, step, sample);
  }

  /** A state with what the start of a goal has in pinned channels. */
  async #repinned(state: Float32Array | State, goal: number, draw: Draw): Promise<Float32Array | State> {
    const { channels, pinned = [] } = this.#options;
    if (pinned.length === 0) return state;
    const data = state instanceof Float32Array ? state : await state.read();
    copyChannels(data, this.#starts.state(goal, draw), channels, pinned);
    return data;
  }

  async #damaged(
    state: Float32Array | State,
    draw: readonly [number, number, number],
  ): Promise<Float32Array> {
    const data = state instanceof Float32Array ? state : await state.read();
    const { settings, grid, channels, pinned } = this.#options;
    applyDamage(data, grid, channels, drawDamageKind(settings.damage, draw), draw, pinned);
    return data;
  }
}
