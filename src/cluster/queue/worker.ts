/** A worker: does the jobs of a queue, one at a time, until it is told to leave. */
import type { Job, Worker } from "bullmq";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import type { JobKind } from "../job.ts";
import { decodePart, encodePart } from "../message.ts";
import type { QueueAddress } from "./address.ts";
import { addressText } from "./address.ts";
import { connect, type Connection, PREFIX } from "./connection.ts";
import {
  bytesOf,
  INLINE_BYTES,
  type JobData,
  type Outcome,
  parseJob,
  placeOf,
  queueName,
  sha256,
} from "./envelope.ts";
import { keys, queuesOn, reportWorker } from "./roster.ts";
import { blobKey, PartStore } from "./shared.ts";
import { aborted, within } from "./waiting.ts";
import { buildOf } from "./words.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- kinds of all inputs and outputs, each of which checks its own
export type AnyKind = JobKind<any, any>;

export type WorkerOptions = Readonly<{
  engine: Engine;
  /** Threads of the engine; for information. */
  threads: number;
  /** What it can do. */
  kinds: readonly AnyKind[];
  /** What it is called. Different from all others. */
  name: string;
  /** It does work that asks for one of these, too. */
  tags: readonly string[];
  /** Seconds after which a job of a worker that says nothing goes to another. */
  lock: number;
  /** Seconds that the queue may be away. */
  patience: number;
  /** Is told, in a line, what it does. */
  say: (line: string) => void;
}>;

/** Most times that a job is begun again after its worker died. */
const MOST_DEATHS = 10;
/** Seconds that a result stays which its asker has not fetched. */
const RESULT_LIFETIME = 86_400;
/** Milliseconds: between two reports of progress; that leaving may take. */
const PROGRESS = 500;
const FAREWELL = 3000;
/** Longest time between two signs of life, in seconds. */
const LONGEST_SILENCE = 5;

/** Why a job is stopped: its worker leaves, or nobody wants it any more. */
const LEAVING = Symbol("leaving");
const UNWANTED = Symbol("unwanted");

type Running = {
  readonly data: JobData;
  readonly controller: AbortController;
  title: string;
  lockLost: boolean;
};

/**
 * Works until the signal is aborted; then hands back at once what it holds.
 *
 * @throws UserError, one sentence, where the queue cannot be reached, or has been away for too long.
 */
export async function work(
  address: QueueAddress,
  options: WorkerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { patience, say } = options;
  const connection = await connect(address, { patience, say });
  const worker = new QueueWorker(connection, options);
  try {
    const over = aborted(AbortSignal.any([signal, connection.gone]));
    const opening = worker.open();
    // A queue that goes away while the worker joins would be waited for without an end.
    await Promise.race([opening.then(() => over), over]);
    connection.gone.throwIfAborted();
  } finally {
    await worker.close();
    await connection.close();
  }
}

class QueueWorker {
  readonly #connection: Connection;
  readonly #options: WorkerOptions;
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  readonly #parts = new PartStore();
  readonly #running = new Map<string, Running>();
  readonly #began = performance.now();
  /** When jobs were done, in the last minute. */
  #finished: number[] = [];
  #workers: Worker[] = [];
  #timer: NodeJS.Timeout | undefined;
  #left = false;
  #done = 0;
  #failed = 0;
  #busy = 0;
  readonly #refused = new Set<string>();

  constructor(connection: Connection, options: WorkerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  }

