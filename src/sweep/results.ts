/** What came out of a sweep, so far: of each run, of each arm, of each subject. Nothing here depends on the clock. */
import * as z from "zod/mini";
import { isTree } from "../config/config.ts";
import { whole } from "../config/fields.ts";
import { meanError, ranked, survivors } from "./halving.ts";
import type { Halving } from "./plan.ts";

const number = z.nullable(z.number());

/** What was measured of a run after a part of its training. */
export const measuredSchema = z.object({
  /** Of its training steps, above 0; 1 at its end. */
  part: z.number().check(z.gt(0), z.maximum(1)),
  /** Training steps made. */
  steps: whole(0, 1e9),
  /** Of the model; null where there is none, or it is not finite. */
  loss: number,
  /** What runs are compared by: the error of the experiment's report or, without one, the loss. */
  error: number,
  /** The experiment's report, if it makes one. */
  report: z.optional(z.record(z.string(), z.unknown())),
});
export type Measured = Readonly<z.infer<typeof measuredSchema>>;

export const outcomeSchema = z.object({
  /** In order of their parts. */
  measured: z.readonly(z.array(measuredSchema)),
  /** Why it could not go on, in a sentence. */
  failed: z.optional(z.string()),
});
export type Outcome = Readonly<z.infer<typeof outcomeSchema>>;

export const runSchema = z.object({
  /** Of its folder. */
  name: z.string().check(z.refine((name) => /^[^./\\][^/\\]*$/.test(name), "must be the name of a folder")),
  /** Index of its arm. */
  arm: whole(0, 1e6),
  /** What it is trained for, for people. */
  subject: z.string(),
  /** The same, as on a command line. */
  words: z.readonly(z.array(z.string())),
  seed: whole(0, 2 ** 32 - 1),
});
export type SweepRun = Readonly<z.infer<typeof runSchema>>;

/** A sweep as it stands. `outcomes` has one for each run, without measures where none were made. */
export type SweepState = Readonly<{
  experiment: string;
  /** What one of its training steps is called: `step`, `generation`. */
  unit: string;
  /** Values of the settings that are varied, by name: the same names in each. */
  arms: readonly Readonly<Record<string, unknown>>[];
  runs: readonly SweepRun[];
  outcomes: readonly Outcome[];
  halving: Halving | undefined;
}>;

export type RunState = "done" | "stopped" | "failed" | "unfinished";

/** @param stopped whether its arm was ended by a comparison. */
export function stateOf({ measured, failed }: Outcome, stopped: boolean): RunState {
  if (failed !== undefined) return "failed";
  if (measured.at(-1)?.part === 1) return "done";
  return stopped ? "stopped" : "unfinished";
}

/** A run with what came of it. */
export type RunRow = Readonly<{ run: SweepRun; state: RunState; latest: Measured | undefined }>;

/** Several runs together: an arm, or a subject. Errors are those of runs that got as far as any of them. */
export type Summary = Readonly<{
  rows: readonly RunRow[];
  /** Part of the training after which the errors were measured; 0 where none was. */
  part: number;
  mean: number | null;
  best: number | null;
  worst: number | null;
}>;

/** What was measured of a run after a part; undefined where nothing was yet. */
export function measuredAt({ measured }: Outcome, part: number): Measured | undefined {
  return measured.find((each) => each.part === part);
}

/** The arms that no comparison has ended, in order: as far as all runs of a comparison are measured. */
export function remainingArms({ arms, runs, outcomes, halving }: SweepState): number[] {
  let remaining = arms.map((_, arm) => arm);
  for (const part of halving?.at ?? []) {
    const own = remaining.map((arm) => outcomes.filter((_, i) => runs[i].arm === arm));
    const isDue = own.flat().every((each) => each.failed !== undefined || measuredAt(each, part));
    if (!halving || !isDue) break;
    const standings = own.map((each, i) => ({
      arm: remaining[i],
      errors: each.map((outcome) => measuredAt(outcome, part)?.error ?? null),
    }));
    remaining = survivors(standings, halving.keep);
  }
  return remaining;
}

/** All runs, in order. */
export function runRows(state: SweepState): RunRow[] {
  const remaining = new Set(remainingArms(state));
  return state.runs.map((run, i) => ({
    run,
    state: stateOf(state.outcomes[i], !remaining.has(run.arm)),
    latest: state.outcomes[i].measured.at(-1),
  }));
}

export function summaryOf(rows: readonly RunRow[]): Summary {
  const part = Math.max(0, ...rows.map(({ latest }) => latest?.part ?? 0));
  const errors = rows
    .filter(({ latest }) => latest?.part === part)
    .map(({ latest }) => latest?.error ?? null);
  const known = errors.filter((error) => error !== null);
  return {
    rows,
    part,
    mean: meanError(errors),
    best: known.length > 0 ? Math.min(...known) : null,
    worst: known.length > 0 ? Math.max(...known) : null,
  };
}

export type ArmSummary = Summary & Readonly<{ arm: number }>;

