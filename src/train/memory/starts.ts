/** What rollouts start from that begin anew. */
import { cropState, type StateWindow } from "../../engine/window.ts";
import type { Draw } from "../../random.ts";
import type { Grid } from "../../rule/grid.ts";

/**
 * One state of shape (...grid, C) for all, such as a seed (`startState`); or a function of the goal and of what it is drawn from,
 * for starts that are data or noise.
 */
export type StartState = Float32Array | ((goal: number, draw: Draw) => Float32Array);

export class Starts {
  /** The one state that all start as; undefined where they differ. */
  readonly fixed: StateWindow | undefined;
  readonly #start: StartState;
  readonly #grid: Grid;
  readonly #channels: number;

  constructor(start: StartState, grid: Grid, channels: number) {
    this.#start = start;
    this.#grid = grid;
    this.#channels = channels;
    this.fixed = typeof start === "function" ? undefined : cropState(start, grid, channels);
  }

  /** Shape (...grid, C); not to be changed. */
  state(goal: number, draw: Draw): Float32Array {
    return typeof this.#start === "function" ? this.#start(goal, draw) : this.#start;
  }

  /** The same as a window; of one state for all, always the same object. */
  window(goal: number, draw: Draw): StateWindow {
    return this.fixed ?? cropState(this.state(goal, draw), this.#grid, this.#channels);
  }
}
