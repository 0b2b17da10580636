/**
 * Evolution strategies: pure functions over a flat parameter vector. `ask` makes any member of a generation from the
 * search's state alone, with noise that is a pure function of (seed, generation, member), so that members can be
 * evaluated in any order, on any machine, and nothing but their losses travels back to `tell`.
 */

import { prefixed, tensor, tensorOf, wholeOf } from "../bptt/trainState.ts";
import type { Snapshot } from "../snapshot.ts";

/** All that a search carries from one generation to the next. Never changed in place. */
export type SearchState = Readonly<{
  /** Centre of the search: the model. */
  mean: Float32Array;
  /** Generations whose losses it has. */
  count: number;
  /** Moments, velocities, standard deviations: whatever the strategy keeps, by name. */
  tensors: Readonly<Record<string, Float32Array>>;
}>;

/** An evolution strategy: asked for the members of a generation, and told how good each was. It keeps nothing itself. */
export interface Strategy {
  /** The tensors of the state that `ask` reads beside the mean: all else need not travel. Default: all. */
  readonly asks?: readonly string[];
  /** Before the first generation. */
  init(mean: Float32Array): SearchState;
  /** Parameters of a member (0 to population - 1) of a generation. A fresh array. */
  ask(state: SearchState, generation: number, member: number): Float32Array;
  /**
   * What the search makes of a generation's losses; lower is better, and one that is not finite ranks last.
   *
   * @param losses one per member, in the order of members.
   * @param learningRate of this generation.
   */
  tell(state: SearchState, generation: number, losses: ArrayLike<number>, learningRate: number): SearchState;
}

/** What every strategy needs to know beside its own settings. */
export type SearchSettings = Readonly<{
  /** Members of a generation. */
  population: number;
  /** Of the noise: an unsigned 32-bit integer. */
  seed: number;
  /** Of the whole search, for schedules. */
  generations: number;
}>;

/** A state as a checkpoint holds it. */
export function saveSearch({ mean, count, tensors }: SearchState): Snapshot {
  const saved = Object.entries(tensors).map(([name, data]) => [name, tensor(data)] as const);
  return {
    meta: { count },
    tensors: { mean: tensor(mean), ...prefixed("state", Object.fromEntries(saved)) },
  };
}

/**
 * What a snapshot holds, in the form of `like`.
 * @throws FormatError where a tensor is missing or of another size.
 */
export function restoreSearch(snapshot: Snapshot, like: SearchState): SearchState {
  const taken = Object.entries(like.tensors).map(([name, { length }]) => [
    name,
    tensorOf(snapshot, `state.${name}`, length),
  ]);
  return {
    mean: tensorOf(snapshot, "mean", like.mean.length),
    count: wholeOf(snapshot.meta, "count"),
    tensors: Object.fromEntries(taken),
  };
}
