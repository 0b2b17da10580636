/** Training in the worker: step by step, so that messages are handled between steps; reports progress and saves at intervals. */
import type { Engine } from "../../../src/engine.ts";
import { UserError } from "../../../src/errors.ts";
import {
  createGrowing,
  finalValidation,
  type GrowingTrainer,
} from "../../../src/experiments/growing/growing.ts";
import type { GrowingConfig } from "../../../src/experiments/growing/schema.ts";
import { fitGrowingConfig } from "../../../src/experiments/growing/fit.ts";
import { type GrowthReport, growthReport } from "../../../src/experiments/growing/report.ts";
import { type Fitted, pictureTargets } from "../../../src/experiments/picture.ts";
import {
  type ValidatedProgress,
  ValidatedTrainer,
} from "../../../src/experiments/growing/validatedTrainer.ts";
import { largestError } from "../../../src/experiments/growing/validation.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../src/train/checkpoint.ts";
import { encodeModel, type Model } from "../../../src/model/model.ts";
import { splitRule } from "../../../src/model/pictureRule.ts";
import type { Grid } from "../../../src/rule/rule.ts";
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

/** Milliseconds between two of each; `messages` lets messages in. */
const INTERVALS = { progress: 100, parameters: 300, batch: 1000, pool: 1000, messages: 20 } as const;
/** Saving may take at most this part of the time. */
const SAVING_SHARE = 1 / 20;
/** Steps at the end whose mean loss is the model's. */
const LOSS_STEPS = 50;

