import { UserError } from "../../../src/errors.ts";
import type { Model } from "../../../src/model/model.ts";
import { fieldAt } from "../../../src/config/config.ts";
import type { Experiment, ExperimentConfig, Subject } from "../../../src/experiments/experiment.ts";
import { trainedModel } from "../../../src/experiments/trained.ts";
import { coordinatesSchema, seedsSchema } from "../../../src/model/startSchema.ts";
import { FIRST_EXPERIMENT } from "../../../src/runs/record.ts";
import { savedStateOf, type StoredSession } from "../storage.ts";
import {
  defaultThreads,
  type DoneDetail,
  type Event as TrainingEvent,
  type ParametersDetail,
  type ProgressDetail,
  type ReadyDetail,
  type Reply,
  type Request,
  type SavedState,
  type TrainingEvents,
  type TrainingJob,
  type TrainingOptions,
  type TrainingPicture,
  type TrainingState,
} from "./protocol.ts";
import { experimentNamed, supplyOf } from "./subjects.ts";

export type SessionOptions = TrainingOptions &
  Readonly<{
    /** The saved state to continue from. */
    saved?: SavedState;
    /** Whether to begin paused. Default false. */
    paused?: boolean;
  }>;

const SAVE_EVERY = 15_000;
/** Training steps that a configuration may ask for. */
const MOST_STEPS = 1e6;
const PICTURES = ["batch", "pool"] as const satisfies TrainingPicture[];

/**
 * Training in a worker of this page, which it never blocks. Begins at once, unless `paused`. Its bits depend on
 * configuration, target and kernel build alone, and are those of Node.
 *
 * Listen by {@link on}; events are listed in `TrainingEvents`.
 */
export class TrainingSession extends EventTarget {
  /** Its configuration is fitted to its subject. */
  #job: TrainingJob;
  readonly #experiment: Experiment;
  readonly #subject: Subject;
  readonly #worker: Worker;
  readonly #losses: number[];
  readonly #waiting = new Map<number, { resolve: (model: Model) => void; reject: (error: Error) => void }>();
  readonly #leaving = new AbortController();
  /** How many listeners each picture has. */
  readonly #watchers = { batch: 0, pool: 0 };
  #questions = 0;
  #state: TrainingState = "starting";
  #ready: ReadyDetail | undefined;
  #progress: ProgressDetail | undefined;
  #parameters: ParametersDetail | undefined;
  #done: DoneDetail | undefined;
  #report: object | undefined;
  #fault: UserError | undefined;

