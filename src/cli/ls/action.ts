import { UserError } from "../../errors.ts";
import { textTable } from "../../experiments/evaluation.ts";
import { isFolder } from "../../node/files.ts";
import { errorText } from "../../sweep/results.ts";
import { print, printJson, say } from "../terminal/print.ts";
import { programName, resumeCommand } from "../terminal/shell.ts";
import { RUNS_FOLDER } from "../train/options.ts";
import type { LsOptions } from "./command.ts";
import { type ListedRun, listRuns } from "./list.ts";

/** Prints the runs in a folder. @throws UserError where it cannot be read or, unless as JSON, holds none. */
export async function ls(folder: string, { json }: LsOptions): Promise<void> {
  const isThere = await isFolder(folder);
  const runs = isThere ? await listRuns(folder) : [];
  if (json && (isThere || folder === RUNS_FOLDER)) {
    for (const run of runs) printJson(run);
    return;
  }
  if (runs.length === 0) {
    throw new UserError(`there is no run in ${folder}; ${programName()} grow makes one in runs`);
  }
  print(...textTable([HEADINGS, ...runs.map(cellsOf)], 4));
  const stopped = runs.findLast(({ state }) => state === "stopped");
  if (stopped) say(`Go on with: ${resumeCommand(stopped.experiment, stopped)}`);
}

const HEADINGS = ["run", "experiment", "subject", "state", "steps", "error"];

function cellsOf(run: ListedRun): string[] {
  const { path, experiment, subject, state, steps, of, error, good } = run;
  const made = steps === null ? "-" : of === null ? `${steps}` : `${steps} of ${of}`;
  const verdict = good === null ? "" : good ? ", good" : ", falls short";
  return [path, experiment, subject, `${state}${state === "done" ? verdict : ""}`, made, errorText(error)];
}
