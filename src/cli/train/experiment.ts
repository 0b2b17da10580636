/** Kinds of training. Each has a command that starts and resumes it; all are carried out alike. */
import type { Engine, Need } from "../../engine.ts";
import type { Model, Provenance } from "../../model/model.ts";
import type { RunFolder } from "../../node/runFolder.ts";
import type { LossChart } from "../../render/lossChart.ts";
import type { Grid, Rule } from "../../rule/rule.ts";
import type { Progress, Trainer } from "../../train/trainer.ts";
import type { EngineName, KernelChoice } from "../engine.ts";
import type { Start } from "./start.ts";

/** The commands that train. */
export const experimentNames = ["grow", "evolve", "digits", "reinforce"] as const;
export type ExperimentName = (typeof experimentNames)[number];

/** Where runs go that were given no folder. */
export const RUNS_FOLDER = "runs";

/** What the configurations of all kinds of training have in common. */
export type ExperimentConfig = Readonly<{ seed: number; rule: Rule; training: object }>;

/** The options of all commands that train. Those that were not given and have no default are undefined. */
export type TrainingOptions = Readonly<{
  seed?: number;
  set?: readonly string[];
  config?: string;
  /** A model to start from, where the command offers it. */
  start?: string;
  engine?: EngineName;
  kernels?: KernelChoice;
  threads: number | "auto";
  out?: string;
  resume?: string;
  checkpointEvery: number;
  json?: true;
  preview?: boolean;
}>;

/** A command's arguments, of which there may be none, and its options. */
export type CommandLine<O extends TrainingOptions = TrainingOptions> = Readonly<{
  args: readonly string[];
  options: O;
}>;

/** Fields by name, not yet checked against a schema. */
export type Fields = Readonly<Record<string, unknown>>;

export type Choices = Readonly<{
  /** Names of presets, by the names of `Experiment.presetOptions`. Unknown ones are ignored. */
  presets?: Fields;
  /** Any part of a configuration, which goes before the defaults. */
  overrides?: unknown;
  /** Settings as `training.learningRate=1e-3`, which go before everything, in order. */
  sets?: readonly string[];
}>;

/** What to call something that a run is trained for. */
export type Named = Readonly<{
  /** Fit for a file name. */
  name: string;
  /** For people. */
  description: string;
}>;

/** What to call what a run is trained for. */
export type SubjectNames = Named &
  Readonly<{ /** Where there are several. */ parts?: readonly Named[] | undefined }>;

/** What a run is trained for: pictures, as a rule, and what to call them. */
export type Subject = SubjectNames & Readonly<{ /** That of the run. */ grid: Grid }>;

/** Contents of files by name, each made when its turn comes. */
export type PictureFiles = Readonly<Record<string, () => Promise<Uint8Array | string>>>;

/** What the pictures of a run are drawn from. */
export type PictureRequest<C = ExperimentConfig, S = Subject> = Readonly<{
  folder: RunFolder;
  engine: Engine;
  model: Model;
  config: C;
  subject: S;
  signal: AbortSignal;
}>;

/**
 * What the command line needs to know about a kind of training. Its methods take what it made itself: where the types
 * are left at their defaults, a run keeps an experiment and its own configuration, subject and trainer together.
 *
 * @template C its configuration. @template P what a training step reports. @template O the options of its command.
 * @template S what it trains for. @template T its trainer.
 */
export interface Experiment<
  C extends ExperimentConfig = ExperimentConfig,
  P extends Progress = Progress,
  O extends TrainingOptions = TrainingOptions,
  S extends Subject = Subject,
  T extends Trainer<P> = Trainer<P>,
