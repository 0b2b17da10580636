/** Who does jobs: this process (`local.ts`), or workers on any number of machines by a queue (`queue/`). */
import { UserError } from "../errors.ts";
import type { JobKind } from "./job.ts";

/** Work elsewhere that came to nothing: the queue is gone, or a job failed. What is here is as good as before. */
export class WorkFailure extends UserError {
  override readonly name: string = "WorkFailure";
}

/** A job that a worker could not do, in its sentence. As it is a pure function, others are not asked by themselves. */
export class JobFailure extends WorkFailure {
  override readonly name = "JobFailure";
  readonly worker: string;

  constructor(worker: string, sentence: string, cause?: unknown) {
    super(`${worker}: ${sentence}`, { cause });
    this.worker = worker;
  }
}

export type SubmitOptions = Readonly<{
  /** Takes the job back: it is not begun, or stopped soon. The promise rejects with the signal's reason at once. */
  signal?: AbortSignal | undefined;
  /** What the job reports of itself, the latest; some reports may be left out. Plain JSON, not checked. */
  onProgress?: ((report: unknown) => void) | undefined;
  /** Called when somebody begins with it; again where it was lost and somebody else does. */
  onStart?: (() => void) | undefined;
  /** Jobs of equal messages are one job and done once. To have one done again, give it another number here. Default 0. */
  copy?: number | undefined;
  /** Workers that must not do it, by name. */
  not?: readonly string[] | undefined;
}>;

export type Done<O> = Readonly<{
  output: O;
  /** Name of the worker that did it. */
  worker: string;
}>;

/**
 * Does jobs, several at once, in any order; whoever asks puts the results in order. A result is a pure function of the job's
 * message, so nothing depends on which executor it is.
 */
export interface Executor {
  /** How many jobs are done at once, about: at least 1, and changes as workers come and go. A hint for how to cut work. */
  readonly slots: number;
  /**
   * Has a job done. A job that was lost with its worker, or with the queue, is asked for again by itself.
   *
   * @throws JobFailure where the job failed (in this process: what it threw); another WorkFailure, one sentence, where
   *   the queue is gone for good; the signal's reason when aborted.
   */
  submit<I, O>(kind: JobKind<I, O>, input: I, options?: SubmitOptions): Promise<Done<O>>;
  /** Takes back what is not done; those promises reject. Does not dispose of engines that it was given. */
  close(): Promise<void>;
}
