/** `neoblast sweep`: begins or resumes a sweep and carries it out. */
import { randomUUID } from "node:crypto";
import { inWords } from "../../config/inWords.ts";
import { availableParallelism } from "node:os";
import type { Executor } from "../../cluster/executor.ts";
import type { QueueAddress } from "../../cluster/queue/address.ts";
import { localExecutor } from "../../cluster/local.ts";
import { UserError } from "../../errors.ts";
import { parsePlan, type Plan } from "../../sweep/plan.ts";
import { trainingOf } from "../../sweep/halving.ts";
import { measuredAt, remainingArms, stateOf, type SweepRun, type SweepState } from "../../sweep/results.ts";
import { VERSION } from "../../version.ts";
import { buildWords, kernelChoices, type OpenEngine, openEngine } from "../engine.ts";
import { PATIENCE } from "../queueOption.ts";
import { queueOf } from "../train/cluster.ts";
import { interruptible, isInterruption } from "../terminal/interrupt.ts";
import { duration } from "../terminal/pace.ts";
import { print, printJson, say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { resumeCommand } from "../terminal/shell.ts";
import { begin, createdRun } from "../train/openRun.ts";
import { usageError } from "../values.ts";
import { armText, type AskedSweep, askedSweep, type Census, censusOf, checkRuns } from "./asked.ts";
import { SweepFolder } from "./folder.ts";
import type { SweepOptions } from "./options.ts";
import { SweepProgress } from "./progress.ts";
import { reportLines, writeReport } from "./report.ts";
import {
  carryOutSweep,
  clearRun,
  isMade,
  stateOfSweep,
  type Trainers,
  trainersElsewhere,
  trainersHere,
} from "./sweep.ts";

/** Begins the sweep of a plan, not yet checked, or lists what it would do. */
export async function beginSweep(value: unknown, options: SweepOptions): Promise<void> {
  const plan = parsePlan(value);
  queueOf(options);
  const asked = await askedSweep(plan);
  const bar = new ProgressBar(asked.arms.length * plan.subjects.length, "arm");
  let census: Census;
  try {
    census = await censusOf(asked, (done) => bar.show(done));
  } finally {
    bar.clear();
  }
  if (options.dryRun) return list(asked, census);
  const { samples, runs } = census;
  const name = options.engine ?? "wasm";
  if (name !== "wasm" && (options.kernels || options.threads !== "auto")) {
    throw usageError(
      `the ${name} engine has neither threads nor kernels to choose from; leave those options out`,
    );
  }
  await withEngines(options, { name, kernels: options.kernels ?? "auto", samples }, async (engines) => {
    const [{ engine }] = engines;
    for (const arm of asked.arms.keys()) {
      checkRuns(asked, engine, await asked.run({ arm, words: plan.subjects[0], seed: plan.seeds[0] }));
    }
    const record = {
      version: VERSION,
      id: randomUUID(),
      engine: { name, build: engine.build },
      plan: value,
      arms: [...asked.arms],
      runs: [...runs],
    };
    const folder = await SweepFolder.create(options.out, record);
    try {
      await carryOut(folder, engines, options, asked);
    } finally {
      await folder.release();
    }
  });
}

/** Goes on with a sweep that was stopped, by whatever it was. */
export async function resumeSweep(path: string, options: SweepOptions): Promise<void> {
  const folder = await SweepFolder.open(path);
  try {
    const { name, build } = folder.record.engine;
    if (options.engine !== undefined && options.engine !== name) {
      throw usageError(`${path} began with the ${name} engine; leave out --engine ${options.engine}`);
    }
    const kernels = kernelChoices.find((choice) => choice === build) ?? "auto";
    if (options.kernels !== undefined && options.kernels !== "auto" && options.kernels !== kernels) {
      throw usageError(`${path} began with ${build} kernels; leave out --kernels ${options.kernels}`);
    }
    await withEngines(options, { name, kernels, samples: Infinity }, async (engines) => {
      const [{ engine }] = engines;
      if (engine.build !== build) {
        throw new UserError(
          `${path} began with ${buildWords({ name, build })}, and only those go on with the same bits; here there are ${buildWords(engine)}`,
        );
      }
      await carryOut(folder, engines, options);
    });
  } finally {
    await folder.release();
  }
}

type EngineWish = Readonly<{
  name: OpenEngine["name"];
  kernels: (typeof kernelChoices)[number];
  samples: number;
}>;

/** Does work with engines of one build: one for each run that trains here at once. */
async function withEngines(
  { parallel = 1, threads, queue }: SweepOptions,
  { name, kernels, samples }: EngineWish,
  work: (engines: readonly OpenEngine[]) => Promise<void>,
): Promise<void> {
  const count = queue === undefined ? parallel : 1;
  const own = Math.max(1, Math.floor((threads === "auto" ? availableParallelism() : threads) / count));
  const engines: OpenEngine[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const setup = { kernels, samples, threads: threads === "auto" && count === 1 ? threads : own } as const;
      engines.push(await openEngine(name, setup));
    }
    await work(engines);
  } finally {
    for (const { engine } of engines) await engine.dispose();
  }
}

