/** Carrying a sweep out: its runs, comparison after comparison, by whoever does them. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Executor } from "../../cluster/executor.ts";
import { UserError } from "../../errors.ts";
import {
  measuredAt,
  type Outcome,
  remainingArms,
  type SweepRun,
  type SweepState,
} from "../../sweep/results.ts";
import { filesToSend, placedRun, sentRun, writeFiles } from "./jobs.ts";
import type { SweepFolder } from "./folder.ts";
import { experimentNamed } from "./words.ts";
import type { RunProgress, Stretch, Trained } from "./training.ts";

/** Who trains runs: each in the folder of the sweep. */
export type Trainers = Readonly<{
  /** How many it is worth asking for at once; may change. */
  slots: () => number;
  train(
    path: string,
    stretch: Stretch,
    how: Readonly<{ signal: AbortSignal; onProgress: (progress: RunProgress) => void }>,
  ): Promise<Trained>;
}>;

/** Trains them on this machine. @param checkpointEvery seconds. */
export function trainersHere(executor: Executor, checkpointEvery: number): Trainers {
  return {
    slots: () => executor.slots,
    async train(path, stretch, { signal, onProgress }) {
      const { output } = await executor.submit(
        placedRun,
        { path, checkpointEvery, ...stretch },
        { signal, onProgress: (report) => onProgress(progressOf(report)) },
      );
      return output;
    },
  };
}

/** Has other machines train them: their files go there and come back. */
export function trainersElsewhere(executor: Executor): Trainers {
  return {
    // So that each worker finds its next run waiting.
    slots: () => 2 * Math.max(1, executor.slots),
    async train(path, stretch, { signal, onProgress }) {
      const files = await filesToSend(path);
      const options = { signal, onProgress: (report: unknown) => onProgress(progressOf(report)) };
      const { output } = await executor
        .submit(sentRun, { ...stretch, name: basename(path).slice(0, 200), files }, options)
        .catch((error: unknown) => {
          if (!(error instanceof RangeError)) throw error;
          throw new UserError(`${path} is too large to be sent: ${error.message}; leave out --queue`, {
            cause: error,
          });
        });
      await writeFiles(path, output.files);
      return output.trained;
    },
  };
}

/** What a job says of itself, which is not checked before. */
function progressOf(report: unknown): RunProgress {
  const isProgress = typeof report === "object" && report !== null && "step" in report && "total" in report;
  const [step, total] = isProgress ? [Number(report.step), Number(report.total)] : [0, 1];
  return { step: Number.isFinite(step) ? step : 0, total: total > 0 ? total : 1 };
}

/** What happens in a sweep. Shares are parts of a whole run. */
export type SweepWatcher = Readonly<{
  step(i: number, share: number): void;
  trained(i: number, run: SweepRun, part: number, share: number, trained: Trained): void;
  /** Arms were compared after a part. */
  compared(part: number, remaining: readonly number[]): void;
}>;

/** Where a sweep stands. */
export async function stateOfSweep(folder: SweepFolder): Promise<SweepState> {
  const { arms, runs } = folder.record;
  const outcomes = await Promise.all(runs.map((_, i) => folder.outcome(i)));
  const { experiment, halving } = folder.plan;
  return { experiment, unit: experimentNamed(experiment).unit, arms, runs, outcomes, halving };
}

/**
 * Trains all runs of a sweep that are not trained yet, part by part, and keeps what came of each.
 *
 * @throws the signal's reason; UserError where a run cannot be carried out. What was done is kept, and the folder can be
 *   resumed.
 */
export async function carryOutSweep(
  folder: SweepFolder,
  trainers: Trainers,
  { signal, watcher }: Readonly<{ signal: AbortSignal; watcher: SweepWatcher }>,
): Promise<SweepState> {
  const { plan } = folder;
  const state = await stateOfSweep(folder);
  const outcomes: Outcome[] = [...state.outcomes];
  const parts = [...(plan.halving?.at ?? []), 1];
  for (const [at, part] of parts.entries()) {
    const halving = plan.halving && { ...plan.halving, at: parts.slice(0, at) };
    const remaining = remainingArms({ ...state, outcomes, halving });
    if (at > 0) watcher.compared(parts[at - 1], remaining);
    const due = state.runs
      .map((run, i) => ({ run, i }))
      .filter(({ run, i }) => remaining.includes(run.arm) && isDue(outcomes[i], part));
    const share = part - (parts[at - 1] ?? 0);
    await eachOf(due, trainers.slots, signal, async ({ run, i }, own) => {
      const trained = await trainers.train(
        folder.file(run.name),
        { part, draw: plan.pictures && part === 1 },
        {
          signal: own,
          onProgress: ({ step, total }) => watcher.step(i, share * shareOf(step, total, part, share)),
        },
      );
      const { measured, ...rest } = outcomes[i];
      outcomes[i] =
        "failed" in trained
          ? { measured, ...rest, failed: trained.failed }
          : { measured: [...measured, trained.measured] };
      await folder.keepOutcome(i, outcomes[i]);
      watcher.trained(i, run, part, share, trained);
    });
  }
  return { ...state, outcomes };
}

/** The part of a stretch that is done, where `step` of `total` are made and the stretch is the last `share` of `part`. */
function shareOf(step: number, total: number, part: number, share: number): number {
  const before = 1 - share / part;
  return Math.min(1, Math.max(0, (step / total - before) / (1 - before)));
}

function isDue(outcome: Outcome, part: number): boolean {
  return outcome.failed === undefined && measuredAt(outcome, part) === undefined;
}

/** Does work for each of a list, as many at once as there are slots; where one fails, the others are aborted. */
async function eachOf<T>(
  items: readonly T[],
  slots: () => number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const failed = new AbortController();
  const own = AbortSignal.any([signal, failed.signal]);
  const active = new Set<Promise<void>>();
  let failure: Readonly<{ error: unknown }> | undefined;
  for (const item of items) {
    while (active.size >= slots() && !own.aborted) await Promise.race(active);
    if (own.aborted) break;
    const done = work(item, own)
      .catch((error: unknown) => {
        failure ??= { error };
        failed.abort(error);
      })
      .finally(() => active.delete(done));
    active.add(done);
  }
  await Promise.all(active);
  if (failure) throw failure.error;
  signal.throwIfAborted();
}

/** Whether the folder of a run is whole: its configuration is written last. */
export function isMade(folder: SweepFolder, { name }: SweepRun): boolean {
  return existsSync(join(folder.file(name), "config.json"));
}

/** Removes what a process that was killed left of a run that it was making. */
export async function clearRun(folder: SweepFolder, { name }: SweepRun): Promise<void> {
  await rm(folder.file(name), { recursive: true, force: true });
}
