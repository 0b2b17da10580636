import type { Model } from "../model/model.ts";
import { fetchModel } from "./fetchModel.ts";

/** Loads a model from an address; a later load replaces an earlier one. */
export class Source {
  /** Whether it is still to be loaded. */
  due = false;
  #load: AbortController | undefined;

  /** @returns undefined where the load was ended. @throws UserError, a sentence, where there is no model. */
  async load(address: string): Promise<Model | undefined> {
    this.end();
    const { signal } = (this.#load = new AbortController());
    try {
      const model = await fetchModel(address, signal);
      return signal.aborted ? undefined : model;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Ends the load in flight. */
  end(): void {
    this.#load?.abort();
    this.#load = undefined;
    this.due = false;
  }

  /** Ends the load in flight, which is then due again. */
  interrupt(): void {
    const due = this.due || this.#load !== undefined;
    this.end();
    this.due = due;
  }
}
