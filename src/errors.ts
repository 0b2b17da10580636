/** Something a person can put right. The message is one sentence: what, where, and what would be right. */
export class UserError extends Error {
  override readonly name: string = "UserError";
  /** Exit status of the command line: 1 for a failure, 2 for a wrong call. */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Bytes that are not what they should be: a damaged, foreign or hostile file. */
export class FormatError extends UserError {
  override readonly name: string = "FormatError";
}

/** A wrong call, as one sentence: exit status 2. */
export function usageError(message: string): UserError {
  return new UserError(message, { exitCode: 2 });
}
