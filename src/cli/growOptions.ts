/** From the words of `neoblast grow` to a configuration. */
import { UserError } from "../errors.ts";
import { mergeConfig } from "../experiments/config.ts";
import {
  type GrowingConfig,
  type GrowingPreset,
  growingPresetNames,
  type GrowingRecipe,
  growingRecipes,
} from "../experiments/growing.ts";
import { resolveGrowingConfig } from "../experiments/growingConfig.ts";
import { growingDefaults } from "../experiments/growingPresets.ts";
import { ruleSchema } from "../rule/schema.ts";
import type { EngineName, KernelChoice } from "./engine.ts";
import { type ConfigFile, firstDifference, type RunRecord } from "./record.ts";
import { usageError } from "./values.ts";

/** Where runs go that were given no folder. */
export const RUNS_FOLDER = "runs";

/** Options that were not given are undefined. */
export type GrowOptions = Readonly<{
  recipe?: GrowingRecipe;
  preset?: GrowingPreset;
  size?: number;
  padding?: number;
  steps?: number;
  batch?: number;
  pool?: number;
  rollout?: [number, number];
  seed?: number;
  set?: readonly string[];
  config?: string;
  engine?: EngineName;
  kernels?: KernelChoice;
  threads: number | "auto";
  out?: string;
  resume?: string;
  checkpointEvery: number;
  json?: true;
  preview?: boolean;
}>;

/** The part of a configuration that the target and the options spell out. */
function spelledOut(source: string | undefined, options: GrowOptions) {
  const { seed, size, padding, steps, batch, rollout, pool } = options;
  return {
    seed,
    target: defined({ source, size, padding }),
    training: defined({ steps, batch, rollout, pool: defined({ size: pool }) }),
  };
}

/** The fields that have a value; undefined where none has, so that nothing a file says is put aside for it. */
function defined(fields: Readonly<Record<string, unknown>>): object | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/**
 * The configuration of a new run. Later ones win: recipe and preset, the file, the options, the settings.
 * @throws UserError naming what is wrong, and the file where it is wrong in there.
 */
export function resolveChoices(
  source: string | undefined,
  options: GrowOptions,
  file: ConfigFile | undefined,
): GrowingConfig {
  const { set: sets = [] } = options;
  const recipe = nameOf("recipe", growingRecipes, options.recipe, file);
  const preset = nameOf("preset", growingPresetNames, options.preset, file);
  if (options.preset && file && ruleSchema.safeParse(file.overrides.rule).success) {
    throw usageError(
      `${file.path} holds a whole rule, which leaves nothing to --preset; leave one of them out`,
    );
  }
  for (const set of sets) {
    const [, name] = /^\s*(recipe|preset)\s*=/.exec(set) ?? [];
    if (name) throw usageError(`--set ${set} would change the ${name}'s name only; use --${name}`);
  }
  if (options.pool !== undefined && growingDefaults(preset, recipe).recipe === "growing") {
    throw usageError("the recipe growing has no pool; leave out --pool, or choose --recipe persistent");
  }
  const base = { preset, recipe };
  try {
    const overrides = mergeConfig(file?.overrides ?? {}, spelledOut(source, options));
    return resolveGrowingConfig({ ...base, overrides, sets });
  } catch (error) {
    if (file) blame(file, base, error);
    throw error;
  }
}

/** Throws the error with the file's name in front where the file alone has the same fault. */
function blame({ path, overrides }: ConfigFile, base: object, error: unknown): void {
  try {
    resolveGrowingConfig({ ...base, overrides });
  } catch (alone) {
    if (alone instanceof UserError && error instanceof UserError && alone.message === error.message) {
      throw new UserError(`${path}: ${alone.message}`, { exitCode: alone.exitCode, cause: alone });
    }
  }
}

/** A recipe or preset by the option of that name, or as the file says. */
function nameOf<T extends string>(
  kind: "recipe" | "preset",
  names: readonly T[],
  option: T | undefined,
  file: ConfigFile | undefined,
): T | undefined {
  const written = file?.overrides[kind];
  if (!file || written === undefined) return option;
  const known = names.find((name) => name === written);
  if (known && option && known !== option) {
    throw usageError(
      `the ${kind} of ${file.path} is ${known}, not ${option}; leave --${kind} out or choose another file`,
    );
  }
  return known;
}

/** @throws UserError where the words ask for other settings than those a run began with. */
export function checkUnchanged(
  record: RunRecord,
  source: string | undefined,
  options: GrowOptions,
  folder: string,
): void {
  const { recipe, preset, engine, kernels, set: sets = [] } = options;
  const overrides = mergeConfig(record.config, { ...spelledOut(source, options), recipe, preset });
  const asked = resolveGrowingConfig({ overrides, sets });
  const changed =
    firstDifference(record.config, asked) ??
    (engine && engine !== record.engine.name ? "engine" : undefined) ??
    (kernels && kernels !== "auto" && kernels !== record.engine.build ? "kernels" : undefined);
  if (changed === undefined) return;
  throw usageError(
    `--resume goes on with the settings that ${folder} began with, so ${changed} cannot change; leave that out, or start a new run with --config ${folder}/config.json`,
  );
}
