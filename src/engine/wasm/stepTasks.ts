/** What of a step several threads can do: the network of the cells of a chunk, forward and backward, and its gradients. */
import type { Rule } from "../../rule/rule.ts";
import { NOISE_SCALE, noiseKey } from "../../step/noise.ts";
import { type Board, DESCRIPTION, TaskList } from "./control.ts";
import type { Heap } from "./heap.ts";
import type { Cells, Kernels } from "./kernels.ts";
import { CHUNK, STRIDE } from "./chunk.ts";
import type { Layout } from "./layout.ts";
import { Network } from "./network.ts";
import type { Pulled } from "./perceive/perception.ts";

/**
 * Cells of a list that run one network: `cells` is their number, `count`, up to a multiple of 8. A block of 0: what they saw is
 * not kept.
 */
export type Chunk = Readonly<{ list: number; count: number; cells: number; set: number; block: number }>;
type Task = Omit<Chunk, "count">;

/** Which noise is drawn. */
export type Draw = Readonly<{ seed: number; sample: number; number: number }>;

/** Words of the description of a step. */
const WORD = {
  seed: DESCRIPTION,
  sample: DESCRIPTION + 1,
  number: DESCRIPTION + 2,
  channel: DESCRIPTION + 3,
  stepSize: DESCRIPTION + 4,
  threshold: DESCRIPTION + 5,
  noise: DESCRIPTION + 6,
  first: DESCRIPTION + 7,
  count: DESCRIPTION + 8,
  layer: DESCRIPTION + 9,
} as const;

const KIND = { evaluate: 0, pull: 1 } as const;

/** Tasks of one workspace, as one of its threads does them. Everything that they need lies in the workspace's memory. */
export class StepTasks {
  /** The sample's own network, and those of grafted cells. */
  readonly networks: readonly Network[];
  readonly list: TaskList;
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layout: Layout;
  readonly #gridWidth: number;
  readonly #state: Cells;
  readonly #cotangent: Cells;
  readonly #scratch: number;
  readonly #board: Board | undefined;