> {
  readonly command: ExperimentName;
  /** What becomes of its subject, as a sentence begins: `Growing`. */
  readonly activity: string;
  /** What one training step is called: `step`, `generation`. */
  readonly unit: string;
  /** What its trainer needs of an engine. */
  readonly need: Need;
  /** Options that name a preset, which sets all defaults; the configuration holds each under the same name. */
  readonly presetOptions: readonly string[];
  /** @throws UserError naming the faulty field, its value and what is allowed. */
  parse(value: unknown): C;
  /** The complete configuration. @throws UserError like {@link parse}. */
  resolve(choices: Choices): C;
  /**
   * The part of a configuration that a model to start from sets, where the command offers to start from one.
   *
   * @param file the fields of a configuration file.
   * @throws UserError where the model says too little.
   */
  startFrom?(start: Start, commandLine: CommandLine<O>, file: Fields): Fields;
  /**
   * The part of a configuration that arguments and options set, but for the seed.
   *
   * @param base the configuration that they change.
   * @param stated the part that is set elsewhere: by the model to start from and a configuration file, or by the run to
   *   resume.
   * @throws UserError where they do not go together with that.
   */
  overridesOf(commandLine: CommandLine<O>, base: C, stated: unknown): Fields;
  /** Training steps of a whole run, at most. */
  total(config: C): number;
  /** How long it trains, in words; default: {@link total}, in its unit. */
  length?(config: C): string;
  /** Most samples that are computed at once: more threads would idle. */
  samples(config: C): number;
  /** What kind of run it is, in a few words. */
  title(config: C): string;
  /** Empty cells around what grows on the grid; default 0. */
  padding?(config: C): number;
  /**
   * Loads what is trained for.
   *
   * @param how.stated the part of the configuration that the user states: on the command line, or in a file.
   * @throws UserError for what cannot be read.
   */
  load(config: C, how: Readonly<{ start: Start | undefined; stated: unknown; options: O }>): Promise<S>;
  /**
   * The configuration with what depends on what is trained for, which a run then keeps to.
   *
   * @throws UserError where the two do not go together.
   */
  fit?(config: C, subject: S): C;
  /** Keeps it in the folder of the run, so far as the run depends on files that may change or move. */
  keep(folder: string, subject: S): Promise<void>;
  /** Takes it from the folder of a run again. @param named as it was when the run began. */
  recall(folder: string, config: C, named: SubjectNames): Promise<S>;
  /**
   * The configuration of a run that is resumed, as options change it that say how long to train; absent where none do.
   *
   * @throws UserError like {@link parse}.
   */
  prolong?(config: C, options: O, subject: S): C;
  /** @param setting.parameters to start from; default: fresh ones. */
  create(
    setting: Readonly<{
      engine: Engine;
      config: C;
      subject: S;
      parameters?: Float32Array | undefined;
    }>,
  ): T | Promise<T>;
  /** What a training step that was not skipped measured, in words, the most important first. */
  measures(progress: P): string[];
  /** What people should know of a training step beside its measures, as a sentence. */
  notice?(progress: P): string | undefined;
  /** What a model's file says beside what all say. */
  describe(
    trained: Readonly<{ trainer: T; config: C; subject: S }>,
  ): ModelDescription | Promise<ModelDescription>;
  /**
   * Measures the model of a run that is complete, for `report.json`; absent where there is nothing to report beside the loss.
   *
   * @throws what `Engine.rollout` throws.
   */
  report?(
    trained: Readonly<{
      engine: Engine;
      trainer: T;
      config: C;
      subject: S;
      parameters: Float32Array;
      signal: AbortSignal;
    }>,
  ): Promise<object>;
  /** What a report says, a sentence a line. @param resume the command that goes on with the run. */
  reportText?(report: object, resume: string): string[];
  readonly lossChart: LossChart;
  /** Names of the pictures in the order in which they are written; the last one completes a run. */
  readonly pictures: readonly string[];
  /** Draws all of them. */
  draw(request: PictureRequest<C, S>): Promise<PictureFiles>;
  /** Files of a run that are listed at its end, each with what it is. */
  readonly files: Readonly<Record<string, string>>;
  /** What to do next with the folder of a run: a command, without the program's name. */
  next(folder: string, config: C): string;
}

export type ModelDescription = Readonly<{ provenance: Partial<Provenance> }> &
  Pick<Model, "start" | "encoder">;