export type TrainingHost = Readonly<{
  send(event: Event): void;
  /** Saves a training where it outlives the page. @throws UserError, one sentence, where that fails. */
  keep(session: StoredSession): Promise<void>;
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

export class Training {
  readonly #setup: TrainingSetup;
  #trainer: GrowingTrainer;
  #config: Fitted<GrowingConfig>;
  readonly #grid: Grid;
  readonly #watched = new Set<TrainingPicture>();
  readonly #stepRate = new StepRate();
  readonly #lastDone: Record<RecurringTask, number>;
  #losses: number[] = [];
  /** How many losses were sent to the page. */
  #lossesSent = 0;
  #seconds = 0;
  #last: ValidatedProgress | undefined;
  #report: GrowthReport | undefined;
  /** The configuration to continue with after the end. */
  #nextConfig: GrowingConfig | undefined;
  #state: TrainingState = "starting";
  #wanted: Wanted = "pause";
  #settling: Promise<void> | undefined;
  #abort: AbortController | undefined;
  #saveEvery: number;

  constructor(setup: TrainingSetup) {
    const { job, engine, saveEvery } = setup;
    const { targets } = job;
    this.#config = fitGrowingConfig(job.config, targets);
    this.#setup = setup;
    this.#saveEvery = saveEvery;
    this.#grid = targets[0].grid;
    this.#trainer = createGrowing({ engine, config: this.#config, target: targets });
    const now = performance.now();
    this.#lastDone = { progress: now, parameters: now, batch: 0, pool: 0, messages: now, save: now };
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
    const { job, engine } = this.#setup;
    const { title } = job;
    const config = this.#config;
    const pictures = pictureTargets(config.target);
    const losses = this.#losses.slice(-LOSS_STEPS).filter(Number.isFinite);
    return {
      ...splitRule(config.rule, config.target.seeds),
      parameters: this.#trainer.model,
      provenance: {
        grid: this.#grid,
        target: title,
        ...(pictures.length === 1
          ? { picture: pictures[0] }
          : { goals: pictures.map((picture) => ({ target: picture.source, picture })) }),
        steps: this.#trainer.step,
        seed: config.seed,
        build: engine.build,
        ...(losses.length > 0 && { loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length }),
      },
    };
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
  trainOn(config: GrowingConfig): Promise<void> {
    if (this.#state !== "done") return Promise.resolve();
    this.#nextConfig = config;
    this.#abort?.abort();
    return this.#want("run");
  }

  /** Saves as soon as the step under way is made. */
  save(): void {
    if (this.#saveEvery > 0) this.#lastDone.save = -Infinity;
  }

  /** Starts or stops sending a picture; the first is sent at once. */
  async watch(picture: TrainingPicture, on: boolean): Promise<void> {
    if (!on) {
      this.#watched.delete(picture);
      return;
    }
    this.#watched.add(picture);
    if (this.#state === "running") this.#lastDone[picture] = -Infinity;
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
  async #begin(config: GrowingConfig): Promise<void> {
    this.#nextConfig = undefined;
    const { job, engine } = this.#setup;
    const fitted = fitGrowingConfig(config, job.targets);
    try {
      const trainer = createGrowing({ engine, config: fitted, target: job.targets });
      await trainer.restore(await this.#trainer.save());
      this.#trainer = trainer;
      this.#config = fitted;
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
      if (!signal.aborted) await this.#fail(error);
    } finally {
      this.#abort = undefined;
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

  /** How good the model is; undefined where training continues meanwhile, or the model cannot be measured. */
  async #measured(): Promise<GrowthReport | undefined> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const { job, engine, host } = this.#setup;
    const { send } = host;
    const config = this.#config;
    try {
      const setting = { engine, config, target: job.targets };
      const validation = await finalValidation(setting, this.#trainer.model, signal);
      return growthReport(validation, config, this.#trainer);
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

  #note(event: ValidatedProgress): void {
    const { step, returned } = event;
    if (returned) this.#setup.host.send({ type: "returned", detail: { step, reason: returned } });
    this.#losses.push(event.skipped ? NaN : event.loss);
    this.#seconds += event.seconds;
    this.#last = event;
    this.#stepRate.mark(step + 1, performance.now());
  }

  async #doRecurringTasks(): Promise<void> {
    if (this.#isDue("progress", INTERVALS.progress)) this.#sendProgress();
    if (this.#isDue("parameters", INTERVALS.parameters)) this.#sendParameters();
    for (const picture of this.#watched) {
      if (this.#isDue(picture, INTERVALS[picture])) await this.#sendPicture(picture);
    }
    if (this.#saveEvery > 0 && this.#isDue("save", this.#saveEvery)) await this.#keep();
    if (this.#isDue("messages", INTERVALS.messages)) await nextTask();
  }

  #isDue(task: RecurringTask, interval: number): boolean {
    const now = performance.now();
    if (now - this.#lastDone[task] < interval) return false;
    this.#lastDone[task] = now;
    return true;
  }

  #sendProgress(): void {
    const { learningRate = NaN, gradientNorm = NaN, livingCells = NaN } = this.#last ?? {};
    const { steps } = this.#config.training;
    const { step, skipped } = this.#trainer;
    if (step === 0) return;
    const stepsPerSecond = this.#stepRate.perSecond;
    const detail: ProgressDetail = {
      step,
      steps,
      validated: this.#validated,
      loss: this.#losses.at(-1) ?? NaN,
      learningRate,
      gradientNorm,
      livingCells,
      seconds: this.#seconds,
      stepsPerSecond,
      secondsLeft: stepsPerSecond === undefined ? undefined : (steps - step) / stepsPerSecond,
      skipped,
      first: this.#lossesSent,
      losses: Float64Array.from(this.#losses.slice(this.#lossesSent)),
    };
    this.#setup.host.send({ type: "progress", detail });
    this.#lossesSent = this.#losses.length;
  }

  get #validated(): ProgressDetail["validated"] {
    const { best = null, latest = null } =
      this.#trainer instanceof ValidatedTrainer ? this.#trainer.course : {};
    return best && latest
      ? { latest: largestError(latest.validation), best: largestError(best.validation) }
      : undefined;
  }

  /** While it trains, the page plays the latest model, however good; after the end, the best one. */
  #sendParameters(state: TrainingState = "running"): void {
    const trainer = this.#trainer;
    const ended = state === "done" || state === "failed";
    const parameters = trainer instanceof ValidatedTrainer && !ended ? trainer.current : trainer.model;
    this.#setup.host.send({ type: "parameters", detail: { step: trainer.step, parameters } });
  }

  async #sendPicture(picture: TrainingPicture): Promise<void> {
    const layout = splitRule(this.#config.rule);
    const { host } = this.#setup;
    if (picture === "batch") {
      const batch = await drawBatch(this.#trainer, layout, this.#grid);
      if (batch) host.send({ type: "batch", detail: batch });
    } else {
      const pool = await drawPool(this.#trainer, layout, this.#grid);
      if (pool) host.send({ type: "pool", detail: pool });
    }
  }

  /** Only between two steps, so that losses and checkpoint belong to the same step. */
  async #keep(): Promise<void> {
    const { job, engine, host, saveEvery } = this.#setup;
    if (saveEvery === 0) return;
    const began = performance.now();
    const { step } = this.#trainer;
    try {
      await host.keep({
        job: { ...job, config: this.#config },
        losses: Float64Array.from(this.#losses),
        seconds: this.#seconds,
        build: engine.build,
        model: encodeModel(this.model),
        // What failed would fail again.
        checkpoint: this.#state === "failed" ? null : encodeCheckpoint(await this.#trainer.save()),
        ended: this.#ended,
        report: this.#report ?? null,
      });
      host.send({ type: "saved", detail: { step } });
    } catch (error) {
      host.send({ type: "unsaved", detail: { message: sentenceOf(error) } });
    }
    this.#lastDone.save = performance.now();
    this.#saveEvery = Math.max(saveEvery, (this.#lastDone.save - began) / SAVING_SHARE);
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