/** @param asked what was asked for, where it was just now. */
async function carryOut(
  folder: SweepFolder,
  engines: readonly OpenEngine[],
  options: SweepOptions,
  asked?: AskedSweep,
): Promise<void> {
  const address = queueOf(options);
  const began = performance.now();
  const resume = resumeCommand("sweep", folder);
  let failed: readonly SweepRun[];
  try {
    failed = await interruptible(async (signal) => {
      const { record, plan } = folder;
      const { json } = options;
      if (json) printJson({ event: "sweep", folder: folder.path, arms: record.arms, runs: record.runs });
      else say(...introduction(folder, engines[0], options));
      const executor = await executorFor(engines, options, address, record.id);
      let progress: SweepProgress | undefined;
      try {
        await makeRuns(folder, engines[0], signal, asked);
        const before = await stateOfSweep(folder);
        const shown = new SweepProgress(planned(before, plan), { json: json === true, unit: before.unit });
        progress = shown;
        const trainers: Trainers =
          options.queue === undefined
            ? trainersHere(executor, options.checkpointEvery)
            : trainersElsewhere(executor);
        const final = await carryOutSweep(folder, trainers, {
          signal,
          watcher: {
            step: (i, share) => shown.step(i, share),
            trained: (...words) => shown.trained(...words),
            compared(part, remaining) {
              if (json) printJson({ event: "compared", part, remaining: remaining.map((arm) => arm + 1) });
              else shown.say(comparedText(part, remaining, record.arms));
            },
          },
        });
        shown.clear();
        return await conclude(folder, final, (performance.now() - began) / 1000, json === true);
      } finally {
        progress?.clear();
        await executor.close();
      }
    });
  } catch (error) {
    if (isInterruption(error)) {
      if (options.json) printJson({ event: "stopped", resume });
      else say(`Stopped. Resume: ${resume}`);
    } else if (error instanceof UserError) {
      throw new UserError(`${error.message}; the sweep can go on once that is put right: ${resume}`, {
        exitCode: error.exitCode,
        cause: error,
      });
    }
    throw error;
  }
  if (failed.length === 0) return;
  throw new UserError(
    `${failed.length} of ${folder.record.runs.length} runs could not be trained to their end, such as ${failed[0].name}; sweep.csv has all others`,
  );
}

/** @param owner whose results wait in a queue, should this process be killed. */
async function executorFor(
  engines: readonly OpenEngine[],
  { tag, patience = PATIENCE }: SweepOptions,
  address: QueueAddress | undefined,
  owner: string,
): Promise<Executor> {
  if (address === undefined) return localExecutor(engines.map(({ engine }) => engine));
  const { openQueue } = await import("../../cluster/queue/executor.ts");
  return openQueue(address, { build: engines[0].engine.build, tag, patience, owner, say });
}