  /** @param job `id` names it in the browser's storage; default: a new name. `experiment`: by default `grow`. */
  constructor(
    job: Omit<TrainingJob, "id" | "experiment"> & Readonly<Partial<Pick<TrainingJob, "id" | "experiment">>>,
    options: SessionOptions = {},
  ) {
    super();
    const { saved, paused = false, kernels = "auto", place = "wasm", saveEvery = SAVE_EVERY } = options;
    const { experiment: name = FIRST_EXPERIMENT } = job;
    this.#experiment = experimentNamed(name);
    const { threads = threadsHere(this.#experiment.samples(job.config)) } = options;
    this.#subject = supplyOf(this.#experiment).subject(job.config, job.title, job.targets);
    const config = this.#experiment.fit(job.config, this.#subject);
    this.#job = { ...job, experiment: name, config, id: job.id ?? newId() };
    this.#losses = saved ? [...saved.losses] : [];
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "training" });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => this.#receive(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#abandon(`training cannot continue: ${event.message || "its worker could not be started"}`);
    });
    this.#post({
      kind: "start",
      job: this.job,
      ...(saved && { saved }),
      options: { threads, kernels, place, saveEvery },
      paused,
    });
    const { signal } = this.#leaving;
    const save = () => this.#post({ kind: "save" });
    addEventListener("pagehide", save, { signal });
    document.addEventListener("visibilitychange", () => document.hidden && save(), { signal });
  }

  /**
   * Continues a training that was saved; one that has ended only when asked ({@link trainOn}).
   *
   * @throws UserError where it cannot.
   */
  static continued(stored: StoredSession, options: Omit<SessionOptions, "saved"> = {}): TrainingSession {
    const saved = savedStateOf(stored);
    if (!saved)
      throw new UserError("this training cannot continue; its model can be played, but not trained further");
    return new TrainingSession(stored.job, { ...options, saved });
  }

  /** The job, with its current configuration. */
  get job(): TrainingJob {
    return this.#job;
  }

  get experiment(): Experiment {
    return this.#experiment;
  }

  get id(): string {
    return this.job.id;
  }

  get state(): TrainingState {
    return this.#state;
  }

  /** Undefined while starting. */
  get ready(): ReadyDetail | undefined {
    return this.#ready;
  }

  /** The latest; undefined before the first. */
  get progress(): ProgressDetail | undefined {
    return this.#progress;
  }

  /** The latest; undefined before the first. */
  get parameters(): ParametersDetail | undefined {
    return this.#parameters;
  }

  /** How good the trained model is; undefined before the end, while it is measured, and where it is not. */
  get report(): object | undefined {
    return this.#report;
  }

  /** Training steps after which a training that has ended will end again if it is trained on; undefined before its end. */
  get further(): number | undefined {
    const config = this.#furtherConfig();
    return config && this.#experiment.total(config);
  }

  /** The model of the latest parameters; undefined before the first. */
  get latest(): Model | undefined {
    if (!this.#parameters) return undefined;
    const { config, title } = this.job;
    const { rule, seed } = config;
    const { step, parameters, ...shown } = this.#parameters;
    const seeds = seedsSchema.safeParse(fieldAt(config, "target", "seeds")).data;
    const given = coordinatesSchema.safeParse(fieldAt(config, "target", "coordinates")).data;
    const coordinates = shown.coordinates ?? given;
    return trainedModel(
      { rule, seed, grid: this.#subject.grid, trainer: { model: parameters, step } },
      { ...(seeds && { seeds }), coordinates, provenance: { target: title } },
    );
  }

  /** Losses of all steps so far, by step; NaN of those skipped. A copy. */
  get losses(): Float64Array {
    return Float64Array.from(this.#losses);
  }

  /**
   * Listens to an event. Pictures are made only while somebody listens to them.
   *
   * @returns stops listening.
   */
  on<Type extends keyof TrainingEvents>(
    type: Type,
    listener: (detail: TrainingEvents[Type]) => void,
  ): () => void {
    const handle = (event: Event) => {
      if (event instanceof CustomEvent) listener(event.detail);
    };
    this.addEventListener(type, handle);
    const picture = PICTURES.find((name) => name === type);
    if (picture) this.#watch(picture, 1);
    let listening = true;
    return () => {
      if (!listening) return;
      listening = false;
      this.removeEventListener(type, handle);
      if (picture) this.#watch(picture, -1);
    };
  }

  /** Drops the step under way; nothing is lost by it. */
  pause(): void {
    this.#post({ kind: "pause" });
  }

  resume(): void {
    this.#post({ kind: "resume" });
  }

  /** Ends it, with its best model. */
  stop(): void {
    this.#post({ kind: "stop" });
  }

  /**
   * Continues after the end: where it was stopped, as it would have continued; where it was finished, by as many steps
   * again, however good the model becomes meanwhile. The best model of all is kept.
   */
  trainOn(): void {
    const config = this.#furtherConfig();
    if (!config) return;
    this.#job = { ...this.#job, config };
    this.#done = undefined;
    this.#report = undefined;
    this.#post({ kind: "trainOn", config });
  }

  #furtherConfig(): ExperimentConfig | undefined {
    const { config } = this.#job;
    if (!this.#done) return undefined;
    const { step, finished } = this.#done;
    if (!finished) return config;
    const longer = this.#experiment.prolong?.(
      config,
      { steps: Math.min(MOST_STEPS, 2 * step) },
      this.#subject,
    );
    return longer && this.#experiment.fit(longer, this.#subject);
  }

  /** The best model so far, or the latest while none is known to be better; where the worker failed, the last one known. @throws UserError where there is none. */
  model(): Promise<Model> {
    if (this.#fault) return this.#lastModel(this.#fault);
    const id = this.#questions++;
    this.#post({ kind: "model", id });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Ends the worker at once; what was kept of the training stays. Call `pause` first to keep all of it. */
  dispose(): void {
    this.#fault ??= new UserError("this training was closed");
    this.#leaving.abort();
    this.#worker.terminate();
    this.#answerAll(this.#fault);
  }

  #watch(picture: TrainingPicture, change: 1 | -1): void {
    const before = this.#watchers[picture];
    this.#watchers[picture] += change;
    if (before === 0 || this.#watchers[picture] === 0) {
      this.#post({ kind: "watch", picture, on: this.#watchers[picture] > 0 });
    }
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: Reply): void {
    if (reply.kind === "model") {
      this.#waiting.get(reply.id)?.resolve(reply.model);
      this.#waiting.delete(reply.id);
      return;
    }
    const { event } = reply;
    // It was sent before training was asked to continue.
    if (event.type === "report" && !this.#done) return;
    this.#remember(event);
    this.dispatchEvent(new CustomEvent(event.type, { detail: event.detail }));
  }

  #remember({ type, detail }: TrainingEvent): void {
    if (type === "state") this.#state = detail.state;
    else if (type === "ready") this.#ready = detail;
    else if (type === "parameters") this.#parameters = detail;
    else if (type === "done") this.#done = detail;
    else if (type === "report") this.#report = detail;
    else if (type === "progress") {
      this.#progress = detail;
      this.#losses.length = detail.first;
      for (const loss of detail.losses) this.#losses.push(loss);
    } else if (type === "failed" && !this.#ready) this.#fail(detail.message);
  }

  /** The worker has failed: training ends. */
  #abandon(message: string): void {
    if (this.#fault) return;
    this.#fail(message);
    this.#leaving.abort();
    this.#worker.terminate();
    this.#state = "failed";
    this.dispatchEvent(new CustomEvent("state", { detail: { state: "failed" } }));
    this.dispatchEvent(new CustomEvent("failed", { detail: { message } }));
  }

  #fail(message: string): void {
    this.#fault = new UserError(message);
    this.#answerAll(this.#fault);
  }

  #answerAll(fault: UserError): void {
    for (const { resolve, reject } of this.#waiting.values()) this.#lastModel(fault).then(resolve, reject);
    this.#waiting.clear();
  }

  async #lastModel(fault: UserError): Promise<Model> {
    if (!this.latest) throw fault;
    return this.latest;
  }
}

function threadsHere(samples: number): number {
  return defaultThreads(crossOriginIsolated, navigator.hardwareConcurrency, samples);
}

/** Pages that are not served securely have no `crypto.randomUUID`. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
