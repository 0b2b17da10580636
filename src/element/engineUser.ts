import type { Engine } from "../engine.ts";
import type { SharedEngine } from "./sharedEngine.ts";
import type { Simulation } from "./simulation.ts";

/** One user of a shared engine, counted from `attach` to `detach`. */
export class EngineUser {
  readonly #shared: SharedEngine;
  #engine: Promise<Engine> | undefined;

  constructor(shared: SharedEngine) {
    this.#shared = shared;
  }

  /** Gives a simulation the engine, unless `detach` is called first. @throws Error, a sentence, where the browser cannot run it. */
  async attach(simulation: Simulation): Promise<void> {
    const engine = (this.#engine ??= this.#shared.acquire());
    const started = await engine;
    if (this.#engine === engine) simulation.engine = started;
  }

  /** Stops using the engine, if it is used. @param simulation what has the engine, and keeps its state. */
  async detach(simulation: Simulation | undefined): Promise<void> {
    if (!this.#engine) return;
    this.#engine = undefined;
    try {
      if (simulation) simulation.engine = undefined;
      await simulation?.settle();
    } catch {
      // The engine has failed, and the state is lost with it: the next read reports that.
    } finally {
      this.#shared.release();
    }
  }
}
