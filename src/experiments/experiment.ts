/**
 * The contract of an experiment: a kind of training. What runs one, shows it and saves it (the command line, the page) needs
 * to know no more. A folder each; `registry.ts` lists them.
 */
import type * as z from "zod/mini";
import { fieldAt, fieldsWith, isTree, mergeConfig, parseConfig } from "../config/config.ts";
import { outlineOf } from "../config/outline.ts";
import type { Engine, Need } from "../engine.ts";
import type { Model } from "../model/model.ts";
import type { PictureRule } from "../model/pictureRule.ts";
import type { Plane } from "../rule/grid.ts";
import type { Judge } from "../train/evolution/trainer.ts";
import type { Progress, Trainer } from "../train/trainer.ts";
import type { Drawings } from "./drawings.ts";
import type { Evaluating } from "./evaluation.ts";
import type { Subject, SubjectKind } from "./subject.ts";
import { modelNamed, trainedModel } from "./trained.ts";

export type * from "./subject.ts";

/** What the configurations of all experiments have in common. */
export type ExperimentConfig = Readonly<{ seed: number; rule: PictureRule; training: object }>;

/** Fields by name, not yet checked against a schema. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a configuration is resolved from; all else is the default. */
export type Choices = Readonly<{
  /** Names of presets, by the names of `Experiment.presets`. Unknown ones are ignored. */
  presets?: Readonly<Record<string, unknown>>;
  /** Any part of a configuration, which wins over the defaults. */
  overrides?: unknown;
  /** Settings as `training.learningRate=1e-3`, which win over everything else, the last one first. */
  sets?: readonly string[];
}>;

/** A field of the configuration that a command line offers as an option. */
export type OptionField = Readonly<{
  /** Its path: `training.batch`. */
  field: string;
  /** Default: the schema's description of the field, or else its path. */
  help?: string;
  /** The default in words; default: the value that the configuration has there by default. */
  otherwise?: string;
  /** What the help calls the value: `cells`. Default: by what the schema allows. */
  value?: string;
  /** What it may be, where that is not what the schema allows. */
  words?: readonly string[];
  low?: number;
  high?: number;
  /** Of text: in words, after "it must be". */
  allowed?: string;
  /** An option without a value: what the field becomes. */
  becomes?: unknown;
  /** The heading that it stands under; default: that of the first part of its path, `training` or what is trained for. */
  group?: "subject" | "training";
  /** Whether few need it: `--help` leaves it out, `--help-all` does not. */
  rare?: boolean;
}>;

/** Options by their names: `--batch`. A path alone is a field of which all is said by the schema. */
export type OptionTable = Readonly<Record<`--${string}`, string | OptionField>>;

/** Names of which one sets all defaults. */
export type PresetNames = Readonly<{ names: readonly string[]; help: string; rare?: boolean }>;

/** A call that help shows, and what it does. */
export type Example = readonly [call: string, does?: string];

/** What a person chose for an experiment. @template V values of its options, by names as `learningRate`. */
export type Chosen<V = Fields> = Readonly<{
  /** What names its subject. */
  source?: string | readonly string[] | undefined;
  values: V;
  /** Settings as `training.batch=8`. */
  sets?: readonly string[] | undefined;
}>;

/** A model to start from. */
export type StartModel = Readonly<{ path: string; model: Model }>;

/** Makes what judges a population elsewhere than in the trainer's own engine. */
export type Judging = (
  contest: Readonly<{
    engine: Engine;
    /** With seeds that have been found. */
    config: ExperimentConfig;
    grid: Plane;
    /** Shape (...grid, 4). */
    target: Float32Array;
  }>,
) => Judge;

export type Trained<C, S, T> = Readonly<{ trainer: T; config: C; subject: S }>;

/**
 * How good a trained model is, measured at the end of a run.
 *
 * @template R the report, as plain JSON.
 */
export type Reporting<C, S, T, R extends object> = Readonly<{
  schema: z.ZodMiniType<R>;
  /** @throws what `Engine.rollout` throws. */
  measure(
    run: Trained<C, S, T> & Readonly<{ engine: Engine; parameters: Float32Array; signal: AbortSignal }>,
  ): Promise<R>;
  /** What it says, a sentence a line. @param resume the command that goes on with the run. */
  text(report: R, resume: string, config: C): string[];
  /** The one number by which models are compared, the smaller the better; not finite where one is beyond bounds. */
  error(report: R): number;
}>;

