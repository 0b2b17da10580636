/** What `config.json` of a run holds: the whole configuration, and what else the run's bits depend on. */
import * as z from "zod/mini";
import { isTree, parseConfig } from "../config/config.ts";
import { withDefault } from "../config/fields.ts";
import { FormatError } from "../errors.ts";
import type { ExperimentConfig, Fields } from "../experiments/experiment.ts";

export const engineNames = ["wasm", "webgpu", "webgpu-f16", "reference"] as const;
export type EngineName = (typeof engineNames)[number];

/** Whether an engine is one of those on a graphics device. */
export function isOnDevice(name: string): name is "webgpu" | "webgpu-f16" {
  return name === "webgpu" || name === "webgpu-f16";
}

/** Seconds; null: not done within the time that there was. */
const seconds = z.nullable(z.number());

/** What `--engine auto` went by. */
const calibrationSchema = z.object({
  /** Of the piece of work that was measured. */
  steps: z.int(),
  samples: z.int(),
  /** How long each engine took for it, by name. */
  seconds: z.object({ wasm: seconds, webgpu: seconds }),
});
export type Calibration = Readonly<z.infer<typeof calibrationSchema>>;

/** Of runs that do not say, which are older than all other experiments. */
export const FIRST_EXPERIMENT = "grow";

const named = {
  /** Fit for a file name. */
  name: z.string(),
  /** For people. */
  description: z.string(),
};

export const factsSchema = z.object({
  /** Of this package. */
  version: z.string(),
  /** `Experiment.name`. */
  experiment: withDefault(
    z
      .string()
      .check(z.refine((name) => /^[a-z][a-z0-9-]{0,39}$/.test(name), "must be the name of an experiment")),
    FIRST_EXPERIMENT,
  ),
  engine: z.object({
    name: z.enum(engineNames),
    /** `Engine.build`. */
    build: z.string(),
    /** On which the bits do not depend. */
    threads: z.int(),
    /** Where `--engine auto` chose it: what was measured, or in a sentence why there was no choice. */
    auto: z.optional(z.union([calibrationSchema, z.string()])),
    /** Engines that had a part in it before, each until which training step: their devices were lost. */
    earlier: z.optional(
      z.readonly(z.array(z.object({ name: z.enum(engineNames), build: z.string(), until: z.int() }))),
    ),
  }),
  /** What it is trained for. */
  picture: z.object({ ...named, parts: z.optional(z.readonly(z.array(z.object(named)))) }),
  /** Path of the model that it started from, if any. */
  start: z.optional(z.string()),
});

export type RunFacts = Readonly<z.infer<typeof factsSchema>>;
export type RunRecord = RunFacts & Readonly<{ config: ExperimentConfig }>;

/** The JSON of `config.json`: the facts, then the configuration's own fields. */
export function recordJson({ config, ...facts }: RunRecord): object {
  return { ...facts, ...config };
}

/**
 * The facts, and the fields of the configuration, of what a `config.json` holds; neither is checked yet.
 *
 * @throws FormatError where it is no JSON object.
 */
export function splitRecord(value: unknown): Readonly<{ facts: Fields; overrides: Fields }> {
  if (!isTree(value) || Array.isArray(value))
    throw new FormatError("not a configuration, which is a JSON object");
  const { version, experiment, engine, picture, start, ...overrides } = value;
  return { facts: { version, experiment, engine, picture, start }, overrides };
}

/** @throws UserError naming the faulty field, its value and what is allowed. */
export function parseFacts(facts: Fields): RunFacts {
  return parseConfig(factsSchema, facts);
}
