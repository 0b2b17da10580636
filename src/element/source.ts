import type { Model } from "../model/model.ts";
import { fetchModel } from "./fetchModel.ts";

/** Where a model comes from: an address that is loaded once, of which a later one takes the place. */
export class Source {
  /** It is still to be loaded. */
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

  /** Nothing is loaded any more. */
  end(): void {
    this.#load?.abort();
    this.#load = undefined;
    this.due = false;
  }

  /** A load in flight ends, and is due again. */
  interrupt(): void {
    const due = this.due || this.#load !== undefined;
    this.end();
    this.due = due;
  }
}