/**
 * What there is to know about an experiment. Its methods take what it made itself: where the types are left at their
 * defaults, a run keeps an experiment and its own configuration, subject and trainer together.
 *
 * @template C its configuration. @template P what a training step reports. @template V values of its options.
 * @template S what it trains for. @template T its trainer. @template R its report.
 */
export interface Experiment<
  C extends ExperimentConfig = ExperimentConfig,
  P extends Progress = Progress,
  V = Fields,
  S extends Subject = Subject,
  T extends Trainer<P> = Trainer<P>,
  R extends object = object,
> {
  /** That of its command, and in the files of its runs. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** The same in some sentences. */
  readonly description: string;
  /** What becomes of its subject, as a sentence begins: `Growing`. */
  readonly activity: string;
  /** What one training step is called: `step`, `generation`. */
  readonly unit: string;
  /** What its trainer needs of an engine. */
  readonly need: Need;
  /** What it needs to train for. */
  readonly subject: SubjectKind;
  readonly schema: z.ZodMiniType<C>;
  /** Options that name a preset; the configuration holds each under the same name. */
  readonly presets: Readonly<Record<string, PresetNames>>;
  readonly options: OptionTable;
  /** Calls of its command, the most useful first. */
  readonly examples: readonly Example[];
  /** The complete configuration. @throws UserError naming the faulty field, its value and what is allowed. */
  resolve(choices: Choices): C;
  /**
   * The part of a configuration that a person's choices set.
   *
   * @param base the configuration that they change.
   * @param stated the part that is set elsewhere: by a model to start from and a configuration file, or by the run to
   *   resume.
   * @throws UserError where they do not go together with that.
   */
  overridesOf(chosen: Chosen<V>, base: C, stated: unknown): Fields;
  /**
   * The part of a configuration that a model to start from sets; absent where it starts from none.
   *
   * @param file the fields of a configuration file.
   * @throws UserError where the model says too little.
   */
  startFrom?(start: StartModel, chosen: Chosen<V>, file: Fields): Fields;
  /** Training steps of a whole run, at most. */
  total(config: C): number;
  /** How long it trains, in words. */
  length(config: C): string;
  /** Most samples that are computed at once: more threads would idle. */
  samples(config: C): number;
  /** What kind of run it is, in a few words; empty: nothing to say. */
  title(config: C): string;
  /**
   * The configuration with what depends on what is trained for, which a run then keeps to.
   *
   * @throws UserError where the two do not go together.
   */
  fit(config: C, subject: S): C;
  /**
   * The configuration of a run that goes on, for so many training steps in all or to another quality; absent where a run
   * has its length once and for all.
   *
   * @throws UserError like {@link resolve}.
   */
  prolong?(config: C, length: Readonly<{ steps?: number | undefined; quality?: unknown }>, subject: S): C;
  /** Whether it trains a population, whose members other machines can judge (`create`'s `judging`). */
  readonly hasMembers?: boolean;
  /**
   * @param setting.parameters to start from; default: fresh ones.
   * @param setting.judging who judges the members of a population; only where `hasMembers`. Default: the trainer itself.
   */
  create(
    setting: Readonly<{
      engine: Engine;
      config: C;
      subject: S;
      parameters?: Float32Array | undefined;
      judging?: Judging | undefined;
    }>,
  ): T | Promise<T>;
  /** The model as trained so far, with what is known of how it came about. */
  modelOf(trainer: T, config: C, subject: S): Model;
  /** What a training step that was not skipped measured, in words, the most important first. */
  measures(progress: P): string[];
  /** What people should know of a training step beside its measures, as a sentence. */
  notice?(progress: P): string | undefined;
  /** Absent where there is nothing to report beside the loss. */
  readonly report?: Reporting<C, S, T, R>;
  /** What `neoblast evaluate` measures of its models; absent: what it does of those that grow a picture. */
  readonly evaluation?: Evaluating<S>;
  /** What its runs show. They take a while to load, which whoever only trains need not wait for. */
  drawings(): Promise<Drawings<C, S, R>>;
}

