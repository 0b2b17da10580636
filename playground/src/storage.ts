/** Trainings in the browser's storage (IndexedDB), so that they outlive the page. Works in the page and in its workers. */
import * as z from "zod/mini";
import type { Raster, Target } from "../../src/data/image.ts";
import { FormatError, UserError } from "../../src/errors.ts";
import { type Experiment, parsedBy } from "../../src/experiments/experiment.ts";
import { experiments } from "../../src/experiments/registry.ts";
import { FIRST_EXPERIMENT } from "../../src/runs/record.ts";
import { targetRaster } from "../../src/render/rgba.ts";
import { withDefault } from "../../src/config/fields.ts";
import type { SavedState, TrainingJob } from "./training/protocol.ts";
import { experimentNamed } from "./training/subjects.ts";

const DATABASE = "neoblast";
const VERSION = 1;
/** What a list shows, stored apart from the rest, which may take a hundred megabytes. */
const SUMMARIES = "summaries";
const SESSIONS = "sessions";

const rasterSchema = z.object({
  width: z.int(),
  height: z.int(),
  data: z.custom<Raster["data"]>((value) => value instanceof Uint8ClampedArray),
});

const summarySchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Steps made, and of how many. */
  step: z.int(),
  steps: z.int(),
  /** Of the last step that was not skipped; NaN where there is none. */
  loss: z.union([z.number(), z.nan()]),
  /** Milliseconds since 1970. */
  saved: z.number(),
  /** Size in storage. */
  bytes: z.number(),
  /** Whether it was left before its end. */
  unfinished: z.boolean(),
  /** Whether it can be continued, also after its end. */
  resumable: withDefault(z.boolean(), false),
  /** Of the first target, a pixel a cell. */
  picture: rasterSchema,
});
export type SessionSummary = Readonly<z.infer<typeof summarySchema>>;

const targetSchema = z.union([
  z.object({ grid: z.readonly(z.tuple([z.int(), z.int()])), data: z.instanceof(Float32Array) }),
  // Before pictures had grids of their own, all were square.
  z.pipe(
    z.instanceof(Float32Array),
    z.transform((data): Target => {
      const side = Math.sqrt(data.length / 4);
      return { grid: [side, side], data };
    }),
  ),
]);

const sessionSchema = z.object({
  job: z.object({
    id: z.string(),
    title: z.string(),
    experiment: withDefault(z.string(), FIRST_EXPERIMENT),
    config: z.unknown(),
    targets: z.array(targetSchema),
  }),
  losses: z.instanceof(Float64Array),
  seconds: z.number(),
  build: z.string(),
  model: z.instanceof(Uint8Array),
  checkpoint: z.nullable(z.instanceof(Uint8Array)),
  ended: withDefault(z.boolean(), false),
  report: withDefault(z.unknown(), null),
});

/** A training as it is kept. */
export type StoredSession = Readonly<{
  job: TrainingJob;
  losses: Float64Array;
  seconds: number;
  build: string;
  /** Bytes of its model file. */
  model: Uint8Array;
  /** The checkpoint to continue from; null where it cannot continue. */
  checkpoint: Uint8Array | null;
  /** Whether it has come to its end, was stopped or failed. */
  ended: boolean;
  /** How good its model is, where that was measured. */
  report: object | null;
}>;

/** All trainings kept, the latest first. @throws UserError where the browser keeps nothing. */
export async function listSessions(): Promise<SessionSummary[]> {
  const found: unknown[] = await inStores("readonly", (store) => store(SUMMARIES).getAll());
  return found
    .flatMap((each) => summarySchema.safeParse(each).data ?? [])
    .toSorted((a, b) => b.saved - a.saved);
}

/**
 * A training that was kept.
 *
 * @throws FormatError where it is damaged; UserError where there is none of that name, or the browser keeps nothing.
 */
