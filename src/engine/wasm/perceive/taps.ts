import { kernelTaps } from "../../../rule/kernels.ts";
import { axesOf, type Rule } from "../../../rule/rule.ts";
import type { Heap } from "../heap.ts";
import type { Cells, Kernels, Listed } from "../kernels.ts";
import { distance, type Perception, type PerceptionKind, type Pulled, type Room } from "./perception.ts";

type Own = Readonly<{
  kernelCount: number;
  /** How many taps each kernel has, and the taps of all. */
  kernelCounts: number;
  taps: number;
}>;

/** Taps of each kernel. */
const sizes = (rule: Rule) => rule.kernels.map((kernel) => kernelTaps(kernel, axesOf(rule)).length);

/** Fixed kernels, the same for each channel. */
export const taps: PerceptionKind = {
  sizes,
  layOut(rule, room) {
    const kernelCount = rule.kernels.length;
    const own: Own = {
      kernelCount,
      kernelCounts: room.place(kernelCount * 4),
      taps: room.place(sizes(rule).reduce((sum, count) => sum + count, 0) * 8),
    };
    return ({ kernels, heap }) => new TapsPerception(kernels, heap, room, own);
  },
};

class TapsPerception implements Perception {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #room: Room;
  readonly #own: Own;

  constructor(kernels: Kernels, heap: Heap, room: Room, own: Own) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#room = room;
    this.#own = own;
  }

  configure(rule: Rule): void {
    const { integers, floats } = this.#heap;
    const { kernelCounts } = this.#own;
    let at = this.#own.taps >> 2;
    rule.kernels.forEach((kernel, index) => {
      const kernelTapList = kernelTaps(kernel, axesOf(rule));
      integers[(kernelCounts >> 2) + index] = kernelTapList.length;
      for (const { offset, weight } of kernelTapList) {
        integers[at++] = distance(this.#room, offset);
        floats[at++] = weight;
      }
    });
  }

  perceive(chunk: Listed, state: Cells, block: number): void {
    this.#kernels.perceive(chunk, state, this.#own, block + this.#room.input);
  }

  zeroGradients(): void {}

  scatter({ block, cells, cotangents }: Pulled, cotangent: Cells): void {
    this.#kernels.scatter({ list: block, cells }, cotangent, this.#own, cotangents + this.#room.dInput);
  }

  readGradients(): void {}
}
