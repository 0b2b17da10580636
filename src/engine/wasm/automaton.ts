import type { Comparison, Graft } from "../../engine.ts";
import { fireLimit } from "../../random.ts";
import type { Box, Plane } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { boxOf, type StateWindow, union } from "../window.ts";
import { NOISE_LIMIT } from "../../step/noise.ts";
import type { Board } from "./control.ts";
import { Comparer } from "./comparer.ts";
import { type Bits, Field, NOWHERE } from "./field.ts";
import { Heap } from "./heap.ts";
import { type Cells, instantiateKernels, type Kernels } from "./kernels.ts";
import { STRIDE } from "./chunk.ts";
import { layOut, type Layout } from "./layout.ts";
import type { Network } from "./network.ts";
import { type Chunk, chunksOf, type Draw, StepTasks } from "./stepTasks.ts";

/** Threads that may work on one sample together, the one that runs it counted, and where they meet. */
export type Sharing = Readonly<{ threads: number; board: Board }>;

const NO_BITS: Bits = { box: NOWHERE, bits: new Uint8Array(0) };

/** What one step leaves behind for its backward pass. */
export type StepRecord = Readonly<{
  /** Cells updated, CHUNK to a block. */
  count: number;
  blocks: readonly number[];
  /** Where cells live after the step. */
  box: Box;
  /** Which do, as bits of another box around them. */
  live: Bits;
  /** The state before the step, of padded cells, where its backward pass needs it. */
  before?: StateWindow | undefined;
}>;

/** Which numbers a sample draws its fire masks from. */
export type FireKey = Readonly<{ seed: number; sample: number }>;

/**
 * One sample on its grid, step by step, forward and backward: the sparse and exact engine of `engine/README.md`.
 * Holds the memory; several samples use it in turn.
 */
export class Automaton {
  readonly heap: Heap;
  readonly layout: Layout;
  /** The sample's own. */
  readonly network: Network;
  readonly #tasks: StepTasks;
  /** Which network each cell runs: 0 the sample's own, n that of graft n, in the margined layout; undefined: all cells run the first. */
  #networkOf: Uint8Array | undefined;
  readonly #kernels: Kernels;
  readonly #grid: Plane;
  readonly #field: Field;
  readonly #comparer: Comparer;
  readonly #state: Cells;
  readonly #cotangent: Cells;
  #beforeBox: Box = NOWHERE;
  #rule!: Rule;
  #limit = 0;
  /** Where 0 exceeds the threshold, emptiness is alive and every cell must be looked at. */
  #emptyAlive = false;
  /** Every cell must be evaluated: there is no mask, or one that empty cells pass on their own. */
  #dense = false;
  /** Outside this box the state is zero. */
  #box: Box = NOWHERE;
  /** Outside this box all pinned channels are zero, and so at every step. */
  #pinnedBox: Box = NOWHERE;
  /** Outside this box the cotangent is zero. */
  #cotangentBox: Box = NOWHERE;

  /** @param grafts number of grafted parameter sets. @param sharing with whom its steps are shared; default nobody. */
  constructor(module: WebAssembly.Module, rule: Rule, grid: Plane, grafts = 0, sharing?: Sharing) {
    this.layout = layOut(rule, grid, grafts, sharing?.threads);
    this.heap = Heap.create(this.layout.end, sharing !== undefined);
    this.#kernels = instantiateKernels(module, this.heap.memory);
    this.#grid = grid;
    const { state, cotangent, cellBytes } = this.layout;
    this.#state = { at: state, cellBytes };
    this.#cotangent = { at: cotangent, cellBytes };
    const own = { gridWidth: grid[1], board: sharing?.board };
    this.#tasks = new StepTasks(this.#kernels, this.heap, this.layout, own);
    this.network = this.#tasks.networks[0];
    this.#field = new Field(this.#kernels, this.heap, this.layout, grid, rule.boundary === "wrap");
    this.#comparer = new Comparer(this.#kernels, this.heap, this.layout, this.#field, grid);
    this.#field.fillMap(this.layout.everything, this.#field.whole(), 1);
  }

