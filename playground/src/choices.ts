/** A visitor's choices for a training, and the configuration that they make. */
import { fieldAt, mergeConfig, parseSetting } from "../../src/config/config.ts";
import { outlineOf } from "../../src/config/outline.ts";
import { UserError } from "../../src/errors.ts";
import {
  type Experiment,
  type ExperimentConfig,
  fieldOption,
  type Fields,
  optionName,
  presetsIn,
  presetMatters,
} from "../../src/experiments/experiment.ts";
import { foundFields } from "../../src/experiments/picture.ts";
import { experiments } from "../../src/experiments/registry.ts";
import { FIRST_EXPERIMENT } from "../../src/runs/record.ts";
import { experimentNamed, supplyOf } from "./training/subjects.ts";

export type Choices = Readonly<{
  /** `Experiment.name`. */
  experiment: string;
  /** Names by `Experiment.presets`; those left out are the defaults. */
  presets: Readonly<Record<string, string>>;
  /** Longest side of the picture in cells. */
  size: number;
  seed: number;
  /** An imported configuration; the other choices override it. */
  imported?: ExperimentConfig | undefined;
  /** Other settings by their path, as text: JSON or plain. */
  sets: Readonly<Record<string, string>>;
}>;

export const firstChoices: Choices = {
  experiment: FIRST_EXPERIMENT,
  presets: { preset: "distill", recipe: "persistent", quality: "good" },
  size: 32,
  seed: 0,
  sets: {},
};

/** The part of a picture's longest side that lies empty on each side of it. */
const PADDING = 0.3;

/** Choices to begin another experiment with. */
export function choicesFor(experiment: Experiment, { seed }: Pick<Choices, "seed">): Choices {
  const { name } = experiment;
  if (name === FIRST_EXPERIMENT) return { ...firstChoices, seed };
  return { experiment: name, presets: {}, size: sizeIn(experiment.resolve({})), seed, sets: {} };
}

/**
 * Settings count as options of a command line do: where training steps are set, just as many are made, no fewer because
 * the picture is large, or the model good before; and rollouts that are set are no longer because it is far.
 *
 * @param picture what names the picture.
 * @throws UserError naming the faulty setting, its value and what is allowed.
 */
export function configOf(
  { experiment: name, presets, size, seed, imported, sets }: Choices,
  picture: string,
  known: readonly Experiment[] = experiments,
): ExperimentConfig {
  const experiment = experimentNamed(name, known);
  const source = supplyOf(experiment).source(picture);
  const stated = imported ?? paddingFor(experiment, size);
  const withChoices = (values: Fields, base: ExperimentConfig) =>
    [{ seed }, experiment.overridesOf({ source, values }, base, stated)].reduce(mergeConfig, stated);
  const plain = experiment.resolve({
    presets,
    overrides: withChoices({ size }, experiment.resolve({ presets })),
  });
  const values = { size, ...optionValues(experiment, sets) };
  return experiment.resolve({
    presets,
    overrides: withChoices(values, plain),
    sets: Object.entries(sets).map(([path, text]) => `${path}=${text}`),
  });
}

/** Those settings that options set on a command line, by the options' names, so far as they are what is allowed. */
function optionValues({ options, schema }: Experiment, sets: Choices["sets"]): Fields {
  const values = Object.entries(options).flatMap(([name, option]) => {
    const { field, becomes } = fieldOption(option);
    if (becomes !== undefined || !Object.hasOwn(sets, field)) return [];
    const value = fieldAt(parseSetting(`${field}=${sets[field]}`), ...field.split("."));
    return outlineOf(schema, field)?.accepts(value) ? [[optionName(name), value] as const] : [];
  });
  return Object.fromEntries(values);
}

/** The presets of `grow` are for pictures of any size; those of others for their own. */
function paddingFor({ name }: Experiment, size: number): Fields {
  if (name !== FIRST_EXPERIMENT) return {};
  return { target: { padding: Math.min(256, Math.max(4, Math.round(size * PADDING))) } };
}

/** Whether a choice of quality changes anything. */
export function hasQualities({
  experiment: name,
  presets,
}: Pick<Choices, "experiment" | "presets">): boolean {
  return presetMatters(experimentNamed(name), "quality", { presets });
}

/**
 * The choices that make a configuration again, but for a list of seeds and coordinates: they are of one picture, and others
 * may be chosen.
 *
 * @throws UserError where it is for several pictures.
 */
export function choicesOf(config: ExperimentConfig, name: string = FIRST_EXPERIMENT): Choices {
  const experiment = experimentNamed(name);
  const source = fieldAt(config, "target", "source");
  if (Array.isArray(source)) {
    throw new UserError(
      `this configuration grows ${source.length} pictures by one automaton; this page trains one picture at a time`,
    );
  }
  const stated = presetsIn(experiment, { ...config });
  const presets = Object.fromEntries(
    Object.entries(stated).flatMap(([preset, value]) => (typeof value === "string" ? [[preset, value]] : [])),
  );
  const { seed } = config;
  const choices = { experiment: name, presets, seed, size: sizeIn(config), sets: {} };
  const found = foundFields(fieldAt(config, "target"));
  if (found.length === 0) return { ...choices, imported: config };
  const usual = experiment.resolve({ presets });
  const fields = Object.fromEntries(found.map((field) => [field, fieldAt(usual, "target", field)]));
  const imported = { ...config, target: mergeConfig(fieldAt(config, "target"), fields) };
  return { ...choices, imported };
}

/** Longest side of what is trained for, in cells. */
export function sizeIn(config: ExperimentConfig): number {
  const size = fieldAt(config, "target", "size") ?? fieldAt(config, "data", "size");
  return typeof size === "number" ? size : firstChoices.size;
}