export async function loadSession(id: string): Promise<StoredSession> {
  const found: unknown = await inStores("readonly", (store) => store(SESSIONS).get(id));
  if (found === undefined) throw new UserError("this training is no longer in the browser's storage");
  return readSession(found);
}

/** What the storage holds of a training, checked. @throws FormatError where it is damaged. */
export function readSession(found: unknown, known: readonly Experiment[] = experiments): StoredSession {
  try {
    const { job, ...rest } = sessionSchema.parse(found);
    const experiment = experimentNamed(job.experiment, known);
    const report = rest.report === null ? null : (experiment.report?.schema.parse(rest.report) ?? null);
    return { ...rest, job: { ...job, config: parsedBy(experiment, job.config) }, report };
  } catch (cause) {
    throw new FormatError("this training was stored by another version of this page and cannot be read", {
      cause,
    });
  }
}

/** The state that a stored training continues from; undefined where it cannot. */
export function savedStateOf({ checkpoint, ...stored }: StoredSession): SavedState | undefined {
  const { losses, seconds, build, ended, report } = stored;
  return checkpoint ? { losses, seconds, build, checkpoint, ended, report } : undefined;
}

/** Saves a training, in place of what was saved of it before. @throws UserError where that fails. */
export async function saveSession(session: StoredSession): Promise<void> {
  await inStores("readwrite", (store) => {
    store(SUMMARIES).put(summaryOf(session));
    return store(SESSIONS).put(session, session.job.id);
  });
}

export async function deleteSession(id: string): Promise<void> {
  await inStores("readwrite", (store) => {
    store(SUMMARIES).delete(id);
    return store(SESSIONS).delete(id);
  });
}

function summaryOf({ job, losses, model, checkpoint, ended }: StoredSession): SessionSummary {
  const { id, title, experiment, config, targets } = job;
  const pictures = targets.map(({ data }) => data);
  const sizes = [losses, model, checkpoint, ...pictures].map((part) => part?.byteLength ?? 0);
  return {
    id,
    title,
    step: losses.length,
    steps: experimentNamed(experiment).total(config),
    loss: losses.findLast(Number.isFinite) ?? NaN,
    saved: Date.now(),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    unfinished: checkpoint !== null && !ended,
    resumable: checkpoint !== null,
    picture: targetRaster(pictures[0], targets[0].grid, config.rule.image.premultiplied),
  };
}

type Store = (name: string) => IDBObjectStore;

/** One transaction. @returns what its last request found. */
async function inStores<T>(mode: IDBTransactionMode, work: (store: Store) => IDBRequest<T>): Promise<T> {
  try {
    const database = await open();
    try {
      const transaction = database.transaction([SUMMARIES, SESSIONS], mode, { durability: "relaxed" });
      const request = work((name) => transaction.objectStore(name));
      // Before all requests have answered: the page may be gone by then.
      transaction.commit();
      await new Promise<void>((resolve, reject) => {
        transaction.addEventListener("complete", () => resolve());
        transaction.addEventListener("abort", () => reject(transaction.error));
      });
      return request.result;
    } finally {
      database.close();
    }
  } catch (error) {
    throw new UserError(storageFault(error), { cause: error });
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.addEventListener("upgradeneeded", () => {
      request.result.createObjectStore(SUMMARIES, { keyPath: "id" });
      request.result.createObjectStore(SESSIONS);
    });
    request.addEventListener("success", () => {
      // A newer version of this page in another tab must not wait for this one.
      request.result.addEventListener("versionchange", () => request.result.close());
      resolve(request.result);
    });
    request.addEventListener("error", () => reject(request.error));
    request.addEventListener("blocked", () => reject(new DOMException("another tab holds it", "AbortError")));
  });
}

function storageFault(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") {
    return "the browser has no room left to keep this training, so it would not survive closing the page; delete trainings that are kept here to make room";
  }
  if (name === "VersionError") {
    return "a newer version of this page has been here; reload this one to reach the trainings that are kept";
  }
  return "this browser keeps nothing for this page, as in a private window, so training will not survive closing it";
}
