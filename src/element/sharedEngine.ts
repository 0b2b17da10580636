import type { Engine } from "../engine.ts";
import { createWorkerEngine } from "../engine/wasm/engine.ts";

/** One engine of one thread, shared by reference counting: started for the first user, disposed of after the last. */
export class SharedEngine {
  #users = 0;
  #engine: Promise<Engine> | undefined;

  /** Adds a user. Each call needs one `release`, also where it rejects. @throws Error, a sentence, where the browser cannot run it. */
  acquire(): Promise<Engine> {
    this.#users++;
    return (this.#engine ??= startEngine());
  }

  /** Removes a user. */
  release(): void {
    this.#users--;
    // An element that is moved is disconnected and connected again at once; the engine is kept meanwhile.
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
