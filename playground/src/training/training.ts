/** Training in the worker: step by step, so that messages are handled between steps; reports progress and saves at intervals. */
import { planeOf } from "../../../src/rule/grid.ts";
import type { Engine } from "../../../src/engine.ts";
import { DeviceLostError } from "../../../src/engine/webgpu/device.ts";
import { UserError } from "../../../src/errors.ts";
import type { Experiment, ExperimentConfig, Subject } from "../../../src/experiments/experiment.ts";
import { ValidatedTrainer } from "../../../src/experiments/growing/validatedTrainer.ts";
import { largestError } from "../../../src/experiments/growing/validation.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../src/train/checkpoint.ts";
import { encodeModel, type Model } from "../../../src/model/model.ts";
import { splitRule } from "../../../src/model/pictureRule.ts";
import { modelOfRun } from "../../../src/runs/model.ts";
import { Recurrence } from "../../../src/runs/recurrence.ts";
import type { Progress, Trainer } from "../../../src/train/trainer.ts";
import type { StoredSession } from "../storage.ts";
import { drawBatch, drawPool } from "./pictures.ts";
import type {
  Event,
  ProgressDetail,
  SavedState,
  TrainingJob,
  TrainingPicture,
  TrainingState,
} from "./protocol.ts";
import { StepRate } from "./stepRate.ts";
import { experimentNamed, supplyOf } from "./subjects.ts";

/** Milliseconds between two of each; `messages` lets messages in. */
const INTERVALS = { progress: 100, parameters: 300, batch: 1000, pool: 1000, messages: 20 } as const;
/** Saving may take at most this part of the time. */
const SAVING_SHARE = 1 / 20;

export type TrainingHost = Readonly<{
  send(event: Event): void;
  /** Saves a training where it outlives the page. @throws UserError, one sentence, where that fails. */
  keep(session: StoredSession): Promise<void>;
  /** Another engine, where the one that was given has lost its device. */
  reopen(): Promise<Engine>;
}>;

export type TrainingSetup = Readonly<{
  job: TrainingJob;
  engine: Engine;
  host: TrainingHost;
  /** Milliseconds between two savings; 0 for none. */
  saveEvery: number;
}>;

type Wanted = "run" | "pause" | "stop";
type RecurringTask = keyof typeof INTERVALS | "save";

/** What is trained, and by what. */
type Begun = Readonly<{
  experiment: Experiment;
  subject: Subject;
  /** Fitted to the subject. */
  config: ExperimentConfig;
  trainer: Trainer;
}>;

export class Training {
  readonly #setup: TrainingSetup;
  readonly #experiment: Experiment;
  readonly #subject: Subject;
  #engine: Engine;
  #trainer: Trainer;
  #config: ExperimentConfig;
  readonly #watched = new Set<TrainingPicture>();
  readonly #stepRate = new StepRate();
  readonly #recurring: Readonly<Record<RecurringTask, Recurrence>>;
  #losses: number[] = [];
  /** How many losses were sent to the page. */
  #lossesSent = 0;
  #seconds = 0;
  #last: Progress | undefined;
  #report: object | undefined;
  /** What was saved last. */
  #kept: SavedState | undefined;
  /** The configuration to continue with after the end. */
  #nextConfig: ExperimentConfig | undefined;
  #state: TrainingState = "starting";
  #wanted: Wanted = "pause";
  #settling: Promise<void> | undefined;
  #abort: AbortController | undefined;

