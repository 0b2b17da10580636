import { kernelTaps } from "../../rule/kernels.ts";
import { depthwiseOffsets } from "../../rule/parts/depthwise.ts";
import { filterTaps } from "../../rule/parts/filter.ts";
import type { PerceiveName } from "../../rule/parts/perceive.ts";
import { axesOf, type Rule } from "../../rule/rule.ts";
import type { Heap } from "./heap.ts";
import type { Cells, Kernels, Listed } from "./kernels.ts";
import type { DepthwiseLayout, FilterLayout, Layout } from "./layout.ts";

/** What the cells of a chunk see by one parameter set, forward and backward: a class for each kind of perception. */
export interface Perception {
  /** Sets what rule and parameters give. */
  configure(rule: Rule, parameters: Float32Array): void;
  /** Fills the first layer's input of a chunk, at `out`. */
  perceive(chunk: Listed, state: Cells, out: number): void;
  zeroGradients(): void;
  /**
   * The adjoint of {@link perceive}: adds to the cotangent and to the gradients.
   *
   * @param seen the state before the step, and what `perceive` made of it.
   */
  backward(
    chunk: Listed,
    cotangent: Cells,
    seen: Readonly<{ before: Cells; perception: number }>,
    dPerception: number,
  ): void;
  /** Writes the gradients added up since {@link zeroGradients} into those of all parameters. */
  readGradients(gradient: Float32Array): void;
}

/** Kinds of perception that there are kernels for; the engine declines others, which the plain step may have. */
export const compiledKinds: ReadonlySet<string> = new Set<PerceiveName>(["taps", "depthwise", "filter"]);

/** @param set number of the parameter set: 0 for the sample's own, from 1 on for grafts. */
export function perceptionOf(kernels: Kernels, heap: Heap, layout: Layout, set: number): Perception {
  const { depthwise, filter } = layout;
  if (filter) return new FilterPerception(kernels, heap, layout, filter);
  return depthwise
    ? new DepthwisePerception(kernels, heap, layout, depthwise, set)
    : new TapsPerception(kernels, heap, layout);
}

/** Bytes from a cell to the one at an offset, [columns] or [rows, columns]. */
function distance({ rowStride, cellBytes }: Layout, offset: readonly number[]): number {
  return offset.reduce((cells, along) => cells * rowStride + along, 0) * cellBytes;
}

class TapsPerception implements Perception {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layout: Layout;

  constructor(kernels: Kernels, heap: Heap, layout: Layout) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
  }

  configure(rule: Rule): void {
    const { integers, floats } = this.#heap;
    const { taps, kernelCounts } = this.#layout;
    let at = taps >> 2;
    rule.kernels.forEach((kernel, index) => {
      const kernelTapList = kernelTaps(kernel, axesOf(rule));
      integers[(kernelCounts >> 2) + index] = kernelTapList.length;
      for (const { offset, weight } of kernelTapList) {
        integers[at++] = distance(this.#layout, offset);
        floats[at++] = weight;
      }
    });
  }

  perceive(chunk: Listed, state: Cells, out: number): void {
    this.#kernels.perceive(chunk, state, this.#layout, out);
  }

  zeroGradients(): void {}

  backward(chunk: Listed, cotangent: Cells, _seen: object, dPerception: number): void {
    this.#kernels.scatter(chunk, cotangent, this.#layout, dPerception);
  }

  readGradients(): void {}
}

/** Weights and their gradients lie in memory as in the parameters, (K, taps, C), but for channels padded to four. */
class DepthwisePerception implements Perception {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layout: Layout;
  readonly #own: DepthwiseLayout;
  readonly #weights: number;

  constructor(kernels: Kernels, heap: Heap, layout: Layout, own: DepthwiseLayout, set: number) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#own = own;
    this.#weights = own.weights[set];
  }

  configure(rule: Rule, parameters: Float32Array): void {
    const { channels } = this.#layout;
    depthwiseOffsets(rule).forEach((offset, tap) => {
      this.#heap.integers[(this.#own.distances >> 2) + tap] = distance(this.#layout, offset);
    });
    this.#forEachTap((tap, at) => {
      this.#heap.floats.set(parameters.subarray(tap * channels, (tap + 1) * channels), at);
    }, this.#weights);
  }

  perceive(chunk: Listed, state: Cells, out: number): void {
    this.#kernels.perceiveDepthwise(chunk, state, this.#taps(), out);
  }

  zeroGradients(): void {
    const { sums, kernels, taps } = this.#own;
    this.#heap.floats.fill(0, sums >> 2, (sums >> 2) + kernels * taps * this.#layout.paddedChannels);
  }

  backward(
    chunk: Listed,
    cotangent: Cells,
    { before }: Readonly<{ before: Cells }>,
    dPerception: number,
  ): void {
    this.#kernels.scatterDepthwise(chunk, cotangent, this.#taps(), dPerception);
    this.#kernels.depthwiseGradient(chunk, before, { ...this.#taps(), weights: this.#own.sums }, dPerception);
  }

  readGradients(gradient: Float32Array): void {
    const { channels } = this.#layout;
    this.#forEachTap((tap, at) => {
      gradient.set(this.#heap.floats.subarray(at, at + channels), tap * channels);
    }, this.#own.sums);
  }

  #taps() {
    const { distances, taps, kernels } = this.#own;
    return { kernelCount: kernels, distances, tapCount: taps, weights: this.#weights };
  }

  /** Calls back for every tap of every kernel, in order, with the index of its numbers in the heap. */
  #forEachTap(visit: (tap: number, at: number) => void, base: number): void {
    const { kernels, taps } = this.#own;
    for (let tap = 0; tap < kernels * taps; tap++)
      visit(tap, (base >> 2) + tap * this.#layout.paddedChannels);
  }
}

class FilterPerception implements Perception {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layout: Layout;
  readonly #own: FilterLayout;

  constructor(kernels: Kernels, heap: Heap, layout: Layout, own: FilterLayout) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#own = own;
  }

  configure(rule: Rule): void {
    const { integers, floats } = this.#heap;
    const { distances, weights } = this.#own;
    const { channels, paddedChannels } = this.#layout;
    const { offsets, weights: values } = filterTaps(rule);
    offsets.forEach((offset, tap) => {
      integers[(distances >> 2) + tap] = distance(this.#layout, offset);
      floats.set(
        values.subarray(tap * channels, (tap + 1) * channels),
        (weights >> 2) + tap * paddedChannels,
      );
    });
  }

  perceive(chunk: Listed, state: Cells, out: number): void {
    this.#kernels.perceiveFilter(chunk, state, this.#taps(), out);
  }

  zeroGradients(): void {}

  backward(
    chunk: Listed,
    cotangent: Cells,
    { perception }: Readonly<{ perception: number }>,
    dPerception: number,
  ): void {
    this.#kernels.scatterFilter(chunk, cotangent, this.#taps(), perception, dPerception);
  }

  readGradients(): void {}

  #taps() {
    const { distances, taps, weights } = this.#own;
    return { distances, tapCount: taps, weights };
  }
}