  /** Sets rule and graft (of the same layout), parameters and conditioning vector. */
  configure(rule: Rule, parameters: Float32Array, input: Float32Array | undefined, graft?: Graft): void {
    const sets = [parameters, ...(graft?.parameters ?? [])];
    this.#tasks.networks.forEach((network, set) => network.configure(rule, sets[set], input));
    this.#networkOf = graft && this.#field.withMargin(graft.cells);
    if (rule === this.#rule && rule.alive.mask !== "after") return;
    this.#rule = rule;
    this.#limit = fireLimit(rule.fireRate);
    this.#writePins(rule);
    this.#tasks.describe(rule);
    const { mask, threshold } = rule.alive;
    this.#emptyAlive = Math.fround(threshold) < 0;
    this.#dense = mask === "none" || (mask === "after" && (this.#emptyAlive || this.#quietCellsWake(rule)));
  }

  /** Replaces the state. */
  load(window: StateWindow): void {
    const { layout, heap } = this;
    const { channels, paddedChannels, state, support, alive } = layout;
    this.#field.clearCells(state, this.#box);
    this.#field.clearRows(support, this.#box);
    if (layout.pinned) heap.bytes.fill(0, layout.pinned, layout.pinned + layout.mapBytes);
    this.#pinnedBox = NOWHERE;
    const { pinned = [] } = this.#rule;
    if (this.#emptyAlive) this.#field.fillMap(alive, this.#field.whole(), 1);
    else heap.bytes.fill(0, alive, alive + layout.mapBytes);
    const { channel } = this.#rule.alive;
    const threshold = Math.fround(this.#rule.alive.threshold);
    for (let y = 0; y < window.height; y++) {
      for (let x = 0; x < window.width; x++) {
        const cell = this.#field.cell(window.top + y, window.left + x);
        const from = (y * window.width + x) * channels;
        const to = (state >> 2) + cell * paddedChannels;
        let some = 0;
        for (let c = 0; c < channels; c++) {
          const value = window.data[from + c];
          heap.floats[to + c] = value;
          if (value !== 0) some = 1;
        }
        heap.bytes[support + cell] = some;
        if (pinned.some((c) => window.data[from + c] !== 0)) {
          heap.bytes[layout.pinned + cell] = 1;
          const here = { top: window.top + y, left: window.left + x, height: 1, width: 1 };
          this.#pinnedBox = union(this.#pinnedBox, here);
        }
        heap.bytes[alive + cell] = heap.floats[to + channel] > threshold ? 1 : 0;
      }
    }
    this.#box = this.#rule.alive.mask === "none" || this.#emptyAlive ? this.#field.whole() : window;
  }

  /** A copy of the state. */
  window(): StateWindow {
    return this.#field.copyOut(this.layout.state, this.#box);
  }

  /** Compares the state with a picture; fastest with the comparison that was the last. */
  compare(comparison: Comparison): number {
    return this.#comparer.compare(comparison, this.#box);
  }

  /** Cells whose alive channel exceeds the threshold; all cells where the rule has no mask. */
  livingCells(): number {
    if (this.#rule.alive.mask === "none") return this.#grid[0] * this.#grid[1];
    let count = 0;
    for (let y = this.#box.top; y < this.#box.top + this.#box.height; y++) {
      const row = this.layout.alive + this.#field.cell(y, this.#box.left);
      for (let x = 0; x < this.#box.width; x++) count += this.heap.bytes[row + x];
    }
    return count;
  }

  /**
   * One step.
   *
   * @param number of the step in the fire masks.
   * @param takeBlock where blocks for the record come from; without it, the same scratch block serves all, and the
   *   record cannot be pulled back.
   */
  step({ seed, sample }: FireKey, number: number, takeBlock?: () => number): StepRecord {
    const { layout } = this;
    const kernels = this.#kernels;
    const { mask } = this.#rule.alive;
    const box = this.#markCandidates();
    const candidates = this.#dense ? layout.everything : layout.candidates;
    const draw = { seed, sample, number };
    const before =
      takeBlock && layout.before
        ? this.#field.copyOut(layout.state, this.#box, layout.paddedChannels)
        : undefined;
    const count = this.#select(candidates, box, draw, layout.list);
    this.#field.mirror(layout.state, layout.cellBytes, layout.radius);
    const chunks = this.#cut(layout.list, count).map((chunk) => ({ ...chunk, block: takeBlock?.() ?? 0 }));
    this.#tasks.evaluateAll(chunks, draw);
    const strays = mask === "none" ? 0 : this.#markPost(box, draw);
    chunks.forEach(({ list, count: cells }, index) => {
      const delta = this.#tasks.delta(index);
      kernels.update({ list, cells }, this.#state, { delta, stepSize: this.#rule.stepSize });
    });
    let live = NO_BITS;
    if (mask !== "none") {
      this.#settle(candidates, box, strays);
      if (takeBlock) live = { box, bits: this.#field.bitsOf(box) };
    }
    return { count, blocks: chunks.map(({ block }) => block), box: this.#box, live, before };
  }

  /** Forgets the cotangent. */
  clearCotangent(): void {
    this.#field.clearCells(this.layout.cotangent, this.#cotangentBox);
    this.#field.clearRows(this.layout.touched, this.#cotangentBox);
    this.#cotangentBox = NOWHERE;
  }

  /** Adds to the cotangent. */
  addCotangent(window: StateWindow): void {
    const { channels, paddedChannels, cotangent, touched } = this.layout;
    const { floats, bytes } = this.heap;
    for (let y = 0; y < window.height; y++) {
      for (let x = 0; x < window.width; x++) {
        const cell = this.#field.cell(window.top + y, window.left + x);
        const from = (y * window.width + x) * channels;
        const to = (cotangent >> 2) + cell * paddedChannels;
        for (let c = 0; c < channels; c++) floats[to + c] += window.data[from + c];
        bytes[touched + cell] = 1;
      }
    }
    this.#cotangentBox = union(this.#cotangentBox, window);
  }

  hasCotangent(): boolean {
    return this.#cotangentBox.height > 0;
  }

  /** A copy of the cotangent. */
  cotangentWindow(): StateWindow {
    return this.#field.copyOut(this.layout.cotangent, this.#cotangentBox);
  }

  /** Pulls the cotangent back through one recorded step; adds to the network's gradients. */
  pullBack(record: StepRecord): void {
    const { layout } = this;
    const kernels = this.#kernels;
    const masked = this.#rule.alive.mask !== "none";
    if (masked) {
      this.#field.spread(record.live);
      const maps = { near: layout.touched, live: layout.live, keep: layout.keep };
      kernels.maskCotangent(this.#field.cells(this.#cotangentBox), maps, this.#cotangent);
      this.#field.clearRows(layout.touched, this.#cotangentBox);
    }
    if (record.before) this.#loadBefore(record.before);
    // All of the cotangent is read before any of it is added to.
    const chunks = chunksOf(record.count, 0).map((chunk, index) => {
      const block = record.blocks[index];
      return { ...chunk, list: block, block };
    });
    chunks.forEach(({ list, count, cells }, index) => {
      const dDelta = this.#tasks.delta(index);
      kernels.pull({ list, cells }, this.#cotangent, {
        count,
        stepSize: this.#rule.stepSize,
        live: masked ? layout.live : 0,
        dDelta,
      });
      this.#tasks.holdPinned(dDelta, cells);
    });
    this.#tasks.pullAll(chunks);
    this.#field.fold(layout.cotangent, layout.cellBytes, layout.radius);
    if (!masked) {
      this.#cotangentBox = this.#field.whole();
      return;
    }
    const times = Math.max(1, layout.radius);
    const reached = this.#field.dilate(layout.live, layout.touched, record.box, times);
    this.#cotangentBox = layout.keep ? union(this.#cotangentBox, reached) : reached;
    // Where cells are dead, cotangents of pinned channels stay.
    if (layout.keep) this.#field.fillMap(layout.touched, this.#cotangentBox, 1);
    this.#field.clearRows(layout.live, record.live.box);
  }

  /** Brings back what cells saw in a step. */
  #loadBefore(window: StateWindow): void {
    const { before, cellBytes, radius } = this.layout;
    this.#field.clearCells(before, this.#beforeBox);
    this.#field.copyIn(before, window);
    this.#field.mirror(before, cellBytes, radius);
    this.#beforeBox = boxOf(window);
  }

  /** Marks the cells whose update can matter, and returns a box around them. */
  #markCandidates(): Box {
    const { alive, support, candidates, radius } = this.layout;
    if (this.#dense) return this.#field.whole();
    if (this.#rule.alive.mask === "both") {
      if (this.#reach === 1) return this.#field.dilate(alive, candidates, this.#box, 1);
      this.#field.copyMap(alive, candidates, this.#box);
      return this.#box;
    }
    return this.#field.dilate(support, candidates, this.#box, radius + 1);
  }

  /** Lists the marked cells that fire, and returns how many. */
  #select(marked: number, box: Box, { seed, sample, number }: Draw, list: number): number {
    if (this.#limit < 0 || box.height === 0) return 0;
    const gridWidth = this.#grid[1];
    const cell = box.top * gridWidth + box.left;
    const draw = { cell, gridWidth, seed, sample, step: number, limit: this.#limit };
    return this.#kernels.select(marked, this.#field.cells(box), draw, list);
  }

  /**
   * Cuts a list into chunks. With a graft, its cells are put in order for that, by network, the cells of each filled up
   * to a multiple of 8 with its last.
   */
  #cut(list: number, count: number): Chunk[] {
    const networkOf = this.#networkOf;
    if (!networkOf) return chunksOf(count, list);
    const { integers } = this.heap;
    const cells = integers.slice(list >> 2, (list >> 2) + count);
    let end = 0;
    return this.#tasks.networks.flatMap((_, set) => {
      const own = cells.filter((cell) => networkOf[cell] === set);
      const begin = end;
      end += (own.length + 7) & ~7;
      integers.set(own, (list >> 2) + begin);
      integers.fill(own[own.length - 1], (list >> 2) + begin + own.length, (list >> 2) + end);
      return chunksOf(own.length, list + begin * 4, set);
    });
  }

  /**
   * Marks in `post` where cells live after the step as far as the second mask goes. With mask "both", a fired cell just
   * outside the candidates is emptied whatever it does; but where it exceeds the threshold first, its neighbours live.
   * Such strays are evaluated where a candidate's life depends on them; returns the length of their list. There are none
   * where cells live by themselves alone.
   */
  #markPost(box: Box, draw: Draw): number {
    const { layout } = this;
    const { alive, post, candidates, doubtful, strays, strayList, scratchDelta } = layout;
    if (this.#reach === 0) {
      this.#field.copyMap(alive, post, box);
      return 0;
    }
    this.#field.dilateWithin(alive, post, box);
    if (this.#rule.alive.mask !== "both" || !this.#field.without(candidates, post, doubtful, box)) return 0;
    const around = this.#field.grow(box, 1);
    this.#field.dilateWithin(doubtful, strays, around);
    this.#field.without(strays, candidates, strays, around);
    const chunks = this.#cut(strayList, this.#select(strays, around, draw, strayList));
    for (const chunk of chunks) this.#tasks.evaluateAt(chunk, draw, scratchDelta);
    this.#field.clearRows(doubtful, box);
    this.#field.clearRows(strays, around);
    const last = chunks.at(-1);
    if (!last) return 0;
    this.#field.dilateWithin(alive, post, box);
    return ((last.list - strayList) >> 2) + last.cells;
  }

  #settle(candidates: number, box: Box, strays: number): void {
    const { layout } = this;
    const { alive, post, support, strayList } = layout;
    this.#kernels.settle(this.#field.cells(box), this.#state, {
      post,
      candidates,
      gated: this.#rule.alive.mask === "both",
      support,
      alive,
      emptyAlive: this.#aliveIsPinned() ? -1 : Number(this.#emptyAlive),
      bits: layout.bits,
      found: layout.box,
      keep: layout.keep,
      pinned: layout.pinned,
    });
    this.#field.clearRows(post, box);
    this.#field.clearRows(layout.candidates, box);
    for (let i = 0; i < strays && !this.#aliveIsPinned(); i++) {
      this.heap.bytes[alive + this.heap.integers[(strayList >> 2) + i]] = this.#emptyAlive ? 1 : 0;
    }
    const [top, bottom, left, right] = this.heap.integers.subarray(layout.box >> 2, (layout.box >> 2) + 4);
    if (this.#emptyAlive) return;
    const living =
      top < 0
        ? NOWHERE
        : { top: box.top + top, left: box.left + left, height: bottom - top + 1, width: right - left + 1 };
    this.#box = union(living, this.#pinnedBox);
  }

  /** How far the alive mask reaches. */
  get #reach(): 0 | 1 {
    return this.#rule.alive.reach ?? 1;
  }

  /** Whether no step changes which cells exceed the threshold. */
  #aliveIsPinned(): boolean {
    return this.#rule.pinned?.includes(this.#rule.alive.channel) ?? false;
  }

  /**
   * Whether a fired cell that sees nothing would exceed the threshold by its own update: then cells far from any
   * other come alive, and none may be left out.
   */
  #quietCellsWake({ alive, stepSize, fireRate, noise = 0 }: Rule): boolean {
    const { layers, delta } = this.layout;
    const [scratchBlock] = this.layout.scratchBlocks;
    const { floats } = this.heap;
    const input = (scratchBlock + layers[0].input) >> 2;
    floats.fill(0, input, input + (layers[0].inputRows * STRIDE) / 4);
    if (this.#aliveIsPinned()) return false;
    return this.#tasks.networks.some((network) => {
      network.forward(scratchBlock, 8, delta);
      const update = Math.fround(Math.fround(stepSize) * floats[(delta + alive.channel * STRIDE) >> 2]);
      // A thousandth more than the largest noise, for rounding.
      const most = update + 1.001 * Math.abs(stepSize) * noise * NOISE_LIMIT;
      return fireRate > 0 && most > Math.fround(alive.threshold);
    });
  }

  #writePins({ pinned = [] }: Rule): void {
    const { keep, paddedChannels } = this.layout;
    if (!keep) return;
    this.heap.integers.fill(0, keep >> 2, (keep >> 2) + paddedChannels);
    for (const channel of pinned) this.heap.integers[(keep >> 2) + channel] = -1;
  }
}