  /** @param thread which of those that work on it together this is: 0 for the leader. */
  constructor(
    kernels: Kernels,
    heap: Heap,
    layout: Layout,
    {
      gridWidth,
      thread = 0,
      board,
    }: Readonly<{ gridWidth: number; thread?: number; board?: Board | undefined }>,
  ) {
    const { state, cotangent, cellBytes, grafts, scratchBlocks } = layout;
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#gridWidth = gridWidth;
    this.#board = board;
    this.#scratch = scratchBlocks[thread];
    this.#state = { at: state, cellBytes };
    this.#cotangent = { at: cotangent, cellBytes };
    this.networks = Array.from(
      { length: 1 + grafts.length },
      (_, set) => new Network(kernels, heap, layout, set, thread),
    );
    this.list = new TaskList(heap, (kind, index) => this.#run(kind, index));
  }

  /** To be called once the rule is known, or another. */
  describe({ alive, stepSize, noise = 0 }: Rule): void {
    const { integers, floats } = this.#heap;
    integers[WORD.channel] = alive.channel;
    floats[WORD.stepSize] = stepSize;
    floats[WORD.threshold] = alive.threshold;
    floats[WORD.noise] = noise;
  }

  /** Computes the deltas of all chunks, each in its place, and marks the cells that will exceed the threshold. */
  evaluateAll(chunks: readonly Chunk[], draw: Draw): void {
    this.#writeChunks(chunks);
    this.#writeDraw(draw);
    this.list.share(KIND.evaluate, chunks.length, this.#board);
  }

  /** The same of one chunk that lies in no list of a step. */
  evaluateAt(chunk: Task, draw: Draw, delta: number): void {
    this.#writeDraw(draw);
    this.#evaluate(chunk, delta);
  }

  /**
   * Pulls the cotangents of all chunks' deltas, which are in their places, back to the cotangent of the state that was
   * seen, and adds to the gradients.
   */
  pullAll(chunks: readonly Chunk[]): void {
    this.#writeChunks(chunks);
    const { integers } = this.#heap;
    const { group } = this.#layout;
    const [network] = this.networks;
    for (let first = 0; first < chunks.length; first += group) {
      const count = Math.min(group, chunks.length - first);
      integers[WORD.first] = first;
      integers[WORD.count] = count;
      for (let layer = network.depth - 1; layer >= 0; layer--) {
        integers[WORD.layer] = layer;
        this.list.share(KIND.pull, count + network.slicesOf(layer), this.#board);
      }
      for (const chunk of this.#readGroup()) network.perception.scatter(chunk, this.#cotangent);
    }
  }

  /** Where the deltas of a chunk lie, or their cotangents. */
  delta(chunk: number): number {
    return this.#layout.delta + chunk * this.#layout.paddedChannels * STRIDE;
  }

  /** Sets what the deltas of a chunk, or their cotangents, say of pinned channels to 0. */
  holdPinned(delta: number, cells: number): void {
    const { keep, channels } = this.#layout;
    if (!keep) return;
    const { integers, floats } = this.#heap;
    for (let channel = 0; channel < channels; channel++) {
      if (integers[(keep >> 2) + channel] === 0) continue;
      const row = (delta + channel * STRIDE) >> 2;
      floats.fill(0, row, row + cells);
    }
  }

  #run(kind: number, index: number): void {
    if (kind === KIND.evaluate) this.#evaluate(this.#readChunk(index), this.delta(index));
    else this.#pull(index);
  }

  #evaluate({ list, cells, set, block: kept }: Task, delta: number): void {
    const layout = this.#layout;
    const { integers, floats } = this.#heap;
    const block = kept || this.#scratch;
    const chunk = { list, cells };
    const network = this.networks[set];
    const stepSize = floats[WORD.stepSize];
    network.perception.perceive(chunk, this.#state, block);
    network.forward(block, cells, delta);
    this.#addNoise(chunk, delta);
    this.holdPinned(delta, cells);
    this.#kernels.mature(
      chunk,
      this.#state,
      { delta, stepSize },
      {
        channel: integers[WORD.channel],
        threshold: floats[WORD.threshold],
        alive: layout.alive,
      },
    );
    if (kept) this.#heap.bytes.copyWithin(kept, list, list + cells * 4);
  }

  /** A part of pulling a group of chunks back through a layer: one of its chunks, or after them, one slice of the gradients. */
  #pull(index: number): void {
    const { integers } = this.#heap;
    const [network] = this.networks;
    const layer = integers[WORD.layer];
    const count = integers[WORD.count];
    if (index < count) network.pull(layer, this.#readPulled(index));
    else network.addGradients(layer, index - count, this.#readGroup());
  }

  #readGroup(): Pulled[] {
    const group: Pulled[] = [];
    const count = this.#heap.integers[WORD.count];
    for (let index = 0; index < count; index++) group.push(this.#readPulled(index));
    return group;
  }

  /** The chunk of that number in its group. */
  #readPulled(index: number): Pulled {
    const chunk = this.#heap.integers[WORD.first] + index;
    const { block, cells } = this.#readChunk(chunk);
    const { cotangents, cotangentBytes } = this.#layout;
    return { block, cells, dDelta: this.delta(chunk), cotangents: cotangents + index * cotangentBytes };
  }

  #addNoise(chunk: { list: number; cells: number }, delta: number): void {
    const { integers, floats } = this.#heap;
    const sigma = floats[WORD.noise];
    if (sigma === 0) return;
    const { origin, rowStride, channels } = this.#layout;
    const draw = { origin, stride: rowStride, gridWidth: this.#gridWidth, channels };
    const key = noiseKey(integers[WORD.seed]);
    const { sample, number: step } = this.#readDraw();
    this.#kernels.addNoise(chunk, { ...draw, key, sample, step }, { scale: NOISE_SCALE, sigma, delta });
  }

  #writeChunks(chunks: readonly Chunk[]): void {
    const { integers } = this.#heap;
    chunks.forEach(({ list, cells, set, block }, index) => {
      const at = (this.#layout.chunkTable >> 2) + index * 4;
      integers[at] = list;
      integers[at + 1] = cells;
      integers[at + 2] = set;
      integers[at + 3] = block;
    });
  }

  #readChunk(index: number): Task {
    const { integers } = this.#heap;
    const at = (this.#layout.chunkTable >> 2) + index * 4;
    // Addresses from 2 GiB on are negative as signed words.
    return {
      list: integers[at] >>> 0,
      cells: integers[at + 1],
      set: integers[at + 2],
      block: integers[at + 3] >>> 0,
    };
  }

  #writeDraw({ seed, sample, number }: Draw): void {
    const { integers } = this.#heap;
    integers[WORD.seed] = seed;
    integers[WORD.sample] = sample;
    integers[WORD.number] = number;
  }

  #readDraw(): Draw {
    const { integers } = this.#heap;
    return { seed: integers[WORD.seed], sample: integers[WORD.sample], number: integers[WORD.number] };
  }
}

/** As few chunks as can hold `total` cells, of like size. @param list of their numbers. */
export function chunksOf(total: number, list: number, set = 0): Chunk[] {
  const even = Math.ceil(total / Math.ceil(total / CHUNK) / 8) * 8;
  const chunks: Chunk[] = [];
  for (let done = 0; done < total; done += even) {
    const count = Math.min(even, total - done);
    chunks.push({ list: list + done * 4, count, cells: (count + 7) & ~7, set, block: 0 });
  }
  return chunks;
}
