/**
 * An executor that has jobs done by workers on any number of machines, by a queue in Redis (BullMQ).
 *
 * The queue says when a job is done. As it may forget (a Redis that restarts without its latest second) and as what it says
 * may be missed, whatever is not done is looked for now and then, and asked for again where it is gone.
 */
import { randomUUID } from "node:crypto";
import type { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { UserError } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import { type Done, type Executor, JobFailure, type SubmitOptions, WorkFailure } from "../executor.ts";
import type { Content, JobKind } from "../job.ts";
import { decodePart, encodePart, PROTOCOL } from "../message.ts";
import type { QueueAddress } from "./address.ts";
import { connect, type Connection, PREFIX } from "./connection.ts";
import {
  bytesOf,
  INLINE_BYTES,
  type JobData,
  jobId,
  type Outcome,
  parseOutcome,
  placeOf,
  queueName,
  sha256,
} from "./envelope.ts";
import { keys, workersOn, type WorkerReport } from "./roster.ts";
import { blobKey, PartSender } from "./shared.ts";
import { aborted, pause, within } from "./waiting.ts";
import { buildOf } from "./words.ts";

export type QueueOptions = Readonly<{
  /** Build of the engine whose bits are wanted: `Engine.build`. */
  build: string;
  /** Only workers with this tag do the jobs. Default: any. */
  tag?: string | undefined;
  /** Seconds that the queue may be away. Default 600. */
  patience?: number;
  /**
   * Who waits for the jobs. Who comes back under the same name finds what was done meanwhile, as long as the lease lasts.
   * Default: a name of its own.
   */
  owner?: string;
  /** Seconds that workers go on with jobs whose asker says nothing any more. Default 60. */
  lease?: number;
  /** Seconds between two looks at what is not done yet. Default 2. */
  look?: number;
  /** Is told, in a line, what people should know. */
  say: (line: string) => void;
}>;

/** What has travelled. */
export type Traffic = Readonly<{
  /** Jobs that were asked for, with those asked for again. */
  jobs: number;
  /** Bytes of messages and shared parts sent, and of results received, as they are compressed. */
  sent: number;
  received: number;
}>;

export type QueueExecutor = Executor & Readonly<{ traffic: () => Traffic }>;

/** Seconds that messages stay which are longer than what stands in a job. */
const MESSAGE_LIFETIME = 86_400;
/** Results that stay for who has not fetched them yet, of each queue. */
const KEPT_RESULTS = { count: 5000 };
/** Times that a job is asked for again after a worker sent nonsense, or died of it. */
const MOST_FAULTS = 5;
/** Milliseconds before a job is put into the queue again that came to a worker which must not do it. */
const PAUSE = 100;
/** Milliseconds that leaving may take where the queue is away. */
const FAREWELL = 2000;

type Waiter = Readonly<{
  options: SubmitOptions;
  resolve: (done: { outcome: Extract<Outcome, { outcome: "done" }>; bytes: Uint8Array }) => void;
  reject: (error: unknown) => void;
}>;

type Pending = {
  readonly id: string;
  readonly kind: string;
  readonly data: JobData;
  readonly message: Uint8Array;
  readonly shared: NonNullable<Content["shared"]>;
  readonly waiters: Set<Waiter>;
  /** When the queue was last asked for it, or about it. */
  asked: number;
  faults: number;
};

/** @throws UserError, one sentence, where the queue cannot be reached or its packages are missing. */
export async function openQueue(address: QueueAddress, options: QueueOptions): Promise<QueueExecutor> {
  const { patience = 600, say } = options;
  const connection = await connect(address, { patience, say });
  try {
    const opened = new RedisExecutor(connection, options);
    // A queue that goes away meanwhile would be waited for without an end.
    await Promise.race([opened.begin(), aborted(connection.gone)]);
    connection.gone.throwIfAborted();
    return opened;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

class RedisExecutor implements QueueExecutor {
  readonly #connection: Connection;
  readonly #options: QueueOptions;
  readonly #name: string;
  readonly #owner: string;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  /** The connection on which events of the queue come. */
  readonly #listening: Redis;
  readonly #sender: PartSender;
  readonly #pending = new Map<string, Pending>();
  readonly #closed = new AbortController();
  #slots = 1;
  #timer: NodeJS.Timeout | undefined;
  #warned = "";
  #traffic = { jobs: 0, sent: 0, received: 0 };

  constructor(connection: Connection, options: QueueOptions) {
    this.#connection = connection;
    this.#options = options;
    const { packages, redis } = connection;
    this.#name = queueName(placeOf(options.build, options.tag));
    this.#owner = options.owner ?? randomUUID();
    this.#queue = new packages.Queue(this.#name, { connection: redis, prefix: PREFIX });
    this.#listening = new packages.Redis(connection.options);
    this.#events = new packages.QueueEvents(this.#name, { connection: this.#listening, prefix: PREFIX });
    this.#sender = new PartSender(redis);
    // What goes wrong with a connection is waited for; `connection` says so, and for how long.
    this.#queue.on("error", () => undefined);
    this.#events.on("error", () => undefined);
    this.#listening.on("error", () => undefined);
    this.#events.on("completed", ({ jobId: id, returnvalue }) => {
      void this.#settle(id, returnvalue);
    });
    this.#events.on("failed", ({ jobId: id, failedReason }) => void this.#lost(id, failedReason));
    this.#events.on("duplicated", ({ jobId: id }) => void this.#look([id]));
    this.#events.on("active", ({ jobId: id }) => {
      for (const { options: own } of this.#waiters(id)) own.onStart?.();
    });
    this.#events.on("progress", ({ jobId: id, data }) => {
      for (const { options: own } of this.#waiters(id)) own.onProgress?.(data);
    });
    connection.gone.addEventListener("abort", () => this.#rejectAll(connection.gone.reason));
  }

  /** Resolves once it hears of what happens in the queue. */
  async begin(): Promise<void> {
    await this.#events.waitUntilReady();
    await this.#keepUp();
  }

  get slots(): number {
    return this.#slots;
  }

  traffic(): Traffic {
    return { ...this.#traffic, sent: this.#traffic.sent + this.#sender.bytes };
  }

  async submit<I, O>(kind: JobKind<I, O>, input: I, options: SubmitOptions = {}): Promise<Done<O>> {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    this.#connection.gone.throwIfAborted();
    const { shared = {}, ...part } = kind.input.encode(input);
    const message = encodePart(part);
    const data: JobData = {
      protocol: PROTOCOL,
      kind: kind.name,
      version: kind.version,
      neoblast: VERSION,
      build: this.#options.build,
      owner: this.#owner,
      copy: options.copy ?? 0,
      not: [...(options.not ?? [])],
      message:
        message.length > INLINE_BYTES
          ? { blob: sha256(message) }
          : { base64: Buffer.from(message).toString("base64") },
      shared: await this.#sender.send(shared),
    };
    const id = jobId(data, message);
    for (let faults = 1; ; faults++) {
      const { outcome, bytes } = await this.#done({ id, kind: kind.name, data, message, shared }, options);
      try {
        const { head, tensors } = decodePart(bytes);
        return { output: kind.output.decode({ head, tensors, shared: {} }), worker: outcome.worker };
      } catch (error) {
        // Whatever came is a stranger's, so that it must not end this process with an error of another kind.
        const reason = error instanceof Error ? error.message : String(error);
        if (faults > MOST_FAULTS) {
          throw new WorkFailure(
            `a job of kind ${kind.name} was given up after ${faults} results that cannot be used, the last from ${outcome.worker}: ${reason}`,
          );
        }
        this.#options.say(`What ${outcome.worker} sent is left out and asked for again: ${reason}`);
      }
    }
  }

  /** Waits for a job, and asks for it where nobody has. */
  #done(job: Omit<Pending, "waiters" | "asked" | "faults">, options: SubmitOptions) {
    return new Promise<Parameters<Waiter["resolve"]>[0]>((resolve, reject) => {
      const { signal } = options;
      const known = this.#pending.get(job.id);
      const pending = known ?? { ...job, waiters: new Set<Waiter>(), asked: 0, faults: 0 };
      const settled = () => signal?.removeEventListener("abort", stop);
      const waiter: Waiter = {
        options,
        resolve: (done) => {
          settled();
          resolve(done);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      const stop = () => {
        pending.waiters.delete(waiter);
        if (pending.waiters.size === 0) void this.#cancel(pending);
        waiter.reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      pending.waiters.add(waiter);
      if (known) return;
      this.#pending.set(job.id, pending);
      this.#post(pending).catch((error: unknown) => this.#reject(pending, error));
    });
  }

  #waiters(id: string): Iterable<Waiter> {
    return this.#pending.get(id)?.waiters ?? [];
  }

  async #post(pending: Pending): Promise<void> {
    const { id, data, message } = pending;
    pending.asked = performance.now();
    this.#traffic.jobs++;
    this.#traffic.sent += message.length;
    if ("blob" in data.message) {
      await this.#connection.redis.set(
        blobKey(data.message.blob),
        Buffer.from(message),
        "EX",
        MESSAGE_LIFETIME,
      );
    }
    await this.#queue.add(data.kind, data, {
      jobId: id,
      removeOnComplete: KEPT_RESULTS,
      removeOnFail: KEPT_RESULTS,
    });
  }

  async #repost(pending: Pending): Promise<void> {
    if (!this.#pending.has(pending.id)) return;
    await this.#queue.remove(pending.id);
    await this.#post(pending);
  }

  /** What came out of a job. */
  async #settle(id: string, value: unknown): Promise<void> {
    const pending = this.#pending.get(id);
    if (!pending) return;
    try {
      const outcome = parseOutcome(value);
      switch (outcome.outcome) {
        case "done": {
          const { message } = outcome;
          const key = keys.result(id);
          const blob = "blob" in message ? await this.#connection.redis.getBuffer(key) : null;
          if ("blob" in message && blob === null) return await this.#repost(pending);
          const bytes = bytesOf(message, blob);
          this.#traffic.received += bytes.length;
          if (!this.#pending.delete(id)) return;
          for (const waiter of pending.waiters) waiter.resolve({ outcome, bytes });
          return await this.#forget(id);
        }
        case "failed":
          this.#reject(pending, new JobFailure(outcome.worker, outcome.sentence));
          return await this.#forget(id);
        case "again":
          await this.#sender.resend(pending.shared, outcome.missing);
          if (outcome.missing.length === 0) {
            // It was not for that worker, and perhaps nobody else is there; or the queue has forgotten who waits.
            await this.#renewLease();
            await pause(PAUSE);
          }
          return await this.#repost(pending);
        default:
          return outcome satisfies never;
      }
    } catch (error) {
      await this.#faulty(pending, error instanceof Error ? error.message : String(error));
    }
  }

  /** A job that the queue gave up: its workers died one after the other. */
  async #lost(id: string, reason: string): Promise<void> {
    const pending = this.#pending.get(id);
    if (pending) await this.#faulty(pending, reason);
  }

  async #faulty(pending: Pending, reason: string): Promise<void> {
    pending.faults++;
    if (pending.faults <= MOST_FAULTS) {
      await this.#repost(pending).catch(() => undefined);
      return;
    }
    this.#reject(
      pending,
      new WorkFailure(`a job of kind ${pending.kind} was given up after ${pending.faults} tries: ${reason}`),
    );
  }

  #reject(pending: Pending, error: unknown): void {
    if (!this.#pending.delete(pending.id)) return;
    for (const waiter of pending.waiters) waiter.reject(error);
  }

  #rejectAll(error: unknown): void {
    for (const pending of this.#pending.values()) this.#reject(pending, error);
  }

  /** Looks whether jobs are done, or lost. */
  async #look(ids: readonly string[]): Promise<void> {
    const known = ids.filter((id) => this.#pending.has(id));
    if (known.length === 0) return;
    const pipeline = this.#connection.redis.pipeline();
    for (const id of known) {
      pipeline.hmget(this.#queue.toKey(id), "timestamp", "finishedOn", "returnvalue", "failedReason");
      pipeline.get(keys.outcome(id));
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [i, id] of known.entries()) {
      const [failed, fields] = replies[2 * i];
      const [, outcome] = replies[2 * i + 1];
      const pending = this.#pending.get(id);
      if (failed || !Array.isArray(fields) || !pending) continue;
      const [added, finished, value, reason]: unknown[] = fields;
      if (typeof value === "string" && finished !== null) await this.#settle(id, jsonOf(value));
      else if (typeof reason === "string" && finished !== null) await this.#lost(id, reason);
      else if (typeof outcome === "string") await this.#settle(id, jsonOf(outcome));
      else if (added === null) await this.#repost(pending).catch(() => undefined);
    }
  }

  /** Removes what is left of a job that is not needed any more. */
  async #forget(id: string): Promise<void> {
    await Promise.allSettled([
      this.#queue.remove(id),
      this.#connection.redis.del(keys.result(id), keys.outcome(id)),
    ]);
  }

  async #cancel(pending: Pending): Promise<void> {
    if (this.#pending.get(pending.id) !== pending) return;
    this.#pending.delete(pending.id);
    const { redis } = this.#connection;
    const removed = await this.#queue.remove(pending.id).catch(() => 0);
    if (removed === 0) await redis.set(keys.cancelled(pending.id), "1", "EX", 60).catch(() => undefined);
  }

  /** Now and then: says that somebody waits, looks for what was lost, and who works. */
  async #keepUp(): Promise<void> {
    const { look = 2 } = this.#options;
    const { redis } = this.#connection;
    try {
      await this.#renewLease();
      const workers = await workersOn(redis);
      this.#slots = Math.max(1, workers.filter((worker) => serves(worker, this.#options)).length);
      this.#warn(workers);
      const late = performance.now() - look * 1000;
      await this.#look([...this.#pending.values()].filter(({ asked }) => asked < late).map(({ id }) => id));
    } finally {
      if (!this.#closed.signal.aborted) {
        this.#timer = setTimeout(() => void this.#keepUp().catch(() => undefined), look * 1000);
      }
    }
  }

  /** Says that somebody waits, and for what kind of work this queue is. */
  async #renewLease(): Promise<void> {
    const { lease = 60, build, tag } = this.#options;
    await this.#connection.redis
      .pipeline()
      .set(keys.owner(this.#owner), this.#name, "PX", Math.ceil(lease * 1000))
      .hset(keys.queues, this.#name, JSON.stringify(placeOf(build, tag)))
      .exec();
  }

  /** Says once that nobody works, and why. */
  #warn(workers: readonly WorkerReport[]): void {
    const { build, tag, say } = this.#options;
    if (this.#pending.size === 0) return;
    const some = workers.find((worker) => serves(worker, this.#options));
    const other = workers.find((worker) => !serves(worker, this.#options));
    const wanted = `${buildOf(build)} of neoblast ${VERSION}${tag === undefined ? "" : ` and the tag ${tag}`}`;
    const line = some
      ? ""
      : other
        ? `Waiting for workers with ${wanted}; ${other.name} has ${buildOf(other.build)} of neoblast ${other.neoblast}${tag === undefined ? "" : ` and tags ${other.tags.join(",") || "none"}`}, whose bits would differ or who is not meant.`
        : `Waiting for workers with ${wanted}: neoblast worker --queue <this queue>`;
    if (line !== "" && line !== this.#warned) say(line);
    this.#warned = line;
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    const stopped = new UserError("the work was stopped");
    this.#closed.abort(stopped);
    clearTimeout(this.#timer);
    const pending = [...this.#pending.values()];
    for (const each of pending) for (const waiter of each.waiters) waiter.reject(stopped);
    const farewell = async () => {
      await Promise.all(pending.map((each) => this.#cancel(each)));
      await this.#connection.redis.del(keys.owner(this.#owner));
    };
    // Where the queue is away there is nobody to say it to.
    const time = this.#connection.redis.status === "ready" ? FAREWELL : 0;
    await within(time, farewell());
    await within(time, Promise.allSettled([this.#events.close(), this.#queue.close()]));
    this.#listening.disconnect();
    await this.#connection.close();
  }
}

/** Whether a worker can do jobs of a queue. */
function serves(worker: WorkerReport, { build, tag }: QueueOptions): boolean {
  return (
    worker.build === build && worker.neoblast === VERSION && (tag === undefined || worker.tags.includes(tag))
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
