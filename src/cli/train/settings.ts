/** From the command line of a command that trains to a configuration. */
import { UserError } from "../../errors.ts";
import { defined, firstDifference, mergeConfig, withChanges } from "../../config/config.ts";
import { parameterTable } from "../../rule/parameters.ts";
import { pictureRuleSchema, splitRule } from "../../model/pictureRule.ts";
import {
  type Chosen,
  type Experiment,
  type ExperimentConfig,
  type Fields,
  presetsIn,
  type StartModel,
} from "../../experiments/experiment.ts";
import type { RunRecord } from "../../runs/record.ts";
import type { CommandLine } from "./options.ts";
import type { ConfigFile } from "./record.ts";
import { subjectWords } from "../subjects/kinds.ts";
import { usageError } from "../values.ts";

/** The files that the command line names, loaded. */
export type LoadedFiles = Readonly<{ file: ConfigFile | undefined; start: StartModel | undefined }>;

/** The part of a configuration that the command line sets, but for `--set`. */
function overridesOf(
  experiment: Experiment,
  commandLine: CommandLine,
  base: ExperimentConfig,
  stated: unknown,
): Fields {
  const chosen = chosenBy(experiment, commandLine, stated);
  return { seed: commandLine.options.seed, ...experiment.overridesOf(chosen, base, stated) };
}

/** What a command line chooses. @param stated what a file says of the configuration. */
function chosenBy(experiment: Experiment, commandLine: CommandLine, stated: unknown): Chosen {
  const { set: sets, ...values } = commandLine.options;
  return { source: subjectWords(experiment).sourceOf(commandLine, stated), values, sets };
}

/**
 * The configuration of a new run. Later ones win: the presets, the model to start from, the file, the options, the
 * settings by `--set`.
 *
 * @throws UserError naming what is wrong, and the file where it is wrong in there.
 */
export function resolveSettings(
  experiment: Experiment,
  commandLine: CommandLine,
  { file, start }: LoadedFiles,
): ExperimentConfig {
  const { set: sets = [] } = commandLine.options;
  const chosen = presetsIn(experiment, commandLine.options);
  if (file) checkPresets(chosen, file);
  for (const set of sets) {
    const field = set.slice(0, Math.max(0, set.indexOf("="))).trim();
    if (Object.hasOwn(chosen, field)) {
      throw usageError(`--set ${set} would change the name of the ${field} only; use --${field}`);
    }
  }
  const presets = { ...chosen, ...(file && defined(presetsIn(experiment, file.overrides))) };
  const ofFile = file?.overrides ?? {};
  const ofStart = start && {
    path: start.path,
    overrides: experiment.startFrom?.(start, chosenBy(experiment, commandLine, ofFile), ofFile),
  };
  const stated = mergeConfig(ofStart?.overrides, ofFile);
  const ofOptions = overridesOf(experiment, commandLine, experiment.resolve({ presets }), stated);
  try {
    const overrides = [stated, ofOptions].reduce(mergeConfig, {});
    const config = experiment.resolve({ presets, overrides, sets });
    if (start) checkFits(config.rule, start);
    return config;
  } catch (error) {
    for (const { path, overrides } of [ofStart, file].filter((source) => source !== undefined)) {
      blame(path, () => experiment.resolve({ presets, overrides }), error);
    }
    throw error;
  }
}

/** The part of a configuration that the user states, on the command line or in a file; the rest are defaults, or a model's. */
export function statedBy(
  experiment: Experiment,
  commandLine: CommandLine,
  file: ConfigFile | undefined,
  config: ExperimentConfig,
): unknown {
  const ofFile = file?.overrides ?? {};
  const ofOptions = overridesOf(experiment, commandLine, config, ofFile);
  return withChanges(ofFile, { overrides: ofOptions, sets: commandLine.options.set });
}

/** @throws UserError where options choose other presets than a file was made from. */
function checkPresets(chosen: Fields, { path, overrides }: ConfigFile): void {
  for (const [name, option] of Object.entries(chosen)) {
    const stated = overrides[name];
    if (typeof option === "string" && typeof stated === "string" && stated !== option) {
      throw usageError(
        `the ${name} of ${path} is ${stated}, not ${option}; leave --${name} out or choose another file`,
      );
    }
  }
  if (chosen.preset !== undefined && pictureRuleSchema.safeParse(overrides.rule).success) {
    throw usageError(`${path} holds a whole rule, so --preset would change nothing; leave one of them out`);
  }
}

/** @throws UserError where the rule has other parameters than the model to start from. */
function checkFits(rule: ExperimentConfig["rule"], { path, model }: StartModel): void {
  if (firstDifference(parameterTable(model.rule), parameterTable(rule)) === undefined) return;
  const changed = firstDifference(model.rule, splitRule(rule).rule, "rule")?.path;
  throw usageError(`--start takes the parameters of ${path}, so ${changed} cannot change; leave that out`);
}

/** Throws the error with the file's name in front where the file alone has the same fault. */
function blame(path: string, alone: () => unknown, error: unknown): void {
  try {
    alone();
  } catch (fault) {
    if (fault instanceof UserError && error instanceof UserError && fault.message === error.message) {
      throw new UserError(`${path}: ${fault.message}`, { exitCode: fault.exitCode, cause: fault });
    }
  }
}

/** @throws UserError where the command line asks for other settings than those a run began with. */
export function checkUnchanged(
  experiment: Experiment,
  { config, engine: first }: RunRecord,
  commandLine: CommandLine,
  folder: string,
): void {
  const { engine, kernels, set: sets = [] } = commandLine.options;
  const overrides = [
    overridesOf(experiment, commandLine, config, config),
    presetsIn(experiment, commandLine.options),
  ].reduce<unknown>(mergeConfig, config);
  const changed =
    firstDifference(config, experiment.resolve({ overrides, sets }))?.path ??
    (engine && engine !== "auto" && engine !== first.name ? "engine" : undefined) ??
    (kernels && kernels !== "auto" && kernels !== first.build ? "kernels" : undefined);
  if (changed === undefined) return;
  throw usageError(
    `--resume goes on with the settings that ${folder} began with, so ${changed} cannot change; leave that out, or start a new run with --config ${folder}/config.json`,
  );
}
