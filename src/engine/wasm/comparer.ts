import type { Comparison } from "../../engine.ts";
import type { Box, Plane } from "../../rule/grid.ts";
import { comparisonScale, toEightBits } from "../comparison.ts";
import { cropState, union } from "../window.ts";
import { type Field, NOWHERE } from "./field.ts";
import type { Heap } from "./heap.ts";
import type { Kernels } from "./kernels.ts";
import type { Layout } from "./layout.ts";

/** Compares the state in memory with a picture, which is copied there once. */
export class Comparer {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layout: Layout;
  readonly #field: Field;
  readonly #grid: Plane;
  #comparison: Comparison | undefined;
  /** Outside this box the target is zero. */
  #pictured: Box = NOWHERE;
  #scale = 1;

  constructor(kernels: Kernels, heap: Heap, layout: Layout, field: Field, grid: Plane) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#field = field;
    this.#grid = grid;
  }

  /** @param box outside which the state is zero. */
  compare(comparison: Comparison, box: Box): number {
    if (comparison !== this.#comparison) this.#load(comparison);
    const { state, cellBytes, rowStride, target } = this.#layout;
    const { channels, offset } = comparison.readout;
    const { top, left, height, width } = union(this.#pictured, box);
    const columns = this.#grid[1];
    const measure =
      comparison.measure === "squared-error" ? this.#kernels.squaredError : this.#kernels.wrongPixels;
    const sum = measure({
      state: state + this.#field.cell(top, left) * cellBytes + offset * 4,
      cellBytes,
      stateStride: rowStride * cellBytes,
      target: target + (top * columns + left) * 16,
      targetStride: columns * 16,
      rows: height,
      width,
      channels,
    });
    return sum / this.#scale;
  }

  #load(comparison: Comparison): void {
    const { target, measure } = comparison;
    const compared = measure === "squared-error" ? target : target.map(toEightBits);
    this.#heap.floats.set(compared, this.#layout.target >> 2);
    this.#pictured = cropState(compared, this.#grid, 4);
    this.#scale = comparisonScale(comparison);
    this.#comparison = comparison;
  }
}
