/** Training in a run folder: metrics and checkpoints along the way, the model and the pictures at the end. */
import { existsSync } from "node:fs";
import { WorkFailure } from "../../cluster/executor.ts";
import type { Engine } from "../../engine.ts";
import { DeviceError, DeviceLostError } from "../../engine/webgpu/device.ts";
import { UserError } from "../../errors.ts";
import type { Subject } from "../../experiments/experiment.ts";
import type { Model } from "../../model/model.ts";
import { writeFileAtomic } from "../../node/files.ts";
import { MODEL_FILE } from "../../node/models.ts";
import type { RunFolder } from "../../node/runFolder.ts";
import { DivergedError, type Trainer } from "../../train/trainer.ts";
import { isInterruption } from "../terminal/interrupt.ts";
import { modelOfRun } from "../../runs/model.ts";
import type { RunRecord } from "../../runs/record.ts";
import type { Cluster } from "./cluster.ts";
import { Checkpoints } from "./checkpoints.ts";
import { hasPictures, pictureNames, writePictures } from "./pictures.ts";
import type { Kind } from "./kind.ts";
import { engineError } from "../nextStep.ts";
import { OutputFailure } from "../terminal/print.ts";
import type { Reporter, StopReason } from "./report.ts";
import { resumeCommand } from "../terminal/shell.ts";

export type Run = Readonly<{
  kind: Kind;
  folder: RunFolder;
  record: RunRecord;
  subject: Subject;
  engine: Engine;
  trainer: Trainer;
  /** Who judges members, where that are other machines. */
  queue?: Cluster | undefined;
}>;

export type RunOptions = Readonly<{
  signal: AbortSignal;
  /** Seconds between two checkpoints. */
  checkpointEvery: number;
  reporter: Reporter;
  /** Training steps after which it stops, as if it were at its end; default: all. */
  until?: number;
  /** Whether its pictures are drawn; default: they are. */
  draw?: boolean;
}>;

/** What came out of a run, beside its `config.json`. */
export const REPORT_FILE = "report.json";

/** Whether nothing is left to do. The pictures come last: where all are there, so is the final model. */
export function isComplete({ kind, folder, trainer }: Run): boolean {
  return trainer.finished && existsSync(folder.file(MODEL_FILE)) && hasPictures(folder, kind.drawings);
}

/**
 * Trains to the end, saves the model and draws the pictures.
 *
 * @throws the interruption; DivergedError; UserError where a file cannot be written. In each case everything that can
 * be saved has been, and has been reported. DeviceLostError, which is not reported: what the device held is gone, and the
 * folder has the last checkpoint.
 */
export async function carryOut(run: Run, options: RunOptions): Promise<void> {
  await train(run, options);
  await conclude(run, options);
}

async function train(
  run: Run,
  { signal, checkpointEvery, reporter, until = Infinity }: RunOptions,
): Promise<void> {
  const { folder, trainer } = run;
  const { experiment } = run.kind;
  const checkpoints = new Checkpoints({
    folder,
    trainer,
    every: checkpointEvery,
    written: (steps) => reporter.report({ event: "checkpoint", steps }),
  });
  try {
    if (trainer.step < until) {
      for await (const event of trainer.run(signal)) {
        folder.metrics.append(event);
        await reporter.step(event, trainer.latest);
        if (trainer.step >= until) break;
        await checkpoints.keepUp();
      }
    }
    await checkpoints.finish();
  } catch (error) {
    if (error instanceof DeviceLostError) {
      // One that fails leaves the one before.
      await failureOf(() => checkpoints.settle());
      throw error;
    }
    const known = isFileFailure(error) ? error : undefined;
    const canSave = known === undefined || known instanceof OutputFailure;
    const saving = async () => {
      await checkpoints.finish();
      await folder.saveModel(await modelOf(run));
    };
    const failure = (canSave ? await failureOf(saving) : undefined) ?? known;
    const resume = resumeCommand(experiment.name, folder);
    const reason = failure ? "failed" : reasonOf(error);
    const { saved } = checkpoints;
    reporter.report({ event: "stopped", reason, steps: trainer.step, saved, resume });
    throw failure
      ? new UserError(
          `${failure.message}; training stopped at ${experiment.unit} ${trainer.step} and can go on from ${experiment.unit} ${saved} once that is put right: ${resume}`,
          { cause: failure },
        )
      : error instanceof WorkFailure
        ? new UserError(
            `${error.message}; ${experiment.unit} ${saved} is saved, and it goes on from there: ${resume}`,
            { cause: error },
          )
        : inWords(error);
  }
}

async function conclude(run: Run, { signal, reporter, draw = true }: RunOptions): Promise<void> {
  const { folder, trainer, engine, record, subject } = run;
  const { experiment, drawings } = run.kind;
  try {
    const model = await modelOf(run);
    await folder.saveModel(model);
    const { config } = record;
    const measured = await experiment.report?.measure({
      engine,
      trainer,
      config,
      subject,
      parameters: model.parameters,
      signal,
    });
    const seconds = (await folder.metrics.read()).reduce((sum, step) => sum + Number(step.seconds), 0);
    const report = measured && { ...measured, seconds };
    if (report) await writeFileAtomic(folder.file(REPORT_FILE), `${JSON.stringify(report, null, 2)}\n`);
    if (draw) {
      reporter.report({ event: "drawing" });
      const drawn = await drawings.draw({ engine, model, config, subject, report, signal });
      await writePictures(folder, drawings, drawn, model, signal);
    }
    reporter.report({
      event: "done",
      folder: folder.path,
      steps: trainer.step,
      loss: model.provenance.loss ?? null,
      seconds,
      files: [MODEL_FILE, ...(report ? [REPORT_FILE] : []), ...(draw ? pictureNames(drawings) : [])],
      ...(report && { report }),
      resume: resumeCommand(experiment.name, folder),
    });
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
    const { step } = trainer;
    const resume = resumeCommand(experiment.name, folder);
    reporter.report({ event: "stopped", reason: reasonOf(error), steps: step, saved: step, resume });
    throw isFileFailure(error)
      ? new UserError(
          `${error.message}; training is complete, and the rest can follow once that is put right: ${resume}`,
          {
            cause: error,
          },
        )
      : inWords(error);
  }
}

/** The model as trained so far. */
async function modelOf({ kind, folder, record, subject, trainer, engine }: Run): Promise<Model> {
  const losses = (await folder.metrics.read()).map(({ loss }) => loss ?? NaN);
  // What it is called is what it was called when the run began.
  const named = { ...subject, ...record.picture };
  return modelOfRun(
    { experiment: kind.experiment, config: record.config, subject: named, trainer, engine },
    losses,
  );
}

function isFileFailure(error: unknown): error is UserError {
  const isOther = error instanceof DivergedError || error instanceof WorkFailure || isInterruption(error);
  return error instanceof UserError && !isOther;
}

/** What made work fail that only writes files; undefined where it went well. */
async function failureOf(work: () => Promise<void>): Promise<UserError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function reasonOf(error: unknown): StopReason {
  if (isInterruption(error)) return "interrupted";
  return error instanceof DivergedError ? "diverged" : "failed";
}

function inWords(error: unknown): unknown {
  return error instanceof DeviceError
    ? new UserError(`training cannot go on: ${error.message}`, { cause: error })
    : engineError(error, "training cannot go on", "--size or --batch");
}
