/** What a trainer trains for: a task gives batches, and each batch knows its losses. */
import type { State } from "../engine.ts";
import type { StateWindow } from "../engine/window.ts";
import type { Guidance, Network } from "./goals.ts";
import type { CotangentSink } from "./loss.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Task {
  /** Trained along with the automaton, where samples' inputs come from a network. */
  readonly network?: Network;
  /**
   * Samples of a training step. Changes nothing: an aborted step is drawn again when training resumes.
   * @param size how many.
   * @param network its numbers as trained so far, good for this step alone; empty where there is none.
   */
  batch(step: number, size: number, network: Float32Array): Batch | Promise<Batch>;
  /** Whatever outlives a step: a pool. */
  save(): Promise<Snapshot>;
  /** Takes back what `save` gave. @throws FormatError where it does not fit, and then changes nothing. */
  restore(snapshot: Snapshot): void;
}

export interface Batch {
  /** Initial state of each sample. */
  readonly states: readonly (Float32Array | State)[];
  /** What each sample's cells are told, where the rule has an input. */
  readonly guidance?: Guidance;
  /**
   * Loss of one sample's state, given as the window outside which it is zero.
   * @param sink where to add the cotangent of `objective` inside the window; without it only the value is wanted.
   */
  loss(sample: number, state: StateWindow, sink?: CotangentSink): SampleLoss;
  /** Called when the step counts, before the parameters change. */
  accept(outcome: BatchOutcome): void | Promise<void>;
  /** Called instead of `accept` where these samples' numbers went beyond bounds; the step is skipped. */
  reject(samples: readonly number[]): void | Promise<void>;
}

export type SampleLoss = Readonly<{
  /** What is reported, and what a pool ranks by. */
  error: number;
  /** What is minimised: the error and any penalties. */
  objective: number;
}>;

export type BatchOutcome = Readonly<{
  /** State of each sample at the end of the rollout. */
  final: readonly State[];
  /** Error of each final state. */
  errors: readonly number[];
}>;
