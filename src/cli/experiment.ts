/** Kinds of training. Each has a command that starts and resumes it; all are carried out alike. */
import type { Engine } from "../engine.ts";
import type { PictureTarget } from "../experiments/picture.ts";
import type { LossChart } from "../render/plots.ts";
import type { Rule } from "../rule/rule.ts";
import type { Progress, Trainer } from "../train/trainer.ts";
import type { EngineName, KernelChoice } from "./engine.ts";

/** The commands that train. */
export const experimentNames = ["grow", "evolve"] as const;
export type ExperimentName = (typeof experimentNames)[number];

/** Where runs go that were given no folder. */
export const RUNS_FOLDER = "runs";

/** What the configurations of all kinds of training have in common. */
export type ExperimentConfig = Readonly<{
  seed: number;
  target: PictureTarget;
  rule: Rule;
  training: object;
}>;

/** What all commands that train can be told. Options that were not given and have no default are undefined. */
export type TrainingOptions = Readonly<{
  size?: number;
  padding?: number;
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

/** Fields by name, of which no schema has been asked yet. */
export type Fields = Readonly<Record<string, unknown>>;

export type Choices = Readonly<{
  /** Which defaults, by the names of `Experiment.bases`. Unknown ones count for nothing. */
  bases?: Fields;
  /** Any part of a configuration, which goes before the defaults. */
  overrides?: unknown;
  /** Settings as `training.learningRate=1e-3`, which go before everything, in order. */
  sets?: readonly string[];
}>;

/**
 * What the command line needs to know about a kind of training. Its methods take what it made itself: where the types
 * are left at their defaults, a run keeps an experiment and its own configuration and progress together.
 *
 * @template C its configuration. @template P what a training step tells. @template O the options of its command.
 */
export interface Experiment<
  C extends ExperimentConfig = ExperimentConfig,
  P extends Progress = Progress,
  O extends TrainingOptions = TrainingOptions,
> {
  readonly command: ExperimentName;
  /** What becomes of a picture, as a sentence begins: `Growing`. */
  readonly activity: string;
  /** What one training step is called: `step`, `generation`. */
  readonly unit: string;
  /** Options that choose whole sets of defaults; the configuration holds each under the same name. */
  readonly bases: readonly string[];
  readonly lossChart: LossChart;
  /** @throws UserError naming the faulty field, its value and what is allowed. */
  parse(value: unknown): C;
  /** The complete configuration. @throws UserError like {@link parse}. */
  resolve(choices: Choices): C;
  /** Defaults of `training` for a run that starts from a model, where the command offers that. */
  startTraining?(options: O): Fields;
  /**
   * The part of `training` that options spell out.
   *
   * @param base what they change.
   * @throws UserError where they do not go together with that.
   */
  training(options: O, base: C): Fields;
  /** Training steps of a whole run. */
  total(config: C): number;
  /** Most samples that are computed at once: more threads would idle. */
  samples(config: C): number;
  /** What kind of run it is, in a few words. */
  title(config: C): string;
  /**
   * @param setting.target shape (H, W, 4).
   * @param setting.parameters to start from; default: fresh ones.
   */
  create(
    setting: Readonly<{
      engine: Engine;
      config: C;
      target: Float32Array;
      parameters?: Float32Array | undefined;
    }>,
  ): Trainer<P>;
  /** What a training step that was not skipped measured, in words, the most important first. */
  measures(progress: P): string[];
}
