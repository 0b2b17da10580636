/** What a person can do next, said behind what went wrong. */
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { isFile } from "../node/files.ts";
import { CONFIG_FILE } from "../node/runFolder.ts";
import { programName, resumeCommand } from "./terminal/shell.ts";

/** The error with a step behind it; what is none of a person's as it is. */
export function withStep(error: unknown, step: string): unknown {
  return error instanceof UserError
    ? new UserError(`${error.message}; ${step}`, { exitCode: error.exitCode, cause: error })
    : error;
}

/** Whether a file could not be read because it is not there. */
export function isMissing(error: unknown): error is UserError {
  if (!(error instanceof UserError)) return false;
  const { cause } = error;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/** What finds the name of a run. */
export function runsStep(): string {
  return `${programName()} ls lists the runs`;
}

/** What to do where a path leads to no model, or to no page of one. */
export async function modelStep(path: string): Promise<string> {
  if (!(await isFile(join(path, CONFIG_FILE)))) return runsStep();
  const { readRun } = await import("./ls/list.ts");
  const run = await readRun(path);
  if (run === undefined) return runsStep();
  return run.state === "training"
    ? "it is being trained, and has none yet"
    : `train it to its end: ${resumeCommand(run.experiment, run)}`;
}

/**
 * The RangeError by which an engine says that it cannot do something, most of all for want of memory, as a sentence.
 *
 * @param smaller options that need less.
 */
export function engineError(error: unknown, what: string, smaller: string): unknown {
  if (!(error instanceof RangeError)) return error;
  const step = /memory|alloc/i.test(error.message) ? `; a smaller ${smaller} needs less` : "";
  return new UserError(`${what}: ${error.message}${step}`, { cause: error });
}
