/** Reading the record of a run, or a part of a configuration, from a file. */
import { FormatError, UserError } from "../../errors.ts";
import { type Experiment, type Fields, parsedBy } from "../../experiments/experiment.ts";
import { MAX_CONFIG_BYTES, type RunFolder } from "../../node/runFolder.ts";
import { factsSchema, parseFacts, type RunFacts, type RunRecord, splitRecord } from "../../runs/record.ts";
import { resumeCommand } from "../terminal/shell.ts";
import { decodeNamed } from "../standardInput.ts";
import { usageError } from "../values.ts";

/**
 * Checks what the `config.json` of a run's folder holds.
 *
 * @throws UserError (exit status 2) where another command carries the run out; FormatError for a fault in the file.
 */
export function parseRecord(value: unknown, folder: RunFolder, experiment: Experiment): RunRecord {
  const path = folder.file("config.json");
  const { facts, overrides } = splitIn(path, value);
  const checked = inFile(path, () => parseFacts(facts));
  const { experiment: begun } = checked;
  if (begun !== experiment.name) {
    throw usageError(
      `${folder.path} is a run of neoblast ${begun}; go on with it by ${resumeCommand(begun, folder)}`,
    );
  }
  return { ...checked, config: inFile(path, () => parsedBy(experiment, overrides)) };
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
export async function readConfigFile(path: string, { name }: Experiment): Promise<ConfigFile> {
  const value = await decodeNamed(path, MAX_CONFIG_BYTES, (bytes): unknown => {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new FormatError("not JSON", { cause });
    }
  });
  const { facts, overrides } = splitIn(path, value);
  const run = factsSchema.safeParse(facts).data;
  const written = run?.experiment ?? facts.experiment;
  if (typeof written === "string" && written !== name) {
    throw usageError(`${path} is for neoblast ${written}, which has other settings than ${name}`);
  }
  // Only a whole record says what else its run depended on.
  return run
    ? { path, overrides, engine: run.engine, start: run.start }
    : { path, overrides: { ...overrides, ...(facts.start !== undefined && { start: facts.start }) } };
}

function splitIn(path: string, value: unknown) {
  return inFile(path, () => splitRecord(value));
}
