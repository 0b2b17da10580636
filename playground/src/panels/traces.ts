import type { Mark } from "../../../src/element/index.ts";

/** Samples that are kept. */
const LONGEST = 400;
/** Cells that are followed at a time, each in a colour that differs from those of channels beside it. */
const COLOURS = ["#f08c00", "#ae3ec9", "#1c7ed6", "#0ca678"];

/** A cell, and the value of each of its channels after each of the steps; null before it was followed. */
export type Trace = Mark & Readonly<{ channels: readonly (number | null)[][] }>;

/** The channels of some cells over the last steps. */
export class Traces {
  readonly steps: number[] = [];
  cells: readonly Trace[] = [];

  /** Follows a cell, or removes one that is followed already. Of too many, the first is removed. */
  toggle(cell: Mark["cell"], channels: number): void {
    const others = this.cells.filter((each) => each.cell.join() !== cell.join());
    if (others.length < this.cells.length) this.cells = others;
    else {
      const stay = others.slice(-COLOURS.length + 1);
      const colour = COLOURS.find((each) => stay.every((other) => other.colour !== each))!;
      const empty = Array.from({ length: channels }, () => this.steps.map(() => null));
      this.cells = [...stay, { cell, colour, channels: empty }];
    }
    if (this.cells.length === 0) this.steps.length = 0;
  }

  /** Forgets all samples. @param keeps whether a cell is still followed. */
  clear(channels: number, keeps: (cell: Mark["cell"]) => boolean = () => true): void {
    this.steps.length = 0;
    this.cells = this.cells
      .filter(({ cell }) => keeps(cell))
      .map((trace) => ({ ...trace, channels: Array.from({ length: channels }, () => []) }));
  }

  /** Adds a sample after a step; where the step is smaller than the last one, it starts over. @param state shape (H, W, C). */
  add(step: number, state: Float32Array, width: number, channels: number): void {
    const { steps } = this;
    if (step < (steps.at(-1) ?? 0)) this.clear(channels);
    const at = steps.at(-1) === step ? steps.length - 1 : steps.push(step) - 1;
    for (const { cell, channels: held } of this.cells) {
      const first = (cell[0] * width + cell[1]) * channels;
      for (const [c, values] of held.entries()) values[at] = state[first + c];
    }
    if (steps.length <= LONGEST) return;
    for (const list of [steps, ...this.cells.flatMap((trace) => trace.channels)]) list.shift();
  }
}
