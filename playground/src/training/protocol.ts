/** Messages between the page and the training worker, and the events of training. */
import type { Raster, Target } from "../../../src/data/image.ts";
import type { ExperimentConfig } from "../../../src/experiments/experiment.ts";
import type { Model } from "../../../src/model/model.ts";
import type { GivenCoordinates } from "../../../src/model/start.ts";
import type { Plane } from "../../../src/rule/grid.ts";

/** What is trained, and for what. */
export type TrainingJob = Readonly<{
  /** Its name in the browser's storage. */
  id: string;
  /** For people: `🦎`, `cat.png`. */
  title: string;
  /** `Experiment.name`. */
  experiment: string;
  config: ExperimentConfig;
  /**
   * One for each picture that the configuration names, all on one grid; premultiplied as the rule says. Where it names a
   * set of pictures, one of them, to be shown.
   */
  targets: readonly Target[];
}>;

/** All that a saved training needs to continue. */
export type SavedState = Readonly<{
  /** Losses of all steps so far, NaN of those skipped. */
  losses: Float64Array;
  /** Time spent in those steps. */
  seconds: number;
  /** `encodeCheckpoint` of the trainer's snapshot. */
  checkpoint: Uint8Array;
  /** Engine build on which the bits depend. */
  build: string;
  /** Whether it had ended: it then continues only when asked. */
  ended: boolean;
  /** How good its model is; null where that was not measured to the end. */
  report: object | null;
}>;

/** Where a training computes: on the processor, or on the graphics device, as far as there is one that can. */
export type TrainingPlace = "wasm" | "webgpu";

export type TrainingOptions = Readonly<{
  /** Default "wasm"; a saved training continues where it was, if that can be had. */
  place?: TrainingPlace;
  /** Workers to compute in; 0: in the training worker itself. Default: `defaultThreads`. */
  threads?: number;
  /** Default "auto": relaxed where the browser has relaxed SIMD; a saved training continues with its own. */
  kernels?: "strict" | "relaxed" | "auto";
  /** Milliseconds between two savings in the browser's storage; 0 never saves. Default 15,000. */
  saveEvery?: number;
}>;

export type TrainingState = "starting" | "running" | "paused" | "done" | "failed";

/** Pictures that the page can ask for while it trains. */
export type TrainingPicture = "batch" | "pool";

export type ReadyDetail = Readonly<{
  place: TrainingPlace;
  /** Of the engine: "relaxed", "strict", or "float32 on" a graphics device. */
  build: string;
  /** Threads that compute, from 1 on. */
  threads: number;
}>;

export type ProgressDetail = Readonly<{
  /** Training steps made, and how many there will be at most. */
  step: number;
  steps: number;
  /** Relative errors of the latest validation and of the best one; undefined before the first, or without any. */
  validated: { readonly latest: number; readonly best: number } | undefined;
  /** Of the last step; the loss is NaN where it was skipped, and all are NaN before the first step of this session. */
  loss: number;
  learningRate: number;
  livingCells: number;
  /** Time spent in training steps so far. */
  seconds: number;
  /** Over the last ten seconds; undefined before the second step. */
  stepsPerSecond: number | undefined;
  /** At most. */
  secondsLeft: number | undefined;
  /** Steps that did not change the parameters because numbers went beyond bounds. */
  skipped: number;
  /** What the last step measured, in words; empty before it, and where it was skipped. */
  measures: readonly string[];
  /** The losses of all steps since the event before: of step `first` and those after it. */
  first: number;
  losses: Float64Array;
}>;

export type ParametersDetail = Readonly<{
  /** Training steps that made them. */
  step: number;
  /** Flat, as `parameterTable` says. */
  parameters: Float32Array;
  /** That cells are given; undefined: none, or those of the configuration. */
  coordinates: GivenCoordinates | undefined;
}>;

/** Why training ended, and after how many steps. */
export type DoneDetail = Readonly<{
  step: number;
  /** Whether it came to its end; false where it was stopped before. */
  finished: boolean;
}>;

/** The samples of a training step: one picture each, of the grid's size. */
export type BatchDetail = Readonly<{
  step: number;
  /** Empty where all start alike. */
  before: readonly Raster[];
  after: readonly Raster[];
}>;

/** Some states of the pool, side by side without gaps. */
export type PoolDetail = Readonly<{
  step: number;
  /** How many, in how many columns; the last row may be filled in part. */
  count: number;
  columns: number;
  /** Height and width in pixels of one. */
  cell: Plane;
  raster: Raster;
}>;

/** Events of a session by name. */
export type TrainingEvents = {
  /** The engine is there, and training begins. */
  ready: ReadyDetail;
  state: { readonly state: TrainingState };
  progress: ProgressDetail;
  /** Those of the latest step, so that its cells can be watched; of a training that has ended, its best model. */
  parameters: ParametersDetail;
  batch: BatchDetail;
  pool: PoolDetail;
  /** It was saved in the browser's storage as it was after this step. */
  saved: { readonly step: number };
  /** It could not be saved: one sentence. Training continues. */
  unsaved: { readonly message: string };
  /** What to know of this step, as a sentence: training went back to its best model, for example. */
  noticed: { readonly step: number; readonly message: string };
  /** It is good enough, all steps are made, or it was stopped. It can be trained further. */
  done: DoneDetail;
  /** How good the trained model is, where the experiment measures that. */
  report: object;
  /** The model could not be measured: what went wrong. */
  unmeasured: { readonly message: string };
  /** It cannot continue: one sentence. The best model is kept. */
  failed: { readonly message: string };
};

export type Event = {
  [Type in keyof TrainingEvents]: Readonly<{ type: Type; detail: TrainingEvents[Type] }>;
}[keyof TrainingEvents];

export type Request =
  | Readonly<{
      kind: "start";
      job: TrainingJob;
      saved?: SavedState;
      options: Required<TrainingOptions>;
      /** Whether to begin paused. */
      paused: boolean;
    }>
  | Readonly<{ kind: "pause" | "resume" | "stop" | "save" }>
  /** After its end, by another configuration of the same rule, pictures and pool. */
  | Readonly<{ kind: "trainOn"; config: ExperimentConfig }>
  | Readonly<{ kind: "watch"; picture: TrainingPicture; on: boolean }>
  /** Answered by a model. */
  | Readonly<{ kind: "model"; id: number }>;

export type Reply =
  | Readonly<{ kind: "event"; event: Event }>
  | Readonly<{ kind: "model"; id: number; model: Model }>;

/**
 * How many workers compute by default: none beyond the training worker where the page is not cross-origin isolated, else
 * one a processor, but no more than four for each sample of a batch; of more than two processors, one is left to the page.
 */
export function defaultThreads(isolated: boolean, processors: number, batch: number): number {
  if (!isolated) return 0;
  const threads = Math.min(processors > 2 ? processors - 1 : processors, 4 * batch, 256);
  return threads > 1 ? threads : 0;
}
