import { filterTaps } from "../../../rule/parts/filter.ts";
import type { Rule } from "../../../rule/rule.ts";
import type { Heap } from "../heap.ts";
import type { Cells, Kernels, Listed } from "../kernels.ts";
import { distance, type Perception, type PerceptionKind, type Pulled, type Room } from "./perception.ts";

type Own = Readonly<{
  tapCount: number;
  /** Bytes from a cell to its neighbour, for each tap. */
  distances: number;
  /** (taps, padded channels). */
  weights: number;
}>;

const tapCountOf = (rule: Rule) => filterTaps(rule).offsets.length;

/** One fixed kernel for each channel, and magnitudes. */
export const filter: PerceptionKind = {
  sizes: (rule) => [tapCountOf(rule)],
  layOut(rule, room) {
    const tapCount = tapCountOf(rule);
    const own: Own = {
      tapCount,
      distances: room.place(tapCount * 4),
      weights: room.place(tapCount * room.cellBytes),
    };
    return ({ kernels, heap }) => new FilterPerception(kernels, heap, room, own);
  },
};

class FilterPerception implements Perception {
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
    const { distances, weights } = this.#own;
    const { channels, paddedChannels } = this.#room;
    const { offsets, weights: values } = filterTaps(rule);
    offsets.forEach((offset, tap) => {
      integers[(distances >> 2) + tap] = distance(this.#room, offset);
      floats.set(
        values.subarray(tap * channels, (tap + 1) * channels),
        (weights >> 2) + tap * paddedChannels,
      );
    });
  }

  perceive(chunk: Listed, state: Cells, block: number): void {
    this.#kernels.perceiveFilter(chunk, state, this.#own, block + this.#room.input);
  }

  zeroGradients(): void {}

  scatter({ block, cells, cotangents }: Pulled, cotangent: Cells): void {
    const chunk = { list: block, cells };
    const { input, dInput } = this.#room;
    this.#kernels.scatterFilter(chunk, cotangent, this.#own, block + input, cotangents + dInput);
  }

  readGradients(): void {}
}