/** Makes the folders of runs that are not there yet: settings, pictures and how training begins. */
async function makeRuns(
  folder: SweepFolder,
  opened: OpenEngine,
  signal: AbortSignal,
  before: AskedSweep | undefined,
): Promise<void> {
  const missing = folder.record.runs.filter((run) => !isMade(folder, run));
  if (missing.length === 0) return;
  const asked = before ?? (await askedSweep(folder.plan));
  const bar = new ProgressBar(missing.length, "folder");
  try {
    for (const [i, run] of missing.entries()) {
      signal.throwIfAborted();
      await clearRun(folder, run);
      const created = await createdRun(asked.kind, await asked.run(run), opened);
      await (await begin(created, folder.file(run.name))).folder.release();
      bar.show(i + 1);
    }
  } finally {
    bar.clear();
  }
}

/** How much training a sweep is, in whole runs, and how much of it is done. */
function planned(
  state: SweepState,
  { halving }: Plan,
): Readonly<{ runs: number; planned: number; done: number; finished: number }> {
  return {
    runs: state.runs.length,
    planned: (state.runs.length / state.arms.length) * trainingOf(state.arms.length, halving),
    done: state.outcomes.reduce((total, { measured }) => total + (measured.at(-1)?.part ?? 0), 0),
    finished: state.outcomes.filter((outcome) => outcome.failed !== undefined || measuredAt(outcome, 1))
      .length,
  };
}

function introduction(
  { path, record, plan }: SweepFolder,
  { engine, threads }: OpenEngine,
  { queue, parallel = 1 }: SweepOptions,
): string[] {
  const { arms, runs } = record;
  const where =
    queue === undefined
      ? `${parallel === 1 ? "one run" : `${parallel} runs`} at a time, ${threads === 1 ? "1 thread" : `${threads} threads`}${parallel > 1 ? " each" : ""}`
      : "by the workers of a queue";
  return [
    `${plan.experiment}: ${countOf(runs.length, "run")} of ${countOf(arms.length, "arm")} in ${path}`,
    `${record.engine.name} engine (${buildWords(engine)}), ${where}`,
  ];
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function comparedText(part: number, remaining: readonly number[], arms: readonly unknown[]): string {
  const numbers = inWords(remaining.map((arm) => String(arm + 1)));
  return `After ${Number((100 * part).toPrecision(3))}% of the training, ${remaining.length} of ${arms.length} arms go on: ${numbers}`;
}

/** Writes and says what came out. @returns the runs that failed. */
async function conclude(
  folder: SweepFolder,
  state: SweepState,
  seconds: number,
  json: boolean,
): Promise<SweepRun[]> {
  const files = await writeReport(folder.path, state);
  const remaining = new Set(remainingArms(state));
  const failed = state.runs.filter(
    (run, i) => stateOf(state.outcomes[i], !remaining.has(run.arm)) === "failed",
  );
  if (json) {
    printJson({ event: "done", folder: folder.path, files, failed: failed.map(({ name }) => name), seconds });
  } else {
    say("", ...reportLines(state), "", `Done in ${duration(seconds)}`);
    print(folder.path);
    say("  sweep.csv           a line for each run", "  sweep.html          a page of charts and tables");
  }
  return failed;
}

/** What a sweep would do: its arms, and how much that is. */
function list({ arms, plan }: AskedSweep, { runs, steps }: Census): void {
  print(...arms.map((arm, i) => armText(i, arm)));
  const all = steps.reduce((sum, count) => sum + count, 0);
  const { subjects, seeds, halving } = plan;
  const halved = (all / arms.length) * trainingOf(arms.length, halving);
  print(
    "",
    `${countOf(runs.length, "run")}: ${countOf(arms.length, "arm")}, ${countOf(subjects.length, "subject")}, ${countOf(seeds.length, "seed")}`,
    `at most ${wholeText(all)} training steps in all${halving ? `, with halving about ${wholeText(halved)}` : ""}`,
  );
}

function wholeText(count: number): string {
  return Math.round(count).toLocaleString("en-GB");
}
