/**
 * Kinds of jobs. A job is a pure function of its message: whoever does it, wherever and however often, its result has the
 * same bits, as long as the engine's build is the one wanted. So a job that was lost is asked for again, and one that is
 * late may be done twice.
 */
import type { Engine } from "../engine.ts";
import type { Tensor } from "../tensor.ts";
import type { Part } from "./message.ts";

/**
 * What a message is made of. `shared` has parts that many messages have in common, by name: a queue sends each of them once.
 * It tells them apart by identity, so that a caller keeps a part and hands it out again.
 */
export type Content = Part & Readonly<{ shared?: Readonly<Record<string, Part>> }>;

/** What has arrived: all parts are there, none of it is checked but for its being JSON and tensors. */
export type Received = Readonly<{
  head: unknown;
  tensors: Readonly<Record<string, Tensor>>;
  /** A part that came before is the same object again, so that what was made of it can be kept in a WeakMap. */
  shared: Readonly<Record<string, Required<Part>>>;
}>;

/** How a value travels. `decode(encode(value))` equals the value, to the bit. */
export type Codec<T> = Readonly<{
  encode(value: T): Content;
  /** @throws FormatError or another UserError, one sentence, for whatever `encode` would not have made. Trusts nothing. */
  decode(received: Received): T;
}>;

/** What a job has beside its input. */
export type JobContext = Readonly<{
  /** The worker's; of the build that was wanted. Not to be disposed of. */
  engine: Engine;
  /** Aborted where nobody wants the result any more, or where the worker leaves. The job then rejects soon, by whatever. */
  signal: AbortSignal;
  /** Says how far a long job is: small plain JSON, as often as it likes; what comes too quickly may be left out. */
  progress(report: unknown): void;
}>;

/** @template I what a job is made of. @template O what comes out. */
export interface JobKind<I, O> {
  /** One word in lower case, with hyphens: `members`. */
  readonly name: string;
  /** A higher one whenever the messages or the bits that come out change. Workers of another version refuse. */
  readonly version: number;
  readonly input: Codec<I>;
  readonly output: Codec<O>;
  /** What a worker says it does: a few words, such as `generation 12, members 0 to 63`. */
  title(input: I): string;
  /**
   * Does the job. May take seconds or hours; it must leave the event loop now and then.
   *
   * @throws UserError where it cannot be done by anybody: the asker's promise rejects with its sentence. Whatever else it
   *   throws becomes one sentence, too, and is not tried again.
   */
  run(input: I, context: JobContext): Promise<O>;
}