  private constructor(setup: TrainingSetup, { experiment, subject, config, trainer }: Begun) {
    this.#setup = setup;
    this.#engine = setup.engine;
    this.#experiment = experiment;
    this.#subject = subject;
    this.#config = config;
    this.#trainer = trainer;
    const now = performance.now();
    this.#recurring = {
      progress: new Recurrence(INTERVALS.progress, now),
      parameters: new Recurrence(INTERVALS.parameters, now),
      batch: new Recurrence(INTERVALS.batch, -Infinity),
      pool: new Recurrence(INTERVALS.pool, -Infinity),
      messages: new Recurrence(INTERVALS.messages, now),
      save: new Recurrence(setup.saveEvery, now),
    };
  }

  /** @throws UserError where the experiment is unknown, or does not go together with what it is to be trained for. */
  static async begin(setup: TrainingSetup): Promise<Training> {
    const { job, engine } = setup;
    const experiment = experimentNamed(job.experiment);
    const subject = supplyOf(experiment).subject(job.config, job.title, job.targets);
    const config = experiment.fit(job.config, subject);
    const refusal = engine.declines(config.rule, experiment.need);
    if (refusal !== undefined) throw new UserError(`this page cannot train this: ${refusal}`);
    const trainer = await experiment.create({ engine, config, subject });
    return new Training(setup, { experiment, subject, config, trainer });
  }

  /** Takes up a saved training. @throws FormatError where it does not fit, or is of another format. */
  async restore({ checkpoint, losses, seconds, report }: SavedState): Promise<void> {
    await this.#trainer.restore(decodeCheckpoint(checkpoint));
    this.#losses = [...losses.subarray(0, this.#trainer.step)];
    this.#seconds = seconds;
    this.#report = report ?? undefined;
  }

  /** The best model so far; the latest while none was validated. */
  get model(): Model {
    const engine = this.#engine;
    const run = { experiment: this.#experiment, subject: this.#subject, config: this.#config };
    return modelOfRun({ ...run, engine, trainer: this.#trainer }, this.#losses);
  }

  run(): Promise<void> {
    return this.#want("run");
  }

  /** Drops the step or validation under way, and waits. */
  pause(): Promise<void> {
    return this.#want("pause");
  }

  /** Ends it with its best model, and measures how good that is. */
  stop(): Promise<void> {
    return this.#want("stop");
  }

  /** Continues after the end, from where training stopped. */
  trainOn(config: ExperimentConfig): Promise<void> {
    if (this.#state !== "done") return Promise.resolve();
    this.#nextConfig = config;
    this.#abort?.abort();
    return this.#want("run");
  }

  /** Saves as soon as the step under way is made. */
  save(): void {
    if (this.#setup.saveEvery > 0) this.#recurring.save.hasten();
  }

  /** Starts or stops sending a picture; the first is sent at once. */
  async watch(picture: TrainingPicture, on: boolean): Promise<void> {
    if (!on) {
      this.#watched.delete(picture);
      return;
    }
    this.#watched.add(picture);
    if (this.#state === "running") this.#recurring[picture].hasten();
    else await this.#sendPicture(picture);
  }

  #want(wanted: Wanted): Promise<void> {
    this.#wanted = wanted;
    if (wanted !== "run" && !this.#ended) this.#abort?.abort();
    this.#settling ??= this.#settle().finally(() => (this.#settling = undefined));
    return this.#settling;
  }

  get #ended(): boolean {
    return this.#state === "done" || this.#state === "failed";
  }

  /** Works until there is nothing to do; what is wanted may change at any time. */
  async #settle(): Promise<void> {
    for (;;) {
      if (this.#nextConfig) await this.#begin(this.#nextConfig);
      if (this.#ended) return;
      const wanted = this.#wanted;
      if (wanted === "run") await this.#train();
      else if (wanted === "stop") await this.#finish();
      else {
        if (this.#state !== "paused") await this.#enterIdle("paused");
        if (this.#wanted === "pause") return;
      }
    }
  }

  /** Replaces the trainer by one of another configuration. */
  async #begin(next: ExperimentConfig): Promise<void> {
    this.#nextConfig = undefined;
    const engine = this.#engine;
    const subject = this.#subject;
    try {
      const config = this.#experiment.fit(next, subject);
      const trainer = await this.#experiment.create({ engine, config, subject });
      await trainer.restore(await this.#trainer.save());
      this.#trainer = trainer;
      this.#config = config;
      this.#report = undefined;
      this.#state = "starting";
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #train(): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#enter("running");
    this.#stepRate.clear();
    this.#stepRate.mark(this.#trainer.step, performance.now());
    try {
      for await (const event of this.#trainer.run(signal)) {
        this.#note(event);
        await this.#doRecurringTasks();
      }
      await this.#finish();
    } catch (error) {
      if (error instanceof DeviceLostError) await this.#recover(error);
      else if (!signal.aborted) await this.#fail(error);
    } finally {
      this.#abort = undefined;
    }
  }

  /** A device that is lost takes its states along: training goes on from what was kept last, on another engine. */
  async #recover({ message }: DeviceLostError): Promise<void> {
    const { host } = this.#setup;
    const kept = this.#kept;
    try {
      this.#engine = await host.reopen();
      const begun = { engine: this.#engine, config: this.#config, subject: this.#subject };
      this.#trainer = await this.#experiment.create(begun);
      this.#losses = [];
      this.#seconds = 0;
      if (kept) await this.restore(kept);
      this.#lossesSent = 0;
      const { step } = this.#trainer;
      const sentence = `${message}. The processor goes on from step ${step}.`;
      host.send({
        type: "noticed",
        detail: { step, message: sentence.charAt(0).toUpperCase() + sentence.slice(1) },
      });
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    await this.#enterIdle("failed");
    this.#setup.host.send({ type: "failed", detail: { message: sentenceOf(error) } });
  }

  async #finish(): Promise<void> {
    const { send } = this.#setup.host;
    await this.#enterIdle("done");
    const { step, finished } = this.#trainer;
    send({ type: "done", detail: { step, finished } });
    if (!this.#report) {
      this.#report = await this.#measured();
      if (!this.#report) return;
      await this.#keep();
    }
    send({ type: "report", detail: this.#report });
  }

  /** How good the model is; undefined where training continues meanwhile, or the model is not or cannot be measured. */
  async #measured(): Promise<object | undefined> {
    const { report } = this.#experiment;
    if (!report) return undefined;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const engine = this.#engine;
    const { send } = this.#setup.host;
    const trainer = this.#trainer;
    const run = { engine, trainer, config: this.#config, subject: this.#subject };
    try {
      return await report.measure({ ...run, parameters: trainer.model, signal });
    } catch (error) {
      if (!signal.aborted) send({ type: "unmeasured", detail: { message: messageOf(error) } });
      return undefined;
    } finally {
      this.#abort = undefined;
    }
  }

  /** Sends everything to the page, and saves it. */
  async #enterIdle(state: "paused" | "done" | "failed"): Promise<void> {
    this.#sendProgress();
    this.#sendParameters(state);
    for (const picture of this.#watched) await this.#sendPicture(picture);
    this.#enter(state);
    await this.#keep();
  }

  #enter(state: TrainingState): void {
    this.#state = state;
    this.#setup.host.send({ type: "state", detail: { state } });
  }

  #note(event: Progress): void {
    const { step } = event;
    const message = this.#experiment.notice?.(event);
    if (message !== undefined) this.#setup.host.send({ type: "noticed", detail: { step, message } });
    this.#losses.push(event.skipped ? NaN : event.loss);
    this.#seconds += event.seconds;
    this.#last = event;
    this.#stepRate.mark(step + 1, performance.now());
  }

  async #doRecurringTasks(): Promise<void> {
    if (this.#isDue("progress")) this.#sendProgress();
    if (this.#isDue("parameters")) this.#sendParameters();
    for (const picture of this.#watched) {
      if (this.#isDue(picture)) await this.#sendPicture(picture);
    }
    if (this.#setup.saveEvery > 0 && this.#isDue("save")) await this.#keep();
    if (this.#isDue("messages")) await nextTask();
  }

  /** Whether a task is to be done, which then counts as done. */
  #isDue(task: RecurringTask): boolean {
    const now = performance.now();
    if (!this.#recurring[task].isDue(now)) return false;
    this.#recurring[task].done(now);
    return true;
  }

  #sendProgress(): void {
    const last = this.#last;
    const { learningRate = NaN, livingCells = NaN } = last ?? {};
    const steps = this.#experiment.total(this.#config);
    const { step, skipped } = this.#trainer;
    if (step === 0) return;
    const stepsPerSecond = this.#stepRate.perSecond;
    const detail: ProgressDetail = {
      step,
      steps,
      validated: this.#validated,
      loss: this.#losses.at(-1) ?? NaN,
      learningRate,
      livingCells,
      seconds: this.#seconds,
      stepsPerSecond,
      secondsLeft: stepsPerSecond === undefined ? undefined : (steps - step) / stepsPerSecond,
      skipped,
      measures: last && !last.skipped ? this.#experiment.measures(last) : [],
      first: this.#lossesSent,
      losses: Float64Array.from(this.#losses.slice(this.#lossesSent)),
    };
    this.#setup.host.send({ type: "progress", detail });
    this.#lossesSent = this.#losses.length;
  }

  get #validated(): ProgressDetail["validated"] {
    if (!(this.#trainer instanceof ValidatedTrainer)) return undefined;
    const { best, course } = this.#trainer;
    const { latest } = course;
    return best && latest
      ? { latest: largestError(latest.validation), best: largestError(best.validation) }
      : undefined;
  }

  /** While it trains, the page plays the latest model, however good; after the end, the best one. */
  #sendParameters(state: TrainingState = "running"): void {
    const trainer = this.#trainer;
    const ended = state === "done" || state === "failed";
    const { step, model } = trainer;
    const shown =
      trainer instanceof ValidatedTrainer
        ? ended
          ? { parameters: model, coordinates: trainer.coordinates }
          : { parameters: trainer.current, coordinates: trainer.currentCoordinates }
        : { parameters: model, coordinates: undefined };
    this.#setup.host.send({ type: "parameters", detail: { step, ...shown } });
  }

  async #sendPicture(picture: TrainingPicture): Promise<void> {
    const layout = splitRule(this.#config.rule);
    const { host } = this.#setup;
    if (picture === "batch") {
      const batch = await drawBatch(this.#trainer, layout, planeOf(this.#subject.grid));
      if (batch) host.send({ type: "batch", detail: batch });
    } else {
      const pool = await drawPool(this.#trainer, layout, planeOf(this.#subject.grid));
      if (pool) host.send({ type: "pool", detail: pool });
    }
  }

  /** Only between two steps, so that losses and checkpoint belong to the same step. */
  async #keep(): Promise<void> {
    const { job, host, saveEvery } = this.#setup;
    const { build } = this.#engine;
    if (saveEvery === 0) return;
    const began = performance.now();
    const { step } = this.#trainer;
    try {
      const saved = {
        losses: Float64Array.from(this.#losses),
        seconds: this.#seconds,
        build,
        ended: this.#ended,
        report: this.#report ?? null,
      };
      // What failed would fail again.
      const checkpoint = this.#state === "failed" ? null : encodeCheckpoint(await this.#trainer.save());
      this.#kept = checkpoint ? { ...saved, checkpoint } : this.#kept;
      const model = encodeModel(this.model);
      await host.keep({ ...saved, job: { ...job, config: this.#config }, model, checkpoint });
      host.send({ type: "saved", detail: { step } });
    } catch (error) {
      host.send({ type: "unsaved", detail: { message: sentenceOf(error) } });
    }
    const now = performance.now();
    this.#recurring.save.done(now);
    this.#recurring.save.interval = Math.max(saveEvery, (now - began) / SAVING_SHARE);
  }
}

/** What went wrong, as a sentence for people. */
export function sentenceOf(error: unknown): string {
  return error instanceof UserError ? error.message : `training cannot continue: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Lets messages in. A timer would wait for at least 4 ms in a browser. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
