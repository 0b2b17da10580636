/** What all ways of training have in common: what runs them, shows them and saves them needs to know no more. */
import type { State } from "../engine.ts";
import { UserError } from "../errors.ts";
import type { StoredState } from "./memory/storedStates.ts";
import type { Snapshot } from "./snapshot.ts";

/** What one training step did, whatever a step is: an update by gradients, a generation. */
export type Progress = Readonly<{
  /** Counts from 0. */
  step: number;
  /** Of what was tried in this step; NaN where it was skipped. */
  loss: number;
  learningRate: number;
  /** Living cells at the end of a rollout, mean over the samples. */
  livingCells: number;
  /** Wall time of the step. */
  seconds: number;
  /** Cells updated, summed over samples and steps. */
  cellUpdates: number;
  /** Present where the parameters were left alone because numbers went beyond bounds. */
  skipped?: true;
}>;

/**
 * Trains one parameter set. Iterating runs the training steps that are left and reports each; leaving the loop and
 * iterating again goes on. All randomness is drawn from the seed and the step, so that a trainer restored from a
 * snapshot continues bit for bit.
 */
export interface Trainer<P extends Progress = Progress> extends AsyncIterable<P> {
  /** Training steps made. */
  readonly step: number;
  /** Whether no training step is left. */
  readonly finished: boolean;
  /** Steps that left the parameters alone. */
  readonly skipped: number;
  /** The model as trained so far: flat, as `parameterTable` says. A copy. */
  readonly model: Float32Array;
  /** Some states of the latest step at the end of their rollout; empty before the first. */
  readonly latest: readonly State[];
  /** What those started from: a state, or an array of shape (H, W, C), not to be changed. Absent where all start alike. */
  readonly starts?: readonly (Float32Array | State)[];
  /** Up to so many of the states that training returns to, always the same places; absent where there are none. */
  remembered?(count: number): readonly StoredState[];
  /**
   * Runs the training steps that are left.
   *
   * @param signal aborts between two steps or within one, which then counts for nothing.
   * @throws DivergedError where training cannot go on; the signal's reason when aborted.
   */
  run(signal?: AbortSignal): AsyncGenerator<P, void>;
  /** The whole state between two steps; waits for a step under way. */
  save(): Promise<Snapshot>;
  /**
   * Goes back to a saved state.
   * @throws FormatError where the snapshot is not one of a trainer of these settings; then nothing changes.
   */
  restore(snapshot: Snapshot): Promise<void>;
}

/** Training that cannot go on. The trainer is back at its last good parameters and can be saved. */
export class DivergedError extends UserError {
  override readonly name = "DivergedError";
}

/** Runs one piece of work at a time, in the order asked for. */
export function exclusively(): <T>(work: () => Promise<T>) => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = running.then(work);
    running = result.catch(() => {});
    return result;
  };
}
