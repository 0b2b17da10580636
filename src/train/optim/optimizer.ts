/** Optimisers: pure functions from parameters, gradient and state to new parameters and new state. */
import type { ParameterEntry } from "../../rule/parameters.ts";

/** All that an optimiser carries from one update to the next. Never changed in place. */
export type OptimizerState = Readonly<{
  /** Updates made so far. */
  count: number;
  /** Moments, preconditioners: whatever the optimiser keeps, by name. */
  tensors: Readonly<Record<string, Float32Array>>;
}>;

/** What an update makes. */
export type Updated = Readonly<{
  parameters: Float32Array;
  state: OptimizerState;
  /** Whether all numbers of both are finite, where the optimiser knows; where it does not say, they are looked at. */
  finite?: boolean;
}>;

/** A rule by which gradients change parameters. It keeps nothing itself. */
export interface Optimizer {
  /** State before the first update. */
  init(table: readonly ParameterEntry[]): OptimizerState;
  /**
   * One update. Arrays are flat, in the order of the table, which also gives each tensor's shape.
   *
   * @param spare what an earlier update returned and nobody needs any more: its arrays may become those of the result.
   * @returns new parameters and new state; the other arguments stay as they are.
   */
  update(
    table: readonly ParameterEntry[],
    parameters: Float32Array,
    gradient: Float32Array,
    state: OptimizerState,
    learningRate: number,
    spare?: Updated,
  ): Updated;
}