  async open(): Promise<void> {
    const { packages, redis } = this.#connection;
    const { engine, name, tags, lock, say, threads } = this.#options;
    await this.#report();
    this.#workers = [undefined, ...tags].map((tag) => {
      const worker = new packages.Worker(
        queueName(placeOf(engine.build, tag)),
        (job, token) => this.#process(job, token ?? ""),
        {
          connection: redis,
          prefix: PREFIX,
          name,
          lockDuration: lock * 1000,
          stalledInterval: lock * 1000,
          maxStalledCount: MOST_DEATHS,
          runRetryDelay: 1000,
        },
      );
      // What goes wrong with a connection is waited for, and a lock that was lost is dealt with below.
      worker.on("error", () => undefined);
      worker.on("lockRenewalFailed", (ids) => {
        for (const id of ids) {
          const running = this.#running.get(id);
          if (running) running.lockLost = true;
        }
      });
      return worker;
    });
    await Promise.all(this.#workers.map((worker) => worker.waitUntilReady()));
    const tagged = tags.length > 0 ? `, tags ${tags.join(",")}` : "";
    say(
      `Worker ${name} has joined ${addressText(this.#connection.address)}: ${buildOf(engine.build)}, ${threads} thread${threads === 1 ? "" : "s"}${tagged}.`,
    );
    this.#watch();
  }

  async close(): Promise<void> {
    this.#left = true;
    clearTimeout(this.#timer);
    const { redis } = this.#connection;
    // Where the queue is away, nothing can be handed back, and closing as usual would wait for it.
    const isAway = redis.status !== "ready";
    const closing = this.#workers.map((worker) => worker.close(isAway));
    for (const { controller } of this.#running.values()) controller.abort(LEAVING);
    await within(FAREWELL, Promise.allSettled(closing));
    if (!isAway) await within(FAREWELL, redis.del(keys.worker(this.#options.name)));
  }

  /** Does a job. @returns its outcome, for whoever asked. */
  async #process(job: Job, token: string): Promise<Outcome> {
    const { name, say } = this.#options;
    const id = job.id ?? "";
    const began = performance.now();
    let title = job.name.slice(0, 100);
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(2)} s`;
    const failed = (error: unknown): Outcome => {
      this.#failed++;
      const message = error instanceof Error ? error.message : String(error);
      say(`${title}: failed after ${seconds()}: ${message}`);
      return { outcome: "failed", worker: name, sentence: message.slice(0, 2000) };
    };
    let data: JobData;
    try {
      data = parseJob(job.data);
      this.#check(data);
    } catch (error) {
      return failed(error);
    }
    // Who asked puts it at the end of the queue: at its front it would be in the way of all others.
    if (data.not.includes(name)) return { outcome: "again", worker: name, missing: [] };
    const running: Running = { data, controller: new AbortController(), title, lockLost: false };
    this.#running.set(id, running);
    const { signal } = running.controller;
    try {
      const missing = await this.#fetch(id, data);
      if (missing) {
        say(
          `${title}: left undone, as ${missing.length > 0 ? "a part of it is missing" : "nobody waits for it"}.`,
        );
        return { outcome: "again", worker: name, missing: missing.slice(0, 100) };
      }
      const kind = this.#kindOf(data);
      const { input, shared } = await this.#input(data);
      const value: unknown = kind.input.decode({ ...input, shared });
      title = kind.title(value);
      running.title = title;
      let reported = 0;
      signal.throwIfAborted();
      const output: unknown = await kind.run(value, {
        engine: this.#options.engine,
        signal,
        progress: (report) => {
          const now = performance.now();
          if (now - reported < PROGRESS) return;
          reported = now;
          job.updateProgress(Object(report)).catch(() => undefined);
        },
      });
      signal.throwIfAborted();
      const { head, tensors = {} } = kind.output.encode(output);
      const outcome = await this.#deliver(id, encodePart({ head, tensors }), running.lockLost);
      this.#done++;
      this.#finished.push(performance.now());
      say(`${title}: ${seconds()}`);
      return outcome;
    } catch (error) {
      if (signal.reason === LEAVING) {
        if (this.#connection.redis.status === "ready") await within(FAREWELL, job.moveToWait(token));
        say(`${title}: handed back after ${seconds()}.`);
        throw waiting();
      }
      if (signal.reason === UNWANTED) {
        say(`${title}: stopped after ${seconds()}, as nobody waits for it any more.`);
        return { outcome: "again", worker: name, missing: [] };
      }
      return failed(error);
    } finally {
      this.#busy += performance.now() - began;
      this.#running.delete(id);
    }
  }

  /** @throws UserError where it cannot do the job with the bits that are wanted. */
  #check({ build, neoblast }: JobData): void {
    const { engine } = this.#options;
    if (build !== engine.build) {
      throw new UserError(
        `the job wants ${buildOf(build)}, and this worker has ${buildOf(engine.build)}, whose bits differ`,
      );
    }
    if (neoblast !== VERSION) {
      throw new UserError(`the job wants the bits of neoblast ${neoblast}, and this worker is ${VERSION}`);
    }
  }

  #kindOf({ kind: wanted, version }: JobData): AnyKind {
    const kind = this.#kinds.get(wanted);
    if (!kind) throw new UserError(`this worker does no jobs of kind ${wanted}`);
    if (kind.version !== version) {
      throw new UserError(
        `the job is version ${version} of kind ${kind.name}, and this worker does version ${kind.version}`,
      );
    }
    return kind;
  }

  /** Fetches what the job shares with others. @returns hashes of what is missing; none of them where nobody waits. */
  async #fetch(id: string, { owner, shared }: JobData): Promise<string[] | undefined> {
    const wanted = this.#parts.missing(Object.values(shared));
    const pipeline = this.#connection.redis.pipeline().exists(keys.owner(owner)).del(keys.cancelled(id));
    for (const hash of wanted) pipeline.getBuffer(blobKey(hash));
    const replies = ((await pipeline.exec()) ?? []).map(([, reply]) => reply);
    if (replies[0] === 0 || replies[1] === 1) return [];
    const missing = wanted.filter((hash, i) => {
      const bytes = replies[i + 2];
      if (!Buffer.isBuffer(bytes)) return true;
      this.#parts.add(hash, bytes);
      return false;
    });
    return missing.length > 0 ? missing : undefined;
  }

  async #input({ message, shared }: JobData) {
    const blob = "blob" in message ? await this.#connection.redis.getBuffer(blobKey(message.blob)) : null;
    const parts = this.#parts.take(shared);
    if (!parts) throw new UserError("the job shares more parts with others than are kept");
    return { input: decodePart(bytesOf(message, blob)), shared: parts };
  }

  async #deliver(id: string, bytes: Uint8Array, lockLost: boolean): Promise<Outcome> {
    const { name } = this.#options;
    const isLong = bytes.length > INLINE_BYTES;
    const { redis } = this.#connection;
    if (isLong) await redis.set(keys.result(id), Buffer.from(bytes), "EX", RESULT_LIFETIME);
    const message = isLong ? { blob: sha256(bytes) } : { base64: Buffer.from(bytes).toString("base64") };
    const outcome: Outcome = { outcome: "done", worker: name, message };
    // The queue will not take it; who asked finds it here.
    if (lockLost) await redis.set(keys.outcome(id), JSON.stringify(outcome), "EX", RESULT_LIFETIME);
    return outcome;
  }

  async #report(): Promise<void> {
    const { engine, name, threads, tags } = this.#options;
    const now = performance.now();
    this.#finished = this.#finished.filter((at) => now - at < 60_000);
    const report = {
      name,
      neoblast: VERSION,
      engine: engine.name,
      build: engine.build,
      threads,
      tags: [...tags],
      done: this.#done,
      failed: this.#failed,
      lately: this.#finished.length,
      seconds: (now - this.#began) / 1000,
      busy: this.#busy / 1000,
      doing: [...this.#running.values()].map(({ title }) => title.slice(0, 200)),
    };
    await reportWorker(this.#connection.redis, report, 4 * this.#silence());
  }

  #silence(): number {
    return Math.min(LONGEST_SILENCE, this.#options.lock / 3);
  }

  /** Now and then: says that it is there, and looks whether its jobs are wanted. */
  #watch(): void {
    const look = async () => {
      await this.#report();
      const { redis } = this.#connection;
      const running = [...this.#running];
      const pipeline = redis.pipeline();
      for (const [id, { data }] of running) {
        pipeline.exists(keys.cancelled(id)).exists(keys.owner(data.owner));
      }
      const replies = ((await pipeline.exec()) ?? []).map(([, reply]) => reply);
      for (const [i, [, { controller }]] of running.entries()) {
        if (replies[2 * i] === 1 || replies[2 * i + 1] === 0) controller.abort(UNWANTED);
      }
      await this.#refuse();
    };
    this.#timer = setTimeout(() => {
      look()
        .catch(() => undefined)
        .finally(() => {
          if (!this.#left) this.#watch();
        });
    }, this.#silence() * 1000);
  }

  /** Says once of each queue that it leaves to others. */
  async #refuse(): Promise<void> {
    const { engine, tags, say } = this.#options;
    for (const [queue, { build, neoblast, tag }] of Object.entries(await queuesOn(this.#connection.redis))) {
      const isMine = build === engine.build && neoblast === VERSION;
      if (this.#refused.has(queue) || (isMine && (tag === undefined || tags.includes(tag)))) continue;
      if ((await this.#connection.redis.llen(`${PREFIX}:${queue}:wait`)) === 0) continue;
      this.#refused.add(queue);
      const wanted = isMine ? `the tag ${tag}` : `${buildOf(build)} of neoblast ${neoblast}`;
      const has = isMine
        ? "does not have it"
        : `has ${buildOf(engine.build)} of ${VERSION}, whose bits differ`;
      say(`Work that wants ${wanted} is left to others: this worker ${has}.`);
    }
  }
}

/** What BullMQ expects to be thrown for a job that was moved back. */
function waiting(): Error {
  return Object.assign(new Error("the job waits again"), { name: "WaitingError" });
}
