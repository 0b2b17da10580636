/** The runs in a folder, and what their files say of them. */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { experiments } from "../../experiments/registry.ts";
import { decodeFile, fileError, isFile } from "../../node/files.ts";
import { MODEL_FILE } from "../../node/models.ts";
import { CONFIG_FILE, MAX_CONFIG_BYTES, METRICS_FILE, trainerOf } from "../../node/runFolder.ts";
import { factsSchema, splitRecord } from "../../runs/record.ts";
import { REPORT_FILE } from "../train/training.ts";

/** What is known of a run from the files in its folder. */
export type ListedRun = Readonly<{
  path: string;
  experiment: string;
  subject: string;
  /** "training" in a process; "stopped" before it had a model; "done". */
  state: "training" | "stopped" | "done";
  /** Training steps made, and to be made; null where it cannot be told. */
  steps: number | null;
  of: number | null;
  /** By the experiment's report. */
  error: number | null;
  /** Whether the report calls the model good; null where it does not say. */
  good: boolean | null;
  /** Milliseconds since 1970: when something was last written. */
  changed: number;
}>;

/** Bytes at the end of a run's metrics among which the last line is looked for. */
const TAIL = 65_536;

/** The runs in a folder and in its folders, the latest last. */
export async function listRuns(folder: string): Promise<ListedRun[]> {
  const names = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, "read", folder);
  });
  const runs: ListedRun[] = [];
  for (const entry of names) {
    if (!entry.isDirectory()) continue;
    const run = await readRun(join(folder, entry.name));
    if (run) runs.push(run);
  }
  return runs.toSorted((a, b) => a.changed - b.changed);
}

/** Undefined for a folder that is no run, or whose record cannot be read. */
export async function readRun(path: string): Promise<ListedRun | undefined> {
  const record = await jsonOf(join(path, CONFIG_FILE));
  if (record === undefined) return undefined;
  let split: ReturnType<typeof splitRecord>;
  try {
    split = splitRecord(record);
  } catch {
    return undefined;
  }
  const facts = factsSchema.safeParse(split.facts);
  if (!facts.success) return undefined;
  const { experiment: name, picture } = facts.data;
  const experiment = experiments.find((each) => each.name === name);
  const config = experiment?.schema.safeParse(split.overrides);
  const report = await jsonOf(join(path, REPORT_FILE));
  const isTraining = (await trainerOf(path)) !== undefined;
  const hasModel = await isFile(join(path, MODEL_FILE));
  const last = await lastMetrics(join(path, METRICS_FILE));
  return {
    path,
    experiment: name,
    subject: picture.description,
    state: isTraining ? "training" : hasModel ? "done" : "stopped",
    steps: last?.step === undefined ? null : last.step + 1,
    of: config?.success ? experiment!.total(config.data) : null,
    ...verdictOf(report, experiment),
    changed: last?.changed ?? (await stat(join(path, CONFIG_FILE))).mtimeMs,
  };
}

type Known = (typeof experiments)[number];

function verdictOf(report: unknown, experiment: Known | undefined): Pick<ListedRun, "error" | "good"> {
  if (typeof report !== "object" || report === null) return { error: null, good: null };
  const good = "good" in report && typeof report.good === "boolean" ? report.good : null;
  try {
    // A report of an earlier version may lack what is asked for.
    const error = experiment?.report?.error(report);
    return { error: typeof error === "number" && Number.isFinite(error) ? error : null, good };
  } catch {
    return { error: null, good };
  }
}

async function jsonOf(path: string): Promise<unknown> {
  try {
    return await decodeFile(path, MAX_CONFIG_BYTES, (bytes) => JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

/** The step of the last whole line of a run's metrics, and when it was written. */
async function lastMetrics(path: string): Promise<{ step: number | undefined; changed: number } | undefined> {
  try {
    const file = await open(path);
    try {
      const { size, mtimeMs } = await file.stat();
      const bytes = Buffer.alloc(Math.min(TAIL, size));
      await file.read(bytes, 0, bytes.length, size - bytes.length);
      const line = bytes.toString("utf8").split("\n").at(-2) ?? "";
      const step = /"step":(\d{1,15})[,}]/.exec(line)?.[1];
      return { step: step === undefined ? undefined : Number(step), changed: mtimeMs };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
