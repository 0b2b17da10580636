/** Jobs in this process: nothing to install. Threads are the engine's. */
import type { Engine } from "../engine.ts";
import { UserError } from "../errors.ts";
import type { Done, Executor, SubmitOptions } from "./executor.ts";
import type { JobKind } from "./job.ts";

/** Name of the worker that this process is. */
export const HERE = "this process";

/**
 * An executor that does as many jobs at once as it is given engines, one with each, in the order in which they were asked
 * for. Inputs and outputs are handed on as they are.
 *
 * @param engines at least one; whoever made them disposes of them, after `close`.
 */
export function localExecutor(engines: readonly Engine[]): Executor {
  if (engines.length === 0) throw new RangeError("a local executor needs an engine");
  const idle = [...engines];
  const waiting: ((engine: Engine) => void)[] = [];
  const closed = new AbortController();
  const running = new Set<Promise<unknown>>();

  const take = async (signal: AbortSignal): Promise<Engine> => {
    signal.throwIfAborted();
    const ready = idle.shift();
    if (ready) return ready;
    return new Promise((resolve, reject) => {
      const begin = (engine: Engine) => {
        signal.removeEventListener("abort", stop);
        resolve(engine);
      };
      const stop = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      waiting.push(begin);
      signal.addEventListener("abort", stop, { once: true });
    });
  };
  const giveBack = (engine: Engine) => {
    const next = waiting.shift();
    if (next) next(engine);
    else idle.push(engine);
  };

  async function submit<I, O>(
    kind: JobKind<I, O>,
    input: I,
    { signal: own, onProgress, onStart }: SubmitOptions = {},
  ): Promise<Done<O>> {
    const signal = own ? AbortSignal.any([own, closed.signal]) : closed.signal;
    const engine = await take(signal);
    const work = async () => {
      signal.throwIfAborted();
      onStart?.();
      return kind.run(input, { engine, signal, progress: (report) => onProgress?.(report) });
    };
    const working = work();
    running.add(working);
    try {
      const output = await working;
      signal.throwIfAborted();
      return { output, worker: HERE };
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      running.delete(working);
      giveBack(engine);
    }
  }

  return {
    slots: engines.length,
    submit,
    async close() {
      closed.abort(new UserError("the work was stopped"));
      await Promise.allSettled(running);
    },
  };
}
