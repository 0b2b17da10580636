/** What `config.json` of a run folder holds: the whole configuration, and what else the run's bits depend on. */
import * as z from "zod/mini";
import { FormatError, UserError } from "../../errors.ts";
import { isTree, parseConfig } from "../../config/config.ts";
import { MAX_CONFIG_BYTES, type RunFolder } from "../../node/runFolder.ts";
import { withDefault } from "../../config/fields.ts";
import { engineNames } from "../engine.ts";
import { type Experiment, type ExperimentConfig, experimentNames, type Fields } from "./experiment.ts";
import { resumeCommand } from "../terminal/shell.ts";
import { decodeNamed } from "../standardInput.ts";
import { usageError } from "../values.ts";

const named = {
  /** Fit for a file name. */
  name: z.string(),
  /** For people. */
  description: z.string(),
};

const factsSchema = z.object({
  /** Of this package. */
  version: z.string(),
  /** The command that carries it out. Runs that do not say are older than all others but this. */
  experiment: withDefault(z.enum(experimentNames), "grow"),
  engine: z.object({
    name: z.enum(engineNames),
    /** `Engine.build`. */
    build: z.string(),
    /** On which the bits do not depend. */
    threads: z.int(),
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
 * Checks what the `config.json` of a run's folder holds.
 *
 * @throws UserError (exit status 2) where another command carries the run out; FormatError for a fault in the file.
 */
export function parseRecord(value: unknown, folder: RunFolder, experiment: Experiment): RunRecord {
  const path = folder.file("config.json");
  const { facts, overrides } = splitRecord(value, path);
  const checked = inFile(path, () => parseConfig(factsSchema, facts));
  const { experiment: begun } = checked;
  if (begun !== experiment.command) {
    throw usageError(
      `${folder.path} is a run of neoblast ${begun}; go on with it by ${resumeCommand(begun, folder)}`,
    );
  }
  return { ...checked, config: inFile(path, () => experiment.parse(overrides)) };
}

/** What `parse` returns; a fault it finds is one in the file. */
function inFile<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new FormatError(`${path}: ${error.message}`, { cause: error });
  }
}

/** A file for `--config`: any part of a configuration, or all of a run's `config.json`. */
export type ConfigFile = Readonly<{
  path: string;
  overrides: Fields;
  /** Those of the run whose `config.json` it is. */
  engine?: RunFacts["engine"];
  start?: string | undefined;
}>;

/** @throws UserError where the file cannot be read, is no JSON object, or is the configuration of another experiment. */
export async function readConfigFile(path: string, { command }: Experiment): Promise<ConfigFile> {
  const value = await decodeNamed(path, MAX_CONFIG_BYTES, (bytes): unknown => {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new FormatError("not JSON", { cause });
    }
  });
  const { facts, overrides } = splitRecord(value, path);
  const run = factsSchema.safeParse(facts).data;
  const written = run?.experiment ?? facts.experiment;
  if (typeof written === "string" && written !== command) {
    throw usageError(`${path} is for neoblast ${written}, which has other settings than ${command}`);
  }
  // Only a whole record says what else its run depended on.
  return run
    ? { path, overrides, engine: run.engine, start: run.start }
    : { path, overrides: { ...overrides, ...(facts.start !== undefined && { start: facts.start }) } };
}

function splitRecord(value: unknown, path: string) {
  if (!isTree(value) || Array.isArray(value)) {
    throw new FormatError(`${path}: not a configuration, which is a JSON object`);
  }
  const { version, experiment, engine, picture, start, ...overrides } = value;
  return { facts: { version, experiment, engine, picture, start }, overrides };
}
