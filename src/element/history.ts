import type { Plane } from "../rule/grid.ts";

/** Rows to a column, at most; fewer of a wide row. */
const TALLEST = 1.25;
const [FEWEST, MOST] = [24, 192];

/** What a row of cells was at its last steps, each step a row of a plane: time runs down, and the plane scrolls when it is full. */
export class History {
  /** Of what is shown. */
  readonly grid: Plane;
  readonly #states: Float32Array[] = [];

  /** @param width cells of the row. */
  constructor(width: number) {
    this.grid = [Math.min(MOST, Math.max(FEWEST, Math.round(TALLEST * width))), width];
  }

  /** Begins with a state, of shape (W, C). */
  restart(state: Float32Array): void {
    this.#states.splice(0, Infinity, state);
  }

  /** Replaces the latest state, which was edited. */
  replace(state: Float32Array): void {
    this.#states.splice(-1, 1, state);
  }

  /** Adds the states of the steps that follow. */
  add(states: readonly Float32Array[]): void {
    this.#states.push(...states);
    this.#states.splice(0, this.#states.length - this.grid[0]);
  }

  /** All of them as a state of shape (H, W, C), zeros below. */
  get plane(): Float32Array {
    const [rows] = this.grid;
    const plane = new Float32Array(rows * this.#states[0].length);
    for (const [row, state] of this.#states.entries()) plane.set(state, row * state.length);
    return plane;
  }
}
