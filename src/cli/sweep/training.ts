/** One run of a sweep, in its folder: trained to its end, or to where arms are compared. */
import { setMaxListeners } from "node:events";
import * as z from "zod/mini";
import { fieldAt } from "../../config/config.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { RunFolder } from "../../node/runFolder.ts";
import { FIRST_EXPERIMENT } from "../../runs/record.ts";
import { type Measured, measuredSchema } from "../../sweep/results.ts";
import { DivergedError } from "../../train/trainer.ts";
import { buildWords } from "../engine.ts";
import { loadKind } from "../train/kind.ts";
import { trainerOf } from "../train/openRun.ts";
import { parseRecord } from "../train/record.ts";
import type { Milestone } from "../train/report.ts";
import { carryOut, type Run } from "../train/training.ts";
import { experimentNamed } from "./words.ts";

/** How far a run is trained. */
export type Stretch = Readonly<{
  /** Of its training steps, above 0; 1: to its end. */
  part: number;
  /** Whether its pictures are drawn then. */
  draw: boolean;
}>;

/** What came of it: a measure or, in a sentence, why training cannot go on, which is the same wherever it is tried. */
export const trainedSchema = z.union([
  z.strictObject({ measured: measuredSchema }),
  z.strictObject({ failed: z.string() }),
]);
export type Trained = Readonly<z.infer<typeof trainedSchema>>;

/** How far a run is. */
export type RunProgress = Readonly<{ step: number; total: number }>;

export type TrainingContext = Readonly<{
  engine: Engine;
  signal: AbortSignal;
  progress: (report: RunProgress) => void;
  /** Seconds between two checkpoints. */
  checkpointEvery: number;
}>;

/**
 * Trains the run in a folder on from its checkpoint, measures its model and keeps it there. The folder of the same run, as
 * it was at any time, gives the same bits.
 *
 * @throws the signal's reason; UserError where files cannot be read or written, or for another build of the engine.
 */
export async function trainFolder(
  path: string,
  { part, draw }: Stretch,
  { engine, signal, progress, checkpointEvery }: TrainingContext,
): Promise<Trained> {
  // Every sample of a batch listens to it.
  setMaxListeners(0, signal);
  const folder = await RunFolder.open(path);
  try {
    const run = await openRun(folder, engine);
    const { experiment } = run.kind;
    const total = experiment.total(run.record.config);
    const until = part === 1 ? Infinity : Math.max(1, Math.round(part * total));
    let done: Extract<Milestone, { event: "done" }> | undefined;
    await carryOut(run, {
      signal,
      checkpointEvery,
      until,
      draw,
      reporter: {
        report(milestone) {
          if (milestone.event === "done") done = milestone;
        },
        step: ({ step }) => progress({ step: step + 1, total: Math.min(total, until) }),
      },
    });
    if (!done) throw new Error("a run ended without a report");
    return { measured: measuredOf(experiment, done, part) };
  } catch (error) {
    if (!isOutcome(error)) throw error;
    return { failed: error.message };
  } finally {
    await folder.release();
  }
}

async function openRun(folder: RunFolder, engine: Engine): Promise<Run> {
  const value = await folder.readConfig();
  const named = fieldAt(value, "experiment") ?? FIRST_EXPERIMENT;
  const kind = await loadKind(experimentNamed(named));
  const record = parseRecord(value, folder, kind.experiment);
  if (engine.build !== record.engine.build) {
    throw new UserError(
      `${folder.path} began with ${buildWords(record.engine)}, and only those go on with the same bits; here there are ${buildWords(engine)}`,
    );
  }
  const { config } = record;
  const subject = await kind.files.recall(folder.path, config, record.picture);
  const trainer = await trainerOf(kind, folder, { engine, config, subject });
  return { kind, folder, record, subject, engine, trainer };
}

function measuredOf(
  { report: reporting }: Experiment,
  { steps, loss, report }: Extract<Milestone, { event: "done" }>,
  part: number,
): Measured {
  const error = reporting && report ? reporting.error(report) : loss;
  const { seconds: _, ...rest }: { seconds?: unknown } = report ?? {};
  return {
    part,
    steps,
    loss,
    error: error !== null && Number.isFinite(error) ? error : null,
    ...(report && { report: rest }),
  };
}

/** Whether it is one that the same run has everywhere: numbers beyond bounds, or more memory than an engine can have. */
function isOutcome(error: unknown): error is UserError {
  return error instanceof DivergedError || (error instanceof UserError && error.cause instanceof RangeError);
}
