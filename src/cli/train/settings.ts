/** From the words of a command that trains to a configuration. */
import { UserError } from "../../errors.ts";
import { firstDifference, mergeConfig, parseSetting } from "../../config/config.ts";
import { parameterTable } from "../../rule/parameters.ts";
import { ruleSchema } from "../../rule/schema.ts";
import type { Experiment, ExperimentConfig, Fields, Words } from "./experiment.ts";
import type { ConfigFile, RunRecord } from "./record.ts";
import type { Start } from "./start.ts";
import { usageError } from "../values.ts";

/** What the words name, read. */
export type Read = Readonly<{ file: ConfigFile | undefined; start: Start | undefined }>;

/** The fields that have a value; undefined where none has, so that nothing a file says is put aside for it. */
export function defined(fields: Fields): Fields | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** The part of a configuration that arguments and options spell out. */
function spelledOut(experiment: Experiment, words: Words, base: ExperimentConfig, written: unknown): Fields {
  return { seed: words.options.seed, ...experiment.spelledOut(words, base, written) };
}

/** The options that choose defaults. */
function basesOf({ bases }: Experiment, options: Fields): Fields {
  return Object.fromEntries(bases.map((name) => [name, options[name]]));
}

/**
 * The configuration of a new run. Later ones win: the defaults that are chosen, the model to start from, the file, the
 * options, the settings.
 *
 * @throws UserError naming what is wrong, and the file where it is wrong in there.
 */
export function resolveChoices(
  experiment: Experiment,
  words: Words,
  { file, start }: Read,
): ExperimentConfig {
  const { set: sets = [] } = words.options;
  const asked = basesOf(experiment, words.options);
  if (file) checkBases(asked, file);
  for (const set of sets) {
    const field = set.slice(0, Math.max(0, set.indexOf("="))).trim();
    if (Object.hasOwn(asked, field)) {
      throw usageError(`--set ${set} would change the ${field}'s name only; use --${field}`);
    }
  }
  const bases = { ...asked, ...(file && defined(basesOf(experiment, file.overrides))) };
  const written = file?.overrides ?? {};
  const begun = start && { path: start.path, overrides: experiment.startFrom?.(start, words, written) };
  const said = mergeConfig(begun?.overrides, written);
  const spelled = spelledOut(experiment, words, experiment.resolve({ bases }), said);
  try {
    const overrides = [begun?.overrides, written, spelled].reduce(mergeConfig, {});
    const config = experiment.resolve({ bases, overrides, sets });
    if (start) checkFits(config.rule, start);
    return config;
  } catch (error) {
    for (const { path, overrides } of [begun, file].filter((read) => read !== undefined)) {
      blame(path, () => experiment.resolve({ bases, overrides }), error);
    }
    throw error;
  }
}

/** What of a configuration a person says, in words or in a file; the rest are defaults, or a model's. */
export function saidOf(
  experiment: Experiment,
  words: Words,
  file: ConfigFile | undefined,
  config: ExperimentConfig,
): unknown {
  const { set = [] } = words.options;
  const written = file?.overrides ?? {};
  const spelled = spelledOut(experiment, words, config, written);
  return [spelled, ...set.map(parseSetting)].reduce(mergeConfig, written);
}

/** @throws UserError where options choose other defaults than a file was made from. */
function checkBases(asked: Fields, { path, overrides }: ConfigFile): void {
  for (const [name, option] of Object.entries(asked)) {
    const written = overrides[name];
    if (typeof option === "string" && typeof written === "string" && written !== option) {
      throw usageError(
        `the ${name} of ${path} is ${written}, not ${option}; leave --${name} out or choose another file`,
      );
    }
  }
  if (asked.preset !== undefined && ruleSchema.safeParse(overrides.rule).success) {
    throw usageError(`${path} holds a whole rule, which leaves nothing to --preset; leave one of them out`);
  }
}

/** @throws UserError where the rule has other parameters than the model to start from. */
function checkFits(rule: ExperimentConfig["rule"], { path, model }: Start): void {
  if (firstDifference(parameterTable(model.rule), parameterTable(rule)) === undefined) return;
  const changed = firstDifference(model.rule, rule, "rule");
  throw usageError(`--start takes the parameters of ${path}, so ${changed} cannot change; leave that out`);
}

/** Throws the error with the file's name in front where what the file says has the same fault by itself. */
function blame(path: string, alone: () => unknown, error: unknown): void {
  try {
    alone();
  } catch (fault) {
    if (fault instanceof UserError && error instanceof UserError && fault.message === error.message) {
      throw new UserError(`${path}: ${fault.message}`, { exitCode: fault.exitCode, cause: fault });
    }
  }
}

/** @throws UserError where the words ask for other settings than those a run began with. */
export function checkUnchanged(
  experiment: Experiment,
  { config, engine: begun }: RunRecord,
  words: Words,
  folder: string,
): void {
  const { engine, kernels, set: sets = [] } = words.options;
  const asked = { ...spelledOut(experiment, words, config, config), ...basesOf(experiment, words.options) };
  const overrides = mergeConfig(config, asked);
  const changed =
    firstDifference(config, experiment.resolve({ overrides, sets })) ??
    (engine && engine !== begun.name ? "engine" : undefined) ??
    (kernels && kernels !== "auto" && kernels !== begun.build ? "kernels" : undefined);
  if (changed === undefined) return;
  throw usageError(
    `--resume goes on with the settings that ${folder} began with, so ${changed} cannot change; leave that out, or start a new run with --config ${folder}/config.json`,
  );
}
