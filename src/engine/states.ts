/** States in JavaScript memory, and what all who hold states share. */
import type { State, StateReading, StateStats } from "../engine.ts";
import type { Grid } from "../rule/grid.ts";
import { boxOf, expandWindow } from "./window.ts";

/** What the calls of a state say after its `dispose`. */
export const DISPOSED = "the state was disposed of";

/** Disposes of states; arrays among them are nobody's to free. */
export function disposeStates(states: Iterable<Float32Array | State>): void {
  for (const state of states) if (!(state instanceof Float32Array)) state.dispose();
}

/** A start of a rollout for whoever keeps it: of a state a share. Arrays are garbage in time. */
export function shareStart(start: Float32Array | State): Float32Array | State {
  return start instanceof Float32Array ? start : start.share();
}

/** A state as the window outside which it is zero. */
export class WindowState implements State {
  readonly grid: Grid;
  readonly channels: number;
  #reading: StateReading | undefined;

  constructor(grid: Grid, channels: number, reading: StateReading) {
    this.grid = grid;
    this.channels = channels;
    this.#reading = reading;
  }

  /** Not a copy. @throws Error once it was disposed of. */
  get window(): StateReading {
    if (!this.#reading) throw new Error(DISPOSED);
    return this.#reading;
  }

  async read(): Promise<Float32Array> {
    return expandWindow(this.window, this.grid, this.channels);
  }

  async readWindow(): Promise<StateReading> {
    return { ...this.window, data: this.window.data.slice() };
  }

  async stats(): Promise<StateStats> {
    return { box: boxOf(this.window), livingCells: this.window.livingCells };
  }

  share(): WindowState {
    return new WindowState(this.grid, this.channels, this.window);
  }

  dispose(): void {
    this.#reading = undefined;
  }
}
