/** What `config.json` of a run folder holds: the whole configuration, and what else the run's bits depend on. */
import * as z from "zod/mini";
import { FormatError, UserError } from "../errors.ts";
import { parseConfig } from "../experiments/config.ts";
import { type GrowingConfig, growingConfigSchema } from "../experiments/growing.ts";
import { MAX_CONFIG_BYTES } from "../node/runFolder.ts";
import { decodeFile } from "../node/files.ts";
import { engineNames } from "./engine.ts";

const factsSchema = z.object({
  /** Of this package. */
  version: z.string(),
  engine: z.object({
    name: z.enum(engineNames),
    /** `Engine.build`. */
    build: z.string(),
    /** On which the bits do not depend. */
    threads: z.int(),
  }),
  picture: z.object({
    /** Fit for a file name. */
    name: z.string(),
    /** For people. */
    description: z.string(),
  }),
});

export type RunFacts = Readonly<z.infer<typeof factsSchema>>;
export type RunRecord = RunFacts & Readonly<{ config: GrowingConfig }>;

/** The JSON of `config.json`: the facts, then the configuration's own fields. */
export function recordJson({ config, ...facts }: RunRecord): object {
  return { ...facts, ...config };
}

/**
 * Checks what a run folder's `config.json` holds.
 *
 * @param path of the file, for messages.
 */
export function parseRecord(value: unknown, path: string): RunRecord {
  const { facts, overrides } = splitRecord(value, path);
  try {
    return { ...parseConfig(factsSchema, facts), config: parseConfig(growingConfigSchema, overrides) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new FormatError(`${path}: ${error.message}`, { cause: error });
  }
}

/** A file for `--config`: any part of a configuration, or all of a run's `config.json`. */
export type ConfigFile = Readonly<{
  path: string;
  overrides: Readonly<Record<string, unknown>>;
  /** With which the run was made, if it was. */
  engine: RunFacts["engine"] | undefined;
}>;

export async function readConfigFile(path: string): Promise<ConfigFile> {
  const value = await decodeFile(path, MAX_CONFIG_BYTES, (bytes): unknown => {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new FormatError("not JSON", { cause });
    }
  });
  const { facts, overrides } = splitRecord(value, path);
  return { path, overrides, engine: factsSchema.safeParse(facts).data?.engine };
}

function splitRecord(value: unknown, path: string) {
  if (!isTree(value) || Array.isArray(value)) {
    throw new FormatError(`${path}: not a configuration, which is a JSON object`);
  }
  const { version, engine, picture, ...overrides } = value;
  return { facts: { version, engine, picture }, overrides };
}

/** Name of the first field in which two JSON values differ; undefined where they are equal. */
export function firstDifference(a: unknown, b: unknown, path = ""): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) return path;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[key], b[key], path ? `${path}.${key}` : key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
