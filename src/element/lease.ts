import type { Engine } from "../engine.ts";
import type { SharedEngine } from "./sharedEngine.ts";
import type { Simulation } from "./simulation.ts";

/** One user's hold on a shared engine. */
export class Lease {
  readonly #shared: SharedEngine;
  #engine: Promise<Engine> | undefined;

  constructor(shared: SharedEngine) {
    this.#shared = shared;
  }

  /** Gives a simulation the engine, unless the lease ends first. @throws Error, a sentence, where the browser cannot run it. */
  async give(simulation: Simulation): Promise<void> {
    const engine = (this.#engine ??= this.#shared.acquire());
    const started = await engine;
    if (this.#engine === engine) simulation.engine = started;
  }

  /** Ends the lease, if there is one. @param simulation what has the engine, and keeps its state. */
  async end(simulation: Simulation | undefined): Promise<void> {
    if (!this.#engine) return;
    this.#engine = undefined;
    try {
      if (simulation) simulation.engine = undefined;
      await simulation?.settle();
    } catch {
      // The engine has died, and the cells with it: whoever reads them next is told so.
    } finally {
      this.#shared.release();
    }
  }
}
