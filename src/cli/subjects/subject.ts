/**
 * The contract of what runs are trained for: named on the command line, loaded from files, kept in their folders, and measured. A
 * folder for each kind, or for kinds that are alike; `kinds.ts` lists them.
 */
import { resolve } from "node:path";
import type { Argument, Option } from "commander";
import { fieldAt } from "../../config/config.ts";
import type { ExperimentConfig, StartModel, Subject, SubjectNames } from "../../experiments/experiment.ts";
import type { Model } from "../../model/model.ts";
import type { EvaluateOptions } from "../evaluate/options.ts";
import type { CommandLine, TrainingOptions } from "../train/options.ts";
import { usageError } from "../values.ts";

/** A model that is to be measured, by its path, and what names its subject. */
export type Asked = Readonly<{
  path: string;
  model: Model;
  source: string | undefined;
  options: EvaluateOptions;
}>;

/** A subject, and the model that is measured by it. */
export type Measured<S extends Subject = Subject> = Readonly<{ model: Model; subject: S }>;

/** Loading, keeping and taking up again what a run is trained for. */
export interface SubjectFiles<S extends Subject = Subject> {
  /**
   * Loads it.
   *
   * @param how.stated the part of the configuration that the user states: on the command line, or in a file.
   * @throws UserError for what cannot be read.
   */
  load(
    config: ExperimentConfig,
    how: Readonly<{ start: StartModel | undefined; stated: unknown; options: TrainingOptions }>,
  ): Promise<S>;
  /** Keeps it in the folder of the run, so far as the run depends on files that may change or move. */
  keep(folder: string, subject: S): Promise<void>;
  /** Takes it from the folder of a run again. @param named as it was when the run began. */
  recall(folder: string, config: ExperimentConfig, named: SubjectNames): Promise<S>;
  /**
   * What `neoblast evaluate` measures a model by: the same pictures, or ones that training has not seen.
   *
   * @throws UserError where it cannot be loaded, or (exit status 2) options do not belong to it.
   */
  forModel(asked: Asked): Promise<Measured<S>>;
}

/** How a command line names a subject of one kind. */
export type SubjectWords = Readonly<{
  /** Heading of the options about it. */
  heading: string;
  /** What `--help-all` says beside. */
  notes?: string;
  arguments(base: ExperimentConfig): readonly Argument[];
  /** Beside those of the experiment. */
  options: () => readonly Option[];
  /**
   * What names it; undefined where nothing does.
   *
   * @param stated what a file says of the configuration.
   * @throws UserError (exit status 2) for words that do not go together.
   */
  sourceOf(commandLine: CommandLine, stated: unknown): string | readonly string[] | undefined;
  /** Takes a while to load, which help and wrong calls need not wait for. */
  files: () => Promise<SubjectFiles>;
}>;

/** Whole paths, so that a run can be resumed from another place. @param embedded what needs no folder. */
export function folderNamed({ options }: CommandLine, embedded: string): string | undefined {
  const { data }: TrainingOptions & { data?: string } = options;
  return data && data !== embedded ? resolve(data) : data;
}

/** The first source of a configuration. */
export function sourceIn(config: ExperimentConfig): string {
  return sourcesIn(config)[0];
}

/** All sources of a configuration of pictures. */
export function sourcesIn(config: ExperimentConfig): string[] {
  return [fieldAt(config, "target", "source")].flat().filter((source) => typeof source === "string");
}

/** @throws UserError (exit status 2) for what names a picture, where a folder is to be named. */
export function checkNamed({ path, source, options }: Asked, what: string): void {
  const foreign =
    source === undefined
      ? (["goal", "size", "padding"] as const).find((name) => options[name] !== undefined)
      : source;
  if (foreign === undefined) return;
  const given = source ?? `--${foreign}`;
  throw usageError(`${path} is measured by ${what} that --data names; leave out ${given}`);
}
