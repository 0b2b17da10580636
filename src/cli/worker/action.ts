import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { work } from "../../cluster/queue/worker.ts";
import { openEngine } from "../engine.ts";
import { addressOf, PATIENCE } from "../queueOption.ts";
import { interruptible, isInterruption } from "../terminal/interrupt.ts";
import { say } from "../terminal/print.ts";
import { usageError } from "../values.ts";
import { jobKinds } from "./kinds.ts";
import type { WorkerCommandOptions } from "./options.ts";

/** Samples of a job, about: as many threads as there are have something to do. */
const SAMPLES = 64;

/** Works until it is asked to leave. */
export async function worker(options: WorkerCommandOptions): Promise<void> {
  const { queue, engine: name = "wasm", kernels, threads, tags = [], lock, patience = PATIENCE } = options;
  const address = addressOf(queue);
  if (name !== "wasm" && (kernels || threads !== "auto")) {
    throw usageError(
      `the ${name} engine has neither threads nor kernels to choose from; leave those options out`,
    );
  }
  const setup = { threads, kernels: kernels ?? "auto", samples: SAMPLES };
  try {
    await interruptible(async (signal) => {
      const opened = await openEngine(name, setup);
      const own = {
        engine: opened.engine,
        threads: opened.threads,
        kinds: jobKinds,
        name: `${hostname().slice(0, 60)}-${randomBytes(3).toString("hex")}`,
        tags: [...new Set(tags)],
        lock,
        patience,
        say,
      };
      try {
        await work(address, own, signal);
        signal.throwIfAborted();
      } finally {
        await opened.engine.dispose();
      }
    });
  } catch (error) {
    // To leave when asked to is how a worker ends well.
    if (!isInterruption(error)) throw error;
    say("The worker has left.");
  }
}
