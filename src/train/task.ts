/** What a trainer trains for: a task gives batches, and each batch knows its losses. */
import type { Cotangent, LossTerm, State } from "../engine.ts";
import type { StateWindow } from "../engine/window.ts";
import type { Conditioning, Network } from "./goals.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StoredState } from "./memory/storedStates.ts";

/**
 * What is trained for: which states a training step begins with, what their loss is, and what is remembered of them.
 *
 * @template M numbers that a training step reports beside what all report, by name.
 */
export interface Task<M extends object = object> {
  /** Trained along with the automaton, where samples' inputs come from a network. */
  readonly network?: Network;
  /**
   * Samples of a training step. Changes nothing: an aborted step is drawn again when training resumes.
   * @param size how many.
   * @param network its numbers as trained so far, good for this step alone; empty where there is none.
   */
  batch(step: number, size: number, network: Float32Array): Batch<M> | Promise<Batch<M>>;
  /**
   * Up to so many states that batches are drawn from, always the same places; left out where all start anew. They stay the
   * task's, and good until the next batch is accepted or rejected.
   */
  remembered?(count: number): readonly StoredState[];
  /** Whatever outlives a step: a pool. */
  save(): Promise<Snapshot>;
  /** Takes back what `save` gave. @throws FormatError where it does not fit, and then changes nothing. */
  restore(snapshot: Snapshot): void;
}

/** The samples of a training step, and their loss. */
export interface Batch<M extends object = object> {
  /** Initial state of each sample. States stay the task's, and good until the batch is accepted or rejected. */
  readonly states: readonly (Float32Array | State)[];
  /** Each sample's input, where the rule has one. */
  readonly conditioning?: Conditioning;
  /**
   * Pulls the cotangents of the initial states back to the task's network, where that made them.
   *
   * @param cotangents d mean objective / d initial state of each sample, shape (...grid, C).
   * @param gradient where to add that of the objective: flat, as the network's table says.
   */
  pullbackStates?(cotangents: readonly Float32Array[], gradient: Float32Array): void;
  /**
   * What is minimised of a sample's states, for engines that take losses where states lie; the first is the error. Absent or
   * undefined where states have to be looked at: then `evaluate` is asked.
   */
  terms?(sample: number): readonly LossTerm[] | undefined;
  /**
   * Losses of the states that the samples passed through.
   * @param visits those at which the settings take the loss: sample after sample, the last step of each among them.
   */
  evaluate(visits: readonly Visit[]): BatchLoss<M> | Promise<BatchLoss<M>>;
  /** Called when the step counts, before the parameters change. @returns what was measured on the way. */
  accept(outcome: BatchOutcome): Partial<M> | Promise<Partial<M>>;
  /** Called instead of `accept` where these samples' numbers went beyond bounds; the step is skipped. */
  reject(samples: readonly number[]): void | Promise<void>;
}

/** A state that a sample passed through. */
export type Visit = Readonly<{
  sample: number;
  /** Counted from the initial state. */
  step: number;
  /** Of its loss; those of a sample sum to 1. */
  weight: number;
  /** Whether the sample's rollout ends here. */
  last: boolean;
  /** The window outside which the state is zero. */
  state: StateWindow;
}>;

/** The loss of a batch, and its cotangents. */
export type BatchLoss<M extends object = object> = Readonly<{
  /** Error of each sample's final state: what is reported, and what a pool ranks by. */
  errors: readonly number[];
  /** What is minimised, of each sample: errors and any penalties. */
  objectives: readonly number[];
  /** Of the objectives' mean. */
  cotangents: readonly Cotangent[];
  /** Samples with a number beyond bounds. */
  diverged: readonly number[];
  measures?: Partial<M>;
}>;

/** What became of a batch. */
export type BatchOutcome = Readonly<{
  /** State of each sample at the end of the rollout; the trainer's. A task that keeps one keeps a `share` of it. */
  final: readonly State[];
  /** Error of each final state. */
  errors: readonly number[];
}>;
