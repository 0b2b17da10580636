import { depthwiseOf, depthwiseOffsets } from "../../../rule/parts/depthwise.ts";
import type { Rule } from "../../../rule/rule.ts";
import type { Heap } from "../heap.ts";
import type { Cells, DepthwiseTaps, Kernels, Listed } from "../kernels.ts";
import { distance, type Perception, type PerceptionKind, type Pulled, type Room } from "./perception.ts";

type Own = Readonly<{
  kernelCount: number;
  /** Taps of a kernel. */
  tapCount: number;
  /** Bytes from a cell to its neighbour, for each tap. */
  distances: number;
  /** Of each parameter set: (kernels, taps, padded channels). */
  weights: readonly number[];
  sums: number;
  before: Cells;
}>;

/** Trained kernels, others for each channel. */
export const depthwise: PerceptionKind = {
  sizes: () => [],
  layOut(rule, room) {
    const { kernels: kernelCount } = depthwiseOf(rule);
    const tapCount = depthwiseOffsets(rule).length;
    const placeWeights = () => room.place(kernelCount * tapCount * room.cellBytes);
    const own: Own = {
      kernelCount,
      tapCount,
      distances: room.place(tapCount * 4),
      weights: Array.from({ length: room.sets }, placeWeights),
      sums: placeWeights(),
      before: room.recordState(),
    };
    return ({ kernels, heap, set }) => new DepthwisePerception(kernels, heap, room, own, set);
  },
};

/** Weights and their gradients lie in memory as in the parameters, (K, taps, C), but for channels padded to four. */
class DepthwisePerception implements Perception {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #room: Room;
  readonly #own: Own;
  readonly #taps: DepthwiseTaps;
  readonly #sums: DepthwiseTaps;

  constructor(kernels: Kernels, heap: Heap, room: Room, own: Own, set: number) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#room = room;
    this.#own = own;
    const { kernelCount, distances, tapCount, weights, sums } = own;
    this.#taps = { kernelCount, distances, tapCount, weights: weights[set] };
    this.#sums = { kernelCount, distances, tapCount, weights: sums };
  }

  configure(rule: Rule, parameters: Float32Array): void {
    const { channels } = this.#room;
    depthwiseOffsets(rule).forEach((offset, tap) => {
      this.#heap.integers[(this.#own.distances >> 2) + tap] = distance(this.#room, offset);
    });
    this.#forEachTap((tap, at) => {
      this.#heap.floats.set(parameters.subarray(tap * channels, (tap + 1) * channels), at);
    }, this.#taps.weights);
  }

  perceive(chunk: Listed, state: Cells, block: number): void {
    this.#kernels.perceiveDepthwise(chunk, state, this.#taps, block + this.#room.input);
  }

  zeroGradients(): void {
    const { sums, kernelCount, tapCount } = this.#own;
    this.#heap.floats.fill(0, sums >> 2, (sums >> 2) + kernelCount * tapCount * this.#room.paddedChannels);
  }

  scatter({ block, cells, cotangents }: Pulled, cotangent: Cells): void {
    const chunk = { list: block, cells };
    const dPerception = cotangents + this.#room.dInput;
    this.#kernels.scatterDepthwise(chunk, cotangent, this.#taps, dPerception);
    this.#kernels.depthwiseGradient(chunk, this.#own.before, this.#sums, dPerception);
  }

  readGradients(gradient: Float32Array): void {
    const { channels } = this.#room;
    this.#forEachTap((tap, at) => {
      gradient.set(this.#heap.floats.subarray(at, at + channels), tap * channels);
    }, this.#own.sums);
  }

  /** Calls back for every tap of every kernel, in order, with the index of its numbers in the heap. */
  #forEachTap(visit: (tap: number, at: number) => void, base: number): void {
    const { kernelCount, tapCount } = this.#own;
    for (let tap = 0; tap < kernelCount * tapCount; tap++)
      visit(tap, (base >> 2) + tap * this.#room.paddedChannels);
  }
}
