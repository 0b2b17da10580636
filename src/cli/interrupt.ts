const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGPIPE: 141 } as const;
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
 * Runs work that a signal, or a reader that closes our standard output, asks to stop; a second signal ends the
 * process at once.
 *
 * @param work gets an abort signal whose reason is an `Interruption`.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let asked = 0;
  const stop = (cause: Cause) => {
    if (!controller.signal.aborted) {
      asked = performance.now();
      controller.abort(new Interruption(cause));
    } else if (performance.now() - asked > ECHO) process.exit(EXIT_CODES[cause]);
  };
  const onSigint = () => stop("SIGINT");
  const onSigterm = () => stop("SIGTERM");
  const onSighup = () => stop("SIGHUP");
  const onOutputError = () => controller.abort(new Interruption("SIGPIPE"));
  process.on("SIGINT", onSigint).on("SIGTERM", onSigterm).on("SIGHUP", onSighup);
  process.stdout.on("error", onOutputError);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSigint).off("SIGTERM", onSigterm).off("SIGHUP", onSighup);
    process.stdout.off("error", onOutputError);
  }
}
