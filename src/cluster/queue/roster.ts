/** Who works where: workers and askers say so now and then, under keys that go away by themselves. */
import type { Redis } from "ioredis";
import * as z from "zod/mini";
import { PREFIX } from "./connection.ts";

/** Most workers that are looked at. */
const MOST = 10_000;

const count = z.number().check(z.gte(0));
const text = z.string().check(z.maxLength(500));

const workerSchema = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  /** Version of neoblast. */
  neoblast: text,
  engine: text,
  build: text,
  threads: count,
  tags: z.array(text).check(z.maxLength(20)),
  /** Jobs that it has done, and those that failed. */
  done: count,
  failed: count,
  /** Jobs that it did in the last minute. */
  lately: count,
  /** Seconds since it joined, and those of them in which it had something to do. */
  seconds: count,
  busy: count,
  /** What it does now. */
  doing: z.array(text).check(z.maxLength(20)),
});
export type WorkerReport = Readonly<z.infer<typeof workerSchema>>;

const placeSchema = z.object({ build: text, neoblast: text, tag: z.optional(text) });

export const keys = {
  worker: (name: string) => `${PREFIX}:worker:${name}`,
  /** The lease of somebody who waits for jobs. */
  owner: (name: string) => `${PREFIX}:owner:${name}`,
  /** There where a job is not wanted any more. */
  cancelled: (id: string) => `${PREFIX}:cancelled:${id}`,
  /** Outcome of a job whose lock was lost, so that the queue does not take it. */
  outcome: (id: string) => `${PREFIX}:outcome:${id}`,
  /** Result of a job that is too long for the queue. */
  result: (id: string) => `${PREFIX}:result:${id}`,
  /** All queues, by name: what work they are for. */
  queues: `${PREFIX}:queues`,
};

/** @param seconds after which it is forgotten. */
export async function reportWorker(redis: Redis, report: WorkerReport, seconds: number): Promise<void> {
  await redis.set(keys.worker(report.name), JSON.stringify(report), "PX", Math.ceil(seconds * 1000));
}

/** Workers that are there. Whatever is no report is left out. */
export async function workersOn(redis: Redis): Promise<WorkerReport[]> {
  const names = await keysLike(redis, keys.worker("*"));
  if (names.length === 0) return [];
  const values = await redis.mget(names);
  return values
    .flatMap((value) => parsed(workerSchema, value) ?? [])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Queues that somebody has asked, by name. */
export async function queuesOn(redis: Redis): Promise<Readonly<Record<string, z.infer<typeof placeSchema>>>> {
  const entries = Object.entries(await redis.hgetall(keys.queues)).slice(0, MOST);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const place = parsed(placeSchema, value);
      return place && /^[\w.+@-]{1,200}$/.test(name) ? [[name, place] as const] : [];
    }),
  );
}

async function keysLike(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, some] = await redis.scan(cursor, "MATCH", pattern, "COUNT", 1000);
    for (const key of some) found.add(key);
    cursor = next;
  } while (cursor !== "0" && found.size < MOST);
  return [...found];
}

function parsed<T>(schema: z.ZodMiniType<T>, value: string | null): T | undefined {
  try {
    const result = schema.safeParse(JSON.parse(value ?? ""));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
