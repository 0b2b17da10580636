/** The folder of a sweep: `sweep.json`, and a folder for each run with its `outcome.json`. */
import { join } from "node:path";
import * as z from "zod/mini";
import { parseConfig } from "../../config/config.ts";
import { FormatError, UserError } from "../../errors.ts";
import { decodeFile, isFile, removeTemporaryFiles, writeFileAtomic } from "../../node/files.ts";
import { releaseFolder, takeFolder, takeNewFolder, takeNextFolder } from "../../node/runFolder.ts";
import { engineNames } from "../../runs/record.ts";
import { type Plan, parsePlan } from "../../sweep/plan.ts";
import { type Outcome, outcomeSchema, runSchema, type SweepState } from "../../sweep/results.ts";
import { RUNS_FOLDER } from "../train/options.ts";
import { experimentNamed } from "./words.ts";

const SWEEP_FILE = "sweep.json";
const OUTCOME_FILE = "outcome.json";
const MAX_BYTES = 2 ** 26;

const recordSchema = z.object({
  /** Of this package. */
  version: z.string(),
  /** Different from all other sweeps. */
  id: z.string().check(z.refine((id) => /^[0-9a-f-]{36}$/.test(id), "must be a UUID")),
  /** What all its runs are computed by. */
  engine: z.object({ name: z.enum(engineNames), build: z.string() }),
  /** As `parsePlan` takes it. */
  plan: z.unknown(),
  arms: z.array(z.record(z.string(), z.unknown())).check(z.minLength(1)),
  runs: z.array(runSchema).check(z.minLength(1)),
});
export type SweepRecord = Readonly<z.infer<typeof recordSchema>>;

/** A sweep whose folder this process has. */
export class SweepFolder {
  readonly path: string;
  readonly record: SweepRecord;
  readonly plan: Plan;

  private constructor(path: string, record: SweepRecord) {
    this.path = path;
    this.record = record;
    this.plan = parsePlan(record.plan);
  }

  /** @param out a new or empty folder; default: the next `runs/sweep-<n>`. */
  static async create(out: string | undefined, record: SweepRecord): Promise<SweepFolder> {
    if (out !== undefined) await takeNewFolder(out);
    const path = out ?? (await takeNextFolder(RUNS_FOLDER, "sweep"));
    try {
      await writeFileAtomic(join(path, SWEEP_FILE), `${JSON.stringify(record, null, 1)}\n`);
      return new SweepFolder(path, record);
    } catch (error) {
      await releaseFolder(path);
      throw error;
    }
  }

  /** @throws UserError where it is the folder of no sweep, or another process is at it. */
  static async open(path: string): Promise<SweepFolder> {
    const record = await readRecord(path);
    await takeFolder(path);
    try {
      await removeTemporaryFiles(path);
      return new SweepFolder(path, record);
    } catch (error) {
      await releaseFolder(path);
      throw error;
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** What came of a run so far. @param i its index. */
  outcome(i: number): Promise<Outcome> {
    return readOutcome(this.path, this.record.runs[i].name);
  }

  async keepOutcome(i: number, outcome: Outcome): Promise<void> {
    const path = join(this.path, this.record.runs[i].name, OUTCOME_FILE);
    await writeFileAtomic(path, `${JSON.stringify(outcome, null, 1)}\n`);
  }

  async release(): Promise<void> {
    await releaseFolder(this.path);
  }
}

/** A sweep as its folder has it, also while it goes on. @throws UserError where it is the folder of no sweep. */
export async function readSweep(path: string): Promise<SweepState> {
  const { arms, runs, plan } = await readRecord(path);
  const { experiment, halving } = parsePlan(plan);
  const outcomes: Outcome[] = [];
  for (const { name } of runs) outcomes.push(await readOutcome(path, name));
  return { experiment, unit: experimentNamed(experiment).unit, arms, runs, outcomes, halving };
}

async function readRecord(path: string): Promise<SweepRecord> {
  const file = join(path, SWEEP_FILE);
  if (!(await isFile(file))) {
    throw new UserError(
      `${path} is not the folder of a sweep: it has no ${SWEEP_FILE}; name the one that neoblast sweep printed, such as runs/sweep-1`,
    );
  }
  return readJson(file, (value) => {
    const record = parseConfig(recordSchema, value);
    parsePlan(record.plan);
    const names = Object.keys(record.arms[0]).join("\n");
    const isWhole =
      record.arms.every((arm) => Object.keys(arm).join("\n") === names) &&
      record.runs.every(({ arm }) => arm < record.arms.length) &&
      new Set(record.runs.map(({ name }) => name)).size === record.runs.length;
    if (!isWhole) throw new FormatError("its arms and runs do not go together");
    return record;
  });
}

async function readOutcome(path: string, name: string): Promise<Outcome> {
  const file = join(path, name, OUTCOME_FILE);
  if (!(await isFile(file))) return { measured: [] };
  return readJson(file, (value) => parseConfig(outcomeSchema, value));
}

/** A fault in a file is a failure, not a wrong call. */
function readJson<T>(file: string, parse: (value: unknown) => T): Promise<T> {
  return decodeFile(file, MAX_BYTES, (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new FormatError("not JSON", { cause });
    }
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new FormatError(error.message, { cause: error });
    }
  });
}
