/** Training as the worker does it: in steps that let messages in, with news for the page and savings as they fall due. */
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
import type { Grid } from "../../../src/rule/rule.ts";
import type { StoredSession } from "../storage.ts";
import { Pace } from "./pace.ts";
import type { Event, ProgressDetail, SavedState, TrainingJob, TrainingState, View } from "./protocol.ts";
import { batchView, poolView } from "./views.ts";

/** Milliseconds between two of each. */
const INTERVALS = { progress: 100, parameters: 300, batch: 1000, pool: 1000, breath: 20 } as const;
/** Saving may take at most this part of the time. */
const SAVING_SHARE = 1 / 20;
/** Steps at the end whose mean loss is the model's. */
const LOSS_STEPS = 50;

export type TrainingHost = Readonly<{
  tell(event: Event): void;
  /** Keeps a training where it outlives the page. @throws UserError, one sentence, where that fails. */
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
type Duty = keyof typeof INTERVALS | "save";

export class Training {
  readonly #setup: TrainingSetup;
  #trainer: GrowingTrainer;
  #config: Fitted<GrowingConfig>;
  readonly #grid: Grid;
  readonly #watched = new Set<View>();
  readonly #pace = new Pace();
  readonly #done: Record<Duty, number>;
  #losses: number[] = [];
  /** How many losses the page knows of. */
  #told = 0;
  #seconds = 0;
  #last: ValidatedProgress | undefined;
  #report: GrowthReport | undefined;
  /** By which configuration it shall go on after its end. */
  #onward: GrowingConfig | undefined;
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
    this.#done = { progress: now, parameters: now, batch: 0, pool: 0, breath: now, save: now };
  }

  /** Takes up a saved training. @throws FormatError where it does not fit, or another version saved it. */
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
      rule: config.rule,
      parameters: this.#trainer.model,
      start: { seeds: config.target.seeds },
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

  /** Ends it with its best model, and tells how good that is. */
  stop(): Promise<void> {
    return this.#want("stop");
  }

  /** Goes on after its end, from where training stood. */
  trainOn(config: GrowingConfig): Promise<void> {
    if (this.#state !== "done") return Promise.resolve();
    this.#onward = config;
    this.#abort?.abort();
    return this.#want("run");
  }

  /** Keeps it as soon as the step under way is made. */
  save(): void {
    if (this.#saveEvery > 0) this.#done.save = -Infinity;
  }

  /** Whether to send pictures; the first at once. */
  async watch(view: View, on: boolean): Promise<void> {
    if (!on) {
      this.#watched.delete(view);
      return;
    }
    this.#watched.add(view);
    if (this.#state === "running") this.#done[view] = -Infinity;
    else await this.#show(view);
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

  /** Goes on until there is nothing to do: what is wanted may change at any time. */
  async #settle(): Promise<void> {
    for (;;) {
      if (this.#onward) await this.#begin(this.#onward);
      if (this.#ended) return;
      const wanted = this.#wanted;
      if (wanted === "run") await this.#train();
      else if (wanted === "stop") await this.#finish();
      else {
        if (this.#state !== "paused") await this.#rest("paused");
        if (this.#wanted === "pause") return;
      }
    }
  }

  /** Has the trainer of another configuration take over. */
  async #begin(config: GrowingConfig): Promise<void> {
    this.#onward = undefined;
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
    this.#pace.clear();
    this.#pace.mark(this.#trainer.step, performance.now());
    try {
      for await (const event of this.#trainer.run(signal)) {
        this.#note(event);
        await this.#attend();
      }
      await this.#finish();
    } catch (error) {
      if (!signal.aborted) await this.#fail(error);
    } finally {
      this.#abort = undefined;
    }
  }

  async #fail(error: unknown): Promise<void> {
    await this.#rest("failed");
    this.#setup.host.tell({ type: "failed", detail: { message: sentenceOf(error) } });
  }

  async #finish(): Promise<void> {
    const { tell } = this.#setup.host;
    await this.#rest("done");
    const { step, finished } = this.#trainer;
    tell({ type: "done", detail: { step, finished } });
    if (!this.#report) {
      this.#report = await this.#measured();
      if (!this.#report) return;
      await this.#keep();
    }
    tell({ type: "report", detail: this.#report });
  }

  /** How good the model is; undefined where training goes on meanwhile, or that cannot be measured. */
  async #measured(): Promise<GrowthReport | undefined> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const { job, engine, host } = this.#setup;
    const { tell } = host;
    const config = this.#config;
    try {
      const setting = { engine, config, target: job.targets };
      const validation = await finalValidation(setting, this.#trainer.model, signal);
      return growthReport(validation, config, this.#trainer);
    } catch (error) {
      if (!signal.aborted) tell({ type: "unmeasured", detail: { message: messageOf(error) } });
      return undefined;
    } finally {
      this.#abort = undefined;
    }
  }

  /** Tells all there is, and keeps it. */
  async #rest(state: "paused" | "done" | "failed"): Promise<void> {
    this.#tellProgress();
    this.#tellParameters(state);
    for (const view of this.#watched) await this.#show(view);
    this.#enter(state);
    await this.#keep();
  }

  #enter(state: TrainingState): void {
    this.#state = state;
    this.#setup.host.tell({ type: "state", detail: { state } });
  }

  #note(event: ValidatedProgress): void {
    const { step, returned } = event;
    if (returned) this.#setup.host.tell({ type: "returned", detail: { step, reason: returned } });
    this.#losses.push(event.skipped ? NaN : event.loss);
    this.#seconds += event.seconds;
    this.#last = event;
    this.#pace.mark(step + 1, performance.now());
  }

  async #attend(): Promise<void> {
    if (this.#isDue("progress", INTERVALS.progress)) this.#tellProgress();
    if (this.#isDue("parameters", INTERVALS.parameters)) this.#tellParameters();
    for (const view of this.#watched) if (this.#isDue(view, INTERVALS[view])) await this.#show(view);
    if (this.#saveEvery > 0 && this.#isDue("save", this.#saveEvery)) await this.#keep();
    if (this.#isDue("breath", INTERVALS.breath)) await nextTask();
  }

  #isDue(duty: Duty, interval: number): boolean {
    const now = performance.now();
    if (now - this.#done[duty] < interval) return false;
    this.#done[duty] = now;
    return true;
  }

  #tellProgress(): void {
    const { learningRate = NaN, gradientNorm = NaN, livingCells = NaN } = this.#last ?? {};
    const { steps } = this.#config.training;
    const { step, skipped } = this.#trainer;
    if (step === 0) return;
    const stepsPerSecond = this.#pace.speed;
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
      first: this.#told,
      losses: Float64Array.from(this.#losses.slice(this.#told)),
    };
    this.#setup.host.tell({ type: "progress", detail });
    this.#told = this.#losses.length;
  }

  get #validated(): ProgressDetail["validated"] {
    const { best = null, latest = null } =
      this.#trainer instanceof ValidatedTrainer ? this.#trainer.course : {};
    return best && latest
      ? { latest: largestError(latest.validation), best: largestError(best.validation) }
      : undefined;
  }

  /** While it learns, what moves on the page is the latest model, however good; in the end it is the one that is kept. */
  #tellParameters(state: TrainingState = "running"): void {
    const trainer = this.#trainer;
    const ended = state === "done" || state === "failed";
    const parameters = trainer instanceof ValidatedTrainer && !ended ? trainer.current : trainer.model;
    this.#setup.host.tell({ type: "parameters", detail: { step: trainer.step, parameters } });
  }

  async #show(view: View): Promise<void> {
    const { rule } = this.#config;
    const { host } = this.#setup;
    if (view === "batch") {
      const batch = await batchView(this.#trainer, rule, this.#grid);
      if (batch) host.tell({ type: "batch", detail: batch });
    } else {
      const pool = await poolView(this.#trainer, rule, this.#grid);
      if (pool) host.tell({ type: "pool", detail: pool });
    }
  }

  /** Between two steps only, so that losses and checkpoint tell of the same ones. */
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
      host.tell({ type: "saved", detail: { step } });
    } catch (error) {
      host.tell({ type: "unsaved", detail: { message: sentenceOf(error) } });
    }
    this.#done.save = performance.now();
    this.#saveEvery = Math.max(saveEvery, (this.#done.save - began) / SAVING_SHARE);
  }
}

/** What went wrong, as a sentence for people. */
export function sentenceOf(error: unknown): string {
  return error instanceof UserError ? error.message : `training cannot go on: ${messageOf(error)}`;
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
