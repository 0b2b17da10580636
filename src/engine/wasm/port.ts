/** How the engine reaches a worker: in its own thread, or through messages. */
import { Board } from "./control.ts";
import type { Membership, SharedWorkspace } from "./helper.ts";
import {
  type Breathe,
  JobRunner,
  type PullJob,
  type PullResult,
  type RunJob,
  type RunResult,
} from "./jobs.ts";

export interface WorkerPort {
  /** Has the worker help others with their samples, where it can and has none of its own. */
  help(): void;
  /** One result for each sample of the job. */
  run(job: RunJob, signal: AbortSignal | undefined): Promise<RunResult[]>;
  pull(job: PullJob, signal: AbortSignal | undefined): Promise<PullResult>;
  release(tape: number): void;
  close(): void;
}

export type Request =
  | {
      readonly kind: "start";
      readonly module: WebAssembly.Module;
      /** Absent where threads share no memory. */
      readonly membership?: Membership | undefined;
    }
  | { readonly kind: "workspace"; readonly workspace: SharedWorkspace }
  | { readonly kind: "removed"; readonly removed: Pick<SharedWorkspace, "owner" | "id"> }
  | { readonly kind: "help" }
  | { readonly kind: "run"; readonly id: number; readonly job: RunJob }
  | { readonly kind: "pull"; readonly id: number; readonly job: PullJob }
  | { readonly kind: "release"; readonly tape: number }
  | { readonly kind: "abort"; readonly id: number };

type Result = RunResult[] | PullResult;

export type Reply =
  | { readonly workspace: SharedWorkspace }
  | { readonly removed: Pick<SharedWorkspace, "owner" | "id"> }
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: string; readonly name: string };

/** A started worker, of the web or of Node. */
export interface WorkerHandle {
  post(message: Request): void;
  onMessage(listener: (message: Reply) => void): void;
  onError(listener: (error: Error) => void): void;
  terminate(): void;
}

/** Starts a worker from the text of a classic script that listens to `message` and calls `postMessage`. */
export type Spawn = (source: string) => WorkerHandle;

/** Milliseconds of work between two looks at messages, timers and the abort signal. */
const BREATH = 50;

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Lets other tasks run now and then, and ends the job when `check` throws. */
export function breathing(check: () => void): Breathe {
  let last = performance.now();
  return () => {
    if (performance.now() - last < BREATH) return undefined;
    return nextTask().then(() => {
      last = performance.now();
      check();
    });
  };
}

/** A worker that is the calling thread; jobs run one after another and let the thread breathe. */
export function inlinePort(module: WebAssembly.Module): WorkerPort {
  let runner = new JobRunner(module);
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(signal: AbortSignal | undefined, job: (breathe: Breathe) => Promise<T>): Promise<T> => {
    const check = () => {
      signal?.throwIfAborted();
      if (closed) throw new Error("the engine was disposed");
    };
    const result = turn.then(() => {
      check();
      return job(breathing(check));
    });
    turn = result.catch(() => undefined);
    return result;
  };
  return {
    run: (job, signal) => inTurn(signal, (breathe) => runner.run(job, breathe)),
    pull: (job, signal) => inTurn(signal, (breathe) => runner.pull(job, breathe)),
    help: () => {},
    release: (tape) => void (turn = turn.then(() => runner.release(tape))),
    close: () => {
      closed = true;
      runner = new JobRunner(module);
    },
  };
}

/** A worker's place among those that share memory, and what passes what it says of its workspaces on to them. */
export type Shared = Readonly<{ membership: Membership; relay: (request: Request) => void }>;

/** A worker in a thread of its own, which hears what others relay through `post`. */
export function workerPort(
  worker: WorkerHandle,
  module: WebAssembly.Module,
  shared?: Shared,
): WorkerPort & { post(request: Request): void } {
  const board = shared && new Board(shared.membership.words);
  const pending = new Map<number, { resolve: (result: Result) => void; reject: (error: unknown) => void }>();
  let nextId = 0;
  const post = (request: Request) => {
    board?.announce(shared!.membership.thread);
    worker.post(request);
  };
  worker.onMessage((reply) => {
    if ("workspace" in reply) return shared?.relay({ kind: "workspace", ...reply });
    if ("removed" in reply) return shared?.relay({ kind: "removed", ...reply });
    const call = pending.get(reply.id);
    pending.delete(reply.id);
    if ("error" in reply) {
      const error = reply.name === "RangeError" ? new RangeError(reply.error) : new Error(reply.error);
      call?.reject(error);
    } else call?.resolve(reply.result);
  });
  let failure: Error | undefined;
  worker.onError((error) => {
    failure ??= error;
    for (const call of pending.values()) call.reject(error);
    pending.clear();
  });
  worker.post({ kind: "start", module, membership: shared?.membership });
  const call = (signal: AbortSignal | undefined, request: (id: number) => Request): Promise<Result> => {
    signal?.throwIfAborted();
    if (failure) return Promise.reject(failure);
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const abort = () => {
        pending.delete(id);
        post({ kind: "abort", id });
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const settled = () => signal?.removeEventListener("abort", abort);
      pending.set(id, {
        resolve: (result) => (settled(), resolve(result)),
        reject: (error) => (settled(), reject(error)),
      });
      board?.lead(1);
      post(request(id));
    });
  };
  return {
    async run(job, signal) {
      const result = await call(signal, (id) => ({ kind: "run", id, job }));
      if (Array.isArray(result)) return result;
      throw new TypeError("a worker answered another question");
    },
    async pull(job, signal) {
      const result = await call(signal, (id) => ({ kind: "pull", id, job }));
      if (!Array.isArray(result)) return result;
      throw new TypeError("a worker answered another question");
    },
    help: () => {
      if (shared?.membership.helps && pending.size === 0) post({ kind: "help" });
    },
    post,
    release: (tape) => post({ kind: "release", tape }),
    close: () => {
      for (const { reject } of pending.values()) reject(new Error("the engine was disposed"));
      pending.clear();
      worker.terminate();
    },
  };
}
