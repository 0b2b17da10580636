/** Runs of a sweep as jobs: in the folder of the run where that is on this machine, or with its files in the message. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import type { JobKind } from "../../cluster/job.ts";
import { fieldAt, parseConfig } from "../../config/config.ts";
import { HANDWRITING } from "../../data/handwriting.ts";
import { DRAWN } from "../../data/rowPuzzles.ts";
import { show } from "../../config/schema.ts";
import { FormatError, UserError } from "../../errors.ts";
import { isFile, readFileBytes, writeFileAtomic } from "../../node/files.ts";
import { MODEL_FILE } from "../../node/models.ts";
import { CHECKPOINT_FOLDER } from "../../node/runFolder.ts";
import type { Tensor } from "../../tensor.ts";
import { REPORT_FILE } from "../train/training.ts";
import { type Stretch, type Trained, trainedSchema, trainFolder } from "./training.ts";

/** A run in a folder of this machine. */
export type PlacedRun = Stretch & Readonly<{ path: string; checkpointEvery: number }>;

function refuse(): never {
  throw new RangeError("a run in a folder of this machine cannot be sent to another");
}

/** A codec of a job that never travels. */
const staysHere = { encode: refuse, decode: refuse };

/** Trains a run in its folder, checkpoints and all. */
export const placedRun: JobKind<PlacedRun, Trained> = {
  name: "placed-run",
  version: 1,
  title: ({ path }) => `run ${path}`,
  input: staysHere,
  output: staysHere,
  run: ({ path, checkpointEvery, ...stretch }, context) =>
    trainFolder(path, stretch, { ...context, checkpointEvery }),
};

/** Files by their paths in the folder of a run, with `/`. */
export type RunFiles = Readonly<Record<string, Uint8Array>>;
export type SentRun = Stretch & Readonly<{ /** For people. */ name: string; files: RunFiles }>;
export type ReturnedRun = Readonly<{ trained: Trained; files: RunFiles }>;

const PATH = /^(?:checkpoint\/)?[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9]+)+$/;
const MAX_FILES = 64;
const MAX_FILE_BYTES = 2 ** 26;

const MAX_NAME = 200;

const headSchema = z.strictObject({
  name: z.string().check(z.maxLength(MAX_NAME)),
  part: z.number().check(z.gt(0), z.maximum(1)),
  draw: z.boolean(),
});

function tensorsOf(files: RunFiles): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(files).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
}

/** @throws FormatError where a name is not one of a file in the folder of a run. */
function filesOf(tensors: Readonly<Record<string, Tensor>>): RunFiles {
  const entries = Object.entries(tensors);
  if (entries.length > MAX_FILES) throw new FormatError(`the message holds ${entries.length} files`);
  return Object.fromEntries(
    entries.map(([name, { data }]) => {
      if (!PATH.test(name) || !(data instanceof Uint8Array)) {
        throw new FormatError(
          `the message holds ${JSON.stringify(name)}, which is no file in the folder of a run`,
        );
      }
      return [name, data];
    }),
  );
}

/** Trains a run whose files come with the message, in a folder of its own that is gone afterwards. */
export const sentRun: JobKind<SentRun, ReturnedRun> = {
  name: "run",
  version: 1,
  title: ({ name }) => `run ${name}`,
  input: {
    encode: ({ files, ...head }) => ({ head, tensors: tensorsOf(files) }),
    decode: ({ head, tensors }) => ({ ...parseConfig(headSchema, head), files: filesOf(tensors) }),
  },
  output: {
    encode: ({ trained, files }) => ({ head: { trained }, tensors: tensorsOf(files) }),
    decode: ({ head, tensors }) => ({
      ...parseConfig(z.strictObject({ trained: trainedSchema }), head),
      files: filesOf(tensors),
    }),
  },
  async run({ files, part, draw }, context) {
    checkSelfContained(files);
    const path = await mkdtemp(join(tmpdir(), "neoblast-run-"));
    try {
      await writeFiles(path, files);
      const trained = await trainFolder(path, { part, draw }, { ...context, checkpointEvery: Infinity });
      return { trained, files: await resultFiles(path, { part, draw }) };
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  },
};

/** What is trained on a folder of pictures or puzzles stays where that folder is: a message opens no file of a worker. */
function checkSelfContained(files: RunFiles): void {
  let config: unknown;
  try {
    config = JSON.parse(new TextDecoder().decode(files["config.json"]));
  } catch (cause) {
    throw new FormatError("the message holds no config.json of a run", { cause });
  }
  const source = fieldAt(config, "data", "source");
  if (source === undefined || source === HANDWRITING || source === DRAWN) return;
  throw new UserError(
    `the run is trained on the folder ${show(source)}, which no worker opens; leave out --queue, or train on ${HANDWRITING}`,
  );
}

/** The files that a run needs to go on, out of its folder. */
export async function filesToSend(path: string): Promise<RunFiles> {
  const names = await readdir(path);
  const kept = await readdir(join(path, CHECKPOINT_FOLDER));
  const wanted = [
    ...names.filter((name) => name === "config.json" || name === "metrics.jsonl" || name.endsWith(".npy")),
    ...kept.map((name) => `${CHECKPOINT_FOLDER}/${name}`),
  ];
  return readFiles(
    path,
    wanted.filter((name) => PATH.test(name)),
  );
}

/** What a stretch of training leaves: its results and, where training goes on from there, the checkpoint. */
async function resultFiles(path: string, { part, draw }: Stretch): Promise<RunFiles> {
  const pictures = draw
    ? (await readdir(path)).filter((name) => /\.(?:png|webp|gif|svg|html)$/.test(name))
    : [];
  const wanted = [
    "metrics.jsonl",
    MODEL_FILE,
    REPORT_FILE,
    ...(part < 1 ? [`${CHECKPOINT_FOLDER}/state.safetensors`] : []),
    ...pictures,
  ];
  return readFiles(path, wanted);
}

/** Those that are there. @throws UserError for one that is too long for a message. */
async function readFiles(path: string, names: readonly string[]): Promise<RunFiles> {
  const files: Record<string, Uint8Array> = {};
  for (const name of names) {
    const file = join(path, name);
    if (await isFile(file)) files[name] = await readFileBytes(file, MAX_FILE_BYTES);
  }
  return files;
}

/** Writes files into the folder of a run, each whole or not at all. */
export async function writeFiles(path: string, files: RunFiles): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFileAtomic(join(path, name), data);
  }
}