/** An experiment as its folder defines it: what is left out is as most have it. */
export type ExperimentDefinition<
  C extends ExperimentConfig,
  P extends Progress,
  V,
  S extends Subject,
  T extends Trainer<P>,
  R extends object,
> = Pick<
  Experiment<C, P, V, S, T, R>,
  "name" | "summary" | "subject" | "schema" | "resolve" | "total" | "create"
> &
  Partial<Experiment<C, P, V, S, T, R>>;

/** The field of a configuration that names the subject: of sets `data.source`, of pictures by name `target.source`. */
function sourceField(schema: z.ZodMiniType): string {
  return outlineOf(schema, "data.source") ? "data.source" : "target.source";
}

/** Whether a choice among the names of a preset changes how long training is. */
export function presetMatters(
  experiment: Pick<Experiment, "presets" | "resolve" | "total">,
  preset: string,
  { presets, ...choices }: Choices,
): boolean {
  if (!Object.hasOwn(experiment.presets, preset)) return false;
  const totals = experiment.presets[preset].names.map((name) =>
    experiment.total(experiment.resolve({ ...choices, presets: { ...presets, [preset]: name } })),
  );
  return new Set(totals).size > 1;
}

/**
 * An experiment. By default its options set the fields that they name, its source is `target.source` of pictures by name and
 * `data.source` of sets, a step says its loss, the model is the trainer's, and it is drawn as `drawing/plain.ts` does.
 */
export function defineExperiment<
  C extends ExperimentConfig,
  P extends Progress,
  V,
  S extends Subject,
  T extends Trainer<P>,
  R extends object,
>(own: ExperimentDefinition<C, P, V, S, T, R>): Experiment<C, P, V, S, T, R> {
  const { name, summary, unit = "step", options = {} } = own;
  return {
    description: `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    activity: "Training",
    unit,
    need: { record: true, keep: true },
    presets: {},
    options,
    examples: [[`neoblast ${name}`]],
    overridesOf: ({ source, values }) => optionFields(options, values, { [sourceField(own.schema)]: source }),
    length: (config) => `${own.total(config)} ${unit}s`,
    samples: () => 1,
    title: () => "",
    fit: (config) => config,
    modelOf: (trainer, { rule, seed }, subject) =>
      modelNamed(trainedModel({ rule, seed, grid: subject.grid, trainer }), subject),
    measures: ({ loss }) => [`loss ${loss.toExponential(2)}`],
    drawings: async () => (await import("./drawing/plain.ts")).plainDrawings(unit),
    ...own,
  };
}

/** What a configuration holds. @throws UserError naming the faulty field, its value and what is allowed. */
export function parsedBy<C extends ExperimentConfig>(
  { schema }: Pick<Experiment<C>, "schema">,
  value: unknown,
): C {
  return parseConfig(schema, value);
}

/**
 * The part of a configuration that options set, each the field that it names.
 *
 * @param more values of other fields, by path; undefined ones set nothing.
 */
export function optionFields(options: OptionTable, values: unknown, more: Fields = {}): Fields {
  const given = Object.entries(options).map(([name, option]): [string, unknown] => {
    const { field, becomes } = fieldOption(option);
    const value = fieldAt(values, optionName(name));
    return [field, value !== undefined && becomes !== undefined ? becomes : value];
  });
  const changes = [...Object.entries(more), ...given]
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => fieldsWith(path, value));
  return changes.reduce<Fields>(
    (merged, change) => ({ ...merged, ...asFields(mergeConfig(merged, change)) }),
    {},
  );
}

function asFields(value: unknown): Fields {
  return isTree(value) ? value : {};
}

/** An option of the table, in full. */
export function fieldOption(option: string | OptionField): OptionField {
  return typeof option === "string" ? { field: option } : option;
}

/** The name under which the values hold an option: `learningRate` of `--learning-rate`. */
export function optionName(option: string): string {
  return option.replace(/^--/, "").replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The fields that choose the presets to start from. */
export function presetsIn({ presets }: Pick<Experiment, "presets">, fields: Fields): Fields {
  return Object.fromEntries(Object.keys(presets).map((name) => [name, fields[name]]));
}
