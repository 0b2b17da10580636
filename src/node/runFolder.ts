import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FormatError, UserError } from "../errors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../train/checkpoint.ts";
import type { Model } from "../model/model.ts";
import type { Snapshot } from "../train/snapshot.ts";
import {
  decodeFile,
  fileError,
  isFile,
  isFolder,
  linkTarget,
  removeTemporaryFiles,
  writeFileAtomic,
} from "./files.ts";
import { MetricsLog } from "./metricsLog.ts";
import { MODEL_FILE, loadModel, saveModel } from "./models.ts";

export const CONFIG_FILE = "config.json";
const LOCK_FILE = ".lock";
export const METRICS_FILE = "metrics.jsonl";
/** Where a run keeps its checkpoint. */
export const CHECKPOINT_FOLDER = "checkpoint";
const CHECKPOINT_FILE = "state.safetensors";
/** Largest configuration file that is read. */
export const MAX_CONFIG_BYTES = 2 ** 24;
const MAX_CHECKPOINT_BYTES = 2 ** 31 - 1;

/**
 * The folder of one training run: `config.json`, `metrics.jsonl`, `checkpoint/`, `model.safetensors` and pictures.
 * Whatever is saved into it is there whole or not at all. All methods throw UserError with the path.
 */
export class RunFolder {
  readonly path: string;
  readonly metrics: MetricsLog;

  private constructor(path: string) {
    this.path = path;
    this.metrics = new MetricsLog(join(path, METRICS_FILE));
  }

  /** Makes a folder, with its parents, or takes an empty one. */
  static async create(path: string): Promise<RunFolder> {
    await takeNewFolder(path);
    return new RunFolder(path);
  }

  /** Makes `<parent>/<name>-<n>` with the smallest n from 1 on that is free. */
  static async createNext(parent: string, name: string): Promise<RunFolder> {
    return new RunFolder(await takeNextFolder(parent, name));
  }

  /** Opens the folder of an earlier run and clears away what a crash left half-written. */
  static async open(path: string): Promise<RunFolder> {
    const entries = await entriesOf(path);
    if (!entries.includes(CONFIG_FILE)) {
      throw new UserError(`${path} is not the folder of a run: it has no ${CONFIG_FILE}`);
    }
    await takeFolder(path);
    await removeTemporaryFiles(path);
    await removeTemporaryFiles(join(path, CHECKPOINT_FOLDER));
    return new RunFolder(path);
  }

  /** Lets another process have the folder at once; the end of this one does so, too. */
  async release(): Promise<void> {
    await releaseFolder(this.path);
  }

  /** Path of a file in this folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  async writeConfig(config: object): Promise<void> {
    await writeFileAtomic(this.file(CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** The parsed JSON, not yet checked by any schema. */
  async readConfig(): Promise<unknown> {
    return decodeFile(this.file(CONFIG_FILE), MAX_CONFIG_BYTES, parseJson);
  }

  /** Replaces the checkpoint. Metrics appended before are in their file first, so that resuming finds them. */
  async saveCheckpoint(snapshot: Snapshot): Promise<void> {
    this.metrics.flush();
    const bytes = encodeCheckpoint(snapshot);
    await makeFolder(this.file(CHECKPOINT_FOLDER));
    await writeFileAtomic(this.#checkpointPath, bytes);
  }

  async hasCheckpoint(): Promise<boolean> {
    return isFile(this.#checkpointPath);
  }

  async loadCheckpoint(): Promise<Snapshot> {
    return decodeFile(this.#checkpointPath, MAX_CHECKPOINT_BYTES, decodeCheckpoint);
  }

  async saveModel(model: Model): Promise<void> {
    await saveModel(this.file(MODEL_FILE), model);
  }

  async loadModel(): Promise<Model> {
    return loadModel(this.file(MODEL_FILE));
  }

  get #checkpointPath(): string {
    return join(this.path, CHECKPOINT_FOLDER, CHECKPOINT_FILE);
  }
}

/**
 * Makes a folder, with its parents; one that is there already is fine, and a link that leads to nothing stays. Parents one by one, because Node's recursive
 * `mkdir` never returns where the system answers ENOENT below an existing folder, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const target = await linkTarget(path).catch((error: unknown) => {
    throw fileError(error, "write", path);
  });
  const parent = dirname(target);
  if (parent !== target) await makeFolder(parent);
  if (!(await claimFolder(target)) && !(await isFolder(target))) {
    throw new UserError(`${path} is a file, not a folder`);
  }
}

/**
 * Makes a folder, with its parents, or takes an empty one, until {@link releaseFolder} or the end of this process.
 *
 * @throws UserError where it holds files, or a running process has it.
 */
export async function takeNewFolder(path: string): Promise<void> {
  await makeFolder(path);
  if ((await entriesOf(path)).some((name) => name !== LOCK_FILE)) {
    throw new UserError(
      `${path} already holds files; choose another folder, or resume the run in it: --resume ${path}`,
    );
  }
  await takeFolder(path);
}

/** Makes and takes `<parent>/<name>-<n>` with the smallest n from 1 on that is free. @returns its path. */
export async function takeNextFolder(parent: string, name: string): Promise<string> {
  await makeFolder(parent);
  for (let n = 1; ; n++) {
    const path = join(parent, `${name}-${n}`);
    if (!(await claimFolder(path))) continue;
    await takeFolder(path);
    return path;
  }
}

/** Lets another process have a folder. */
export async function releaseFolder(path: string): Promise<void> {
  await rm(join(path, LOCK_FILE), { force: true });
}

/** Makes a new folder, and says whether the name was free. */
async function claimFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw fileError(error, "write", path);
  }
}

/**
 * Takes a folder until this process ends, so that no two train in it at once. A process that is gone has it no more.
 *
 * @throws UserError where a running process has it.
 */
export async function takeFolder(path: string): Promise<void> {
  const lock = join(path, LOCK_FILE);
  for (;;) {
    try {
      await writeFile(lock, `${process.pid}\n`, { flag: "wx" });
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
        throw fileError(error, "write", lock);
      }
    }
    const owner = Number(await readFile(lock, "utf8").catch(() => ""));
    if (owner !== process.pid && isRunning(owner)) {
      throw new UserError(
        `process ${owner} is training in ${path}; stop it first, or delete ${lock} if it is doing something else`,
      );
    }
    await rm(lock, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError("not JSON", { cause });
  }
}

/** The process that trains in the folder of a run; undefined where none does. */
export async function trainerOf(path: string): Promise<number | undefined> {
  const owner = Number(await readFile(join(path, LOCK_FILE), "utf8").catch(() => ""));
  return isRunning(owner) ? owner : undefined;
}
