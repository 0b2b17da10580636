import type { Engine } from "../engine.ts";
import { createWorkerEngine } from "../engine/wasm/engine.ts";

/** One engine, of one thread, for all who want it at a time: started with the first of them, disposed after the last. */
export class SharedEngine {
  #users = 0;
  #engine: Promise<Engine> | undefined;

  /** To be followed by one `release`, also where it rejects. @throws Error, a sentence, where the browser cannot run it. */
  acquire(): Promise<Engine> {
    this.#users++;
    return (this.#engine ??= startEngine());
  }

  /** What was acquired is not used any more. */
  release(): void {
    this.#users--;
    // An element that is moved leaves its place and is back at once; the engine outlives that.
    setTimeout(() => {
      if (this.#users > 0) return;
      const engine = this.#engine;
      this.#engine = undefined;
      engine?.then((started) => started.dispose()).catch(() => undefined);
    });
  }
}

async function startEngine(): Promise<Engine> {
  try {
    return await createWorkerEngine({ threads: 1 });
  } catch (cause) {
    if (typeof WebAssembly === "object" && !(cause instanceof WebAssembly.CompileError)) throw cause;
    if (String(cause).includes("Content Security")) {
      throw new Error("This page's security policy must allow WebAssembly: script-src 'wasm-unsafe-eval'.", {
        cause,
      });
    }
    throw new Error(
      "This browser lacks WebAssembly SIMD; a current Chrome, Edge, Firefox or Safari has it.",
      { cause },
    );
  }
}
