/** What an automaton at play holds, a few times a second. */
import type { NcaCanvas, Simulation } from "neoblast/element";

/** Milliseconds between two readings, at least. */
const PAUSE = 80;
const EVENTS = ["nca-load", "nca-step", "nca-edit"] as const;

/**
 * Reads an automaton whenever its cells have changed; never twice at a time. Where the page is asked to redraw for another
 * reason, `refresh`.
 *
 * @param show gets the state, shape (H, W, C).
 * @returns `refresh` reads at once; `stop` ends it.
 */
export function follow(
  element: NcaCanvas,
  show: (state: Float32Array, simulation: Simulation) => void,
): Readonly<{ refresh: () => void; stop: () => void }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = -1;
  let stopped = false;

  async function read(again: boolean): Promise<void> {
    const { simulation } = element;
    if (simulation && (again || simulation.revision !== shown)) {
      shown = simulation.revision;
      const state = await simulation.read();
      if (!stopped && simulation === element.simulation) show(state, simulation);
    }
    timer = undefined;
    // What was edited is in the state some frames later.
    if (!stopped && element.simulation?.revision !== shown) soon();
  }
  function soon(): void {
    timer ??= setTimeout(() => void read(false), PAUSE);
  }
  function loaded(): void {
    shown = -1;
    soon();
  }
  function edited(): void {
    soon();
    setTimeout(soon, 2 * PAUSE);
  }
  const listeners = { "nca-load": loaded, "nca-step": soon, "nca-edit": edited };
  for (const name of EVENTS) element.addEventListener(name, listeners[name]);
  soon();
  return {
    refresh: () => void read(true),
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const name of EVENTS) element.removeEventListener(name, listeners[name]);
    },
  };
}