/** The arms, the best first: those that got farther, then as `ranked` has them. */
export function armSummaries(state: SweepState, rows: readonly RunRow[]): ArmSummary[] {
  const summaries = state.arms.map((_, arm) => ({
    ...summaryOf(rows.filter(({ run }) => run.arm === arm)),
    arm,
  }));
  const standings = summaries.map(({ arm, rows: own, part }) => ({
    arm,
    errors: own.map(({ latest }) => (latest?.part === part ? latest.error : null)),
  }));
  const place = new Map(ranked(standings).map(({ arm }, i) => [arm, i]));
  return summaries.toSorted((a, b) => b.part - a.part || (place.get(a.arm) ?? 0) - (place.get(b.arm) ?? 0));
}

export type SubjectSummary = Summary & Readonly<{ subject: string; bestArm: number | undefined }>;

/** The subjects, in the order of the plan. */
export function subjectSummaries(rows: readonly RunRow[]): SubjectSummary[] {
  const subjects = [...new Set(rows.map(({ run }) => run.subject))];
  return subjects.map((subject) => {
    const own = rows.filter(({ run }) => run.subject === subject);
    const summary = summaryOf(own);
    const best = own.find(
      ({ latest }) => latest?.part === summary.part && latest.error !== null && latest.error === summary.best,
    );
    return { ...summary, subject, bestArm: best?.run.arm };
  });
}

/** A value of a setting in words: texts as they are, all else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** An error in few characters: three digits that count. */
export function errorText(error: number | null): string {
  if (error === null) return "-";
  if (error !== 0 && (Math.abs(error) < 1e-3 || Math.abs(error) >= 1e4)) return error.toExponential(2);
  return String(Number(error.toPrecision(3)));
}

/** Numbers, flags and words of a report, by path; lists are left out. */
function scalarsOf(value: unknown, path: string): [string, unknown][] {
  if (!isTree(value)) return [[path, value]];
  if (Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => scalarsOf(inner, `${path}.${name}`));
}

/**
 * All runs as comma-separated values (RFC 4180), with a line of names: what was set, what came out, and what the experiment
 * reports.
 */
export function sweepCsv(state: SweepState): string {
  const rows = runRows(state);
  const settings = Object.keys(state.arms[0] ?? {});
  const reports = rows.map(({ latest }) => new Map(latest?.report ? scalarsOf(latest.report, "report") : []));
  const columns = [...new Set(reports.flatMap((report) => [...report.keys()]))];
  const head = ["run", "arm", "subject", "seed", ...settings, "state", "part", "steps", "error", "loss"];
  const lines = rows.map(({ run, state: how, latest }, i) => [
    run.name,
    run.arm + 1,
    run.subject,
    run.seed,
    ...settings.map((name) => valueText(state.arms[run.arm][name])),
    how,
    latest?.part,
    latest?.steps,
    latest?.error,
    latest?.loss,
    ...columns.map((column) => reports[i].get(column)),
  ]);
  return [[...head, ...columns], ...lines].map((line) => `${line.map(csvField).join(",")}\n`).join("");
}

function csvField(value: unknown): string {
  const text = value === undefined || value === null ? "" : valueText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What became of an arm, in a word or two. */
export function stateText({ rows, part }: Summary): string {
  const count = (state: RunState) => rows.filter((row) => row.state === state).length;
  const failed = count("failed");
  const words = failed > 0 ? [`${failed} failed`] : [];
  if (count("done") === rows.length - failed && failed < rows.length) words.unshift("done");
  else if (count("stopped") > 0) words.unshift(`stopped at ${percent(part)}`);
  else if (count("unfinished") > 0) words.unshift(part > 0 ? `at ${percent(part)}` : "unfinished");
  return words.join(", ");
}

function percent(part: number): string {
  return `${Number((100 * part).toPrecision(3))}%`;
}

/** The arms, and the subjects where there are several, as rows of words for a table. */
export function sweepTables(state: SweepState): Readonly<{ arms: string[][]; subjects: string[][] }> {
  const rows = runRows(state);
  const settings = Object.keys(state.arms[0] ?? {});
  const isOne = state.arms.length === 1;
  const arms = armSummaries(state, rows).map((summary) => [
    isOne ? "all" : String(summary.arm + 1),
    ...settings.map((name) => valueText(state.arms[summary.arm][name])),
    String(summary.rows.length),
    ...numbersOf(summary),
    stateText(summary),
  ]);
  const subjects = subjectSummaries(rows).map((summary) => [
    summary.subject,
    String(summary.rows.length),
    ...numbersOf(summary),
    ...(isOne ? [stateText(summary)] : [summary.bestArm === undefined ? "-" : String(summary.bestArm + 1)]),
  ]);
  return {
    arms: [["arm", ...settings, "runs", "mean error", "best", "worst", "state"], ...arms],
    subjects:
      subjects.length > 1
        ? [["subject", "runs", "mean error", "best", "worst", isOne ? "state" : "best arm"], ...subjects]
        : [],
  };
}

function numbersOf({ mean, best, worst }: Summary): string[] {
  return [mean, best, worst].map(errorText);
}
