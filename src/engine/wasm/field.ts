import { type Box, type Plane, wholeBox } from "../../rule/grid.ts";
import type { StateWindow } from "../window.ts";
import type { Heap } from "./heap.ts";
import type { CellBox, Kernels } from "./kernels.ts";
import type { Layout } from "./layout.ts";

export const NOWHERE: Box = { top: 0, left: 0, height: 0, width: 0 };

/** Bits of the cells of a box, as the kernel `settle` writes them. */
export type Bits = Readonly<{ box: Box; bits: Uint8Array }>;

/**
 * The grid with its margins: where cells lie, and what is done to whole boxes of them, in byte maps (one byte a cell)
 * and in states and cotangents (`layout.cellBytes` a cell). Maps and states are named by their address.
 */
export class Field {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layout: Layout;
  readonly #grid: Plane;
  readonly #wraps: boolean;

  constructor(kernels: Kernels, heap: Heap, layout: Layout, grid: Plane, wraps: boolean) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#grid = grid;
    this.#wraps = wraps;
  }

  /** The whole grid. */
  whole(): Box {
    return wholeBox(this.#grid);
  }

  /** Number of a cell in the margined layout. */
  cell(y: number, x: number): number {
    return this.#layout.origin + y * this.#layout.rowStride + x;
  }

  /** A box as kernels take it. */
  cells({ top, left, height, width }: Box): CellBox {
    return { first: this.cell(top, left), rows: height, width, stride: this.#layout.rowStride };
  }

  /** The box with `by` more cells on each side; on a torus, all rows or columns where it crosses an edge. */
  grow({ top, left, height, width }: Box, by: number): Box {
    if (height === 0) return NOWHERE;
    const extend = (start: number, length: number, limit: number): [number, number] => {
      const from = start - by;
      const to = start + length + by;
      if (this.#wraps && (from < 0 || to > limit)) return [0, limit];
      return [Math.max(from, 0), Math.min(to, limit) - Math.max(from, 0)];
    };
    const [newTop, newHeight] = extend(top, height, this.#grid[0]);
    const [newLeft, newWidth] = extend(left, width, this.#grid[1]);
    return { top: newTop, left: newLeft, height: newHeight, width: newWidth };
  }

  /** to = from dilated `times` by its 3x3 neighbourhood; returns a box around it. `post` is used in between. */
  dilate(from: number, to: number, box: Box, times: number): Box {
    const { post } = this.#layout;
    let source = from;
    let grown = box;
    for (let left = times; left > 0; left--) {
      const target = left % 2 === 1 ? to : post;
      grown = this.grow(grown, 1);
      this.dilateWithin(source, target, grown);
      source = target;
    }
    if (times > 1) this.clearRows(post, grown);
    return grown;
  }

  /** The same once, inside a box and no further. */
  dilateWithin(from: number, to: number, box: Box): void {
    this.mirror(from, 1, 1);
    this.#kernels.dilate(from, to, this.cells(box));
  }

  /** to = from, inside a box. */
  copyMap(from: number, to: number, { top, left, height, width }: Box): void {
    for (let y = top; y < top + height; y++) {
      const first = this.cell(y, left);
      this.#heap.bytes.copyWithin(to + first, from + first, from + first + width);
    }
  }

  /** On a torus: copies the opposite edges into `radius` cells of the margin. */
  mirror(base: number, cellBytes: number, radius: number): void {
    if (!this.#wraps) return;
    this.#kernels.mirrorMargin({ grid: this.cells(this.whole()), base, cellBytes, radius });
  }

  /** The adjoint of {@link mirror}: adds the margin to the opposite edges and empties it. */
  fold(base: number, cellBytes: number, radius: number): void {
    if (!this.#wraps) return;
    this.#kernels.foldMargin({ grid: this.cells(this.whole()), base, cellBytes, radius });
  }

  /** to = a and not b, inside a box; says whether anything is left. */
  without(a: number, b: number, to: number, box: Box): boolean {
    return this.#kernels.without(a, b, to, this.cells(box));
  }

  /** Empties a map in all columns of a box's rows. */
  clearRows(map: number, { top, height }: Box): void {
    const first = map + this.cell(top, 0);
    this.#heap.bytes.fill(0, first, first + height * this.#layout.rowStride);
  }

  /** The bits that `settle` wrote for a box. */
  bitsOf({ height, width }: Box): Uint8Array {
    const { bits } = this.#layout;
    return this.#heap.bytes.slice(bits, bits + height * Math.ceil(width / 16) * 2);
  }

  /** Makes the map `live` of such bits. */
  spread({ box, bits }: Bits): void {
    const layout = this.#layout;
    this.#heap.bytes.set(bits, layout.bits);
    this.#kernels.spread(layout.bits, layout.live, this.cells(box));
  }

  /** Sets a map inside a box. */
  fillMap(map: number, { top, left, height, width }: Box, value: number): void {
    for (let y = top; y < top + height; y++) {
      const first = map + this.cell(y, left);
      this.#heap.bytes.fill(value, first, first + width);
    }
  }

  /** The byte map, outside the heap, of bytes of shape (H, W). */
  withMargin(cells: Uint8Array): Uint8Array {
    const [height, width] = this.#grid;
    const map = new Uint8Array(this.#layout.mapBytes);
    for (let y = 0; y < height; y++) map.set(cells.subarray(y * width, (y + 1) * width), this.cell(y, 0));
    return map;
  }

  /** Empties a state or a cotangent inside a box. */
  clearCells(cells: number, { top, left, height, width }: Box): void {
    const { cellBytes } = this.#layout;
    for (let y = top; y < top + height; y++) {
      const first = cells + this.cell(y, left) * cellBytes;
      this.#heap.bytes.fill(0, first, first + width * cellBytes);
    }
  }

  /** Writes a window of padded cells into a state. */
  copyIn(cells: number, { top, left, height, width, data }: StateWindow): void {
    const { paddedChannels } = this.#layout;
    const row = width * paddedChannels;
    for (let y = 0; y < height; y++) {
      const to = (cells >> 2) + this.cell(top + y, left) * paddedChannels;
      this.#heap.floats.set(data.subarray(y * row, (y + 1) * row), to);
    }
  }

  /**
   * A copy of a state or a cotangent inside a box.
   *
   * @param channels of a cell in it: those of the rule, or as many as padding makes of them, which copies rows whole.
   */
  copyOut(cells: number, { top, left, height, width }: Box, channels = this.#layout.channels): StateWindow {
    const { paddedChannels } = this.#layout;
    const { floats } = this.#heap;
    const data = new Float32Array(height * width * channels);
    for (let y = 0, to = 0; y < height; y++) {
      let from = (cells >> 2) + this.cell(top + y, left) * paddedChannels;
      if (channels === paddedChannels) {
        data.set(floats.subarray(from, from + width * channels), to);
        to += width * channels;
        continue;
      }
      for (let x = 0; x < width; x++, from += paddedChannels) {
        for (let c = 0; c < channels; c++) data[to++] = floats[from + c];
      }
    }
    return { top, left, height, width, data };
  }
}
