import { setMaxListeners } from "node:events";
import { onOutputFailure, OutputFailure, say } from "./print.ts";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Cause = keyof typeof EXIT_CODES;

/** The reason with which work is aborted that was asked to stop. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** Exit status by the shells' convention: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(cause: Cause) {
    super(`stopped by ${cause}`);
    this.exitCode = EXIT_CODES[cause];
  }
}

/** Milliseconds in which one Ctrl-C may arrive twice: from the terminal, and from an npm in between. */
const ECHO = 500;

/**
 * Runs work that is asked to stop by a signal, or because standard output takes nothing more; a second signal ends the
 * process at once.
 *
 * @param work gets an abort signal whose reason is an `Interruption` or an `OutputFailure`.
 * @param stoppedMessage what is said where a signal or a reader that has gone ended it.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  stoppedMessage?: string,
): Promise<T> {
  const controller = new AbortController();
  // Every sample of a batch listens to it.
  setMaxListeners(0, controller.signal);
  let asked = 0;
  const stop = (cause: Cause) => {
    if (!controller.signal.aborted) {
      asked = performance.now();
      controller.abort(new Interruption(cause));
    } else if (performance.now() - asked > ECHO) die(cause);
  };
  const onSigint = () => stop("SIGINT");
  const onSigterm = () => stop("SIGTERM");
  const onSighup = () => stop("SIGHUP");
  process.on("SIGINT", onSigint).on("SIGTERM", onSigterm).on("SIGHUP", onSighup);
  const unwatch = onOutputFailure((failure) => controller.abort(failure));
  try {
    return await work(controller.signal);
  } catch (error) {
    if (stoppedMessage !== undefined && isInterruption(error)) say(stoppedMessage);
    throw error;
  } finally {
    process.off("SIGINT", onSigint).off("SIGTERM", onSigterm).off("SIGHUP", onSighup);
    unwatch();
  }
}

/** Whether work ended because it was asked to: by a signal, or by a reader of standard output that has gone. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Interruption || (error instanceof OutputFailure && error.isClosed);
}

/**
 * What work brings that cannot be stopped, unless the signal is aborted before.
 *
 * @throws the signal's reason as soon as it is aborted; what the work throws.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}

/** Milliseconds that a process which was asked to stop, and has, waits for what still holds it. */
const LINGER = 500;

/**
 * Ends the process as a signal does that asked it to stop, should it not end by itself: a picture that is being encoded
 * holds it until it is done, even against `process.exit`.
 */
export function endSoon(): void {
  const cause = (["SIGINT", "SIGTERM", "SIGHUP"] as const).find(
    (name) => EXIT_CODES[name] === process.exitCode,
  );
  if (cause) setTimeout(() => die(cause), LINGER).unref();
}

/** Ends the process at once, as the signal does where nobody listens to it. */
function die(cause: Cause): void {
  process.removeAllListeners(cause);
  process.kill(process.pid, cause);
}
