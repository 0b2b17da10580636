import { parameterTable } from "../../../rule/parameters.ts";
import { attentionOf, attentionOffsets } from "../../../rule/parts/attention.ts";
import type { Rule } from "../../../rule/rule.ts";
import type { Heap } from "../heap.ts";
import type { Cells, Kernels, Listed } from "../kernels.ts";
import { scratchBytes, STRIDE } from "../chunk.ts";
import { type Matrix, packPanels, transpose } from "../panels.ts";
import { distance, type Perception, type PerceptionKind, type Pulled, type Room } from "./perception.ts";

/** Weights of one parameter set, as `layer` takes them: (out) or (out, in), all heads of a kind one after the other. */
type Weights = Readonly<{
  /** Own channels to queries, divided by sqrt(size); and from the cotangents of queries to those of channels. */
  query: number;
  queryBack: number;
  /** Of each head, queries to what they ask of a neighbour's channels; and back. */
  key: number;
  keyBack: number;
  /** (heads, neighbours). */
  places: number;
}>;

/** Where rows of a chunk begin that hold what lies between its channels and its weights: heads one after the other. */
type Rows = Readonly<{
  /** Channels of the cells themselves. */
  own: number;
  query: number;
  /** The query times the keys' matrix: its product with a neighbour's channels is that of query and key. */
  asked: number;
  /** Cotangents: of scores, of the three above. The forward pass has no room for them. */
  dScore: number;
  dAsked: number;
  dQuery: number;
  dOwn: number;
}>;

type Own = Readonly<{
  heads: number;
  size: number;
  /** Numbers of a query up to a multiple of 4. */
  paddedSize: number;
  neighbours: Readonly<{ distances: number; tapCount: number }>;
  /** The cell alone as its neighbour, and weights of 1 for it. */
  itself: Readonly<{ distances: number; tapCount: number }>;
  ones: number;
  /** The bias of every product: zeros, as many as the widest product has outputs. */
  zeros: number;
  sets: readonly Weights[];
  querySums: number;
  keySums: number;
  placeSums: number;
  readout: number;
  /** Where the weights of neighbours lie in a block: rows of (heads, neighbours). */
  weights: number;
  rows: Rows;
  /** Where {@link Rows} lie among the cotangents of a chunk, and for each thread on its way forward. */
  pulled: number;
  scratchRows: readonly number[];
  /** Of each thread, four cells. */
  scratch: readonly number[];
  /** Of whoever adds to the gradients. */
  gradientScratch: number;
  before: Cells;
}>;

/**
 * Attention over the neighbourhood. With q = S Q / sqrt(D), a neighbour's score is q . (S' K) = (q K^T) . S', so that keys are never
 * made: the matrix products are of listed cells alone, and what is gathered from the grid are states. The weights go to the tape;
 * queries are made again from the state before the step.
 */
export const attention: PerceptionKind = {
  sizes: () => [],
  layOut(rule, room) {
    const { heads, size } = attentionOf(rule);
    const { channels, paddedChannels, sets, threads } = room;
    const paddedSize = Math.ceil(size / 4) * 4;
    const tapCount = attentionOffsets(rule).length;
    const distances = room.place(tapCount * 4);
    const matrix = heads * paddedSize * paddedChannels;
    let end = 0;
    const rows = (count: number) => {
      const at = end;
      end += count * STRIDE;
      return at;
    };
    const forward = {
      own: rows(paddedChannels),
      query: rows(heads * paddedSize),
      asked: rows(heads * paddedChannels),
    };
    const forwardBytes = end;
    const backward = {
      dScore: rows(heads * tapCount),
      dAsked: rows(heads * paddedChannels),
      dQuery: rows(heads * paddedSize),
      dOwn: rows(paddedChannels),
    };
    const own: Own = {
      heads,
      size,
      paddedSize,
      neighbours: { distances, tapCount },
      itself: { distances: distances + (tapCount >> 1) * 4, tapCount: 1 },
      ones: room.place(STRIDE),
      zeros: room.place(Math.max(heads * paddedSize, paddedChannels) * 4),
      sets: Array.from({ length: sets }, () => ({
        query: room.place(matrix * 4),
        queryBack: room.place(matrix * 4),
        key: room.place(matrix * 4),
        keyBack: room.place(matrix * 4),
        places: room.place(heads * tapCount * 4),
      })),
      querySums: room.place(matrix * 16),
      keySums: room.place(matrix * 16),
      placeSums: room.place(heads * tapCount * 16),
      readout: room.place(channels * heads * Math.max(paddedSize, tapCount) * 4),
      weights: room.placeInBlock(heads * tapCount * STRIDE),
      rows: { ...forward, ...backward },
      pulled: room.placeInCotangents(end),
      scratchRows: Array.from({ length: threads }, () => room.place(forwardBytes)),
      scratch: Array.from({ length: threads }, () => room.place(4 * room.cellBytes)),
      gradientScratch: room.place(scratchBytes(heads * paddedSize)),
      before: room.recordState(),
    };
    return ({ kernels, heap, set, thread }) =>
      new AttentionPerception(kernels, heap, room, own, { set, thread });
  },
};

class AttentionPerception implements Perception {
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #room: Room;
  readonly #own: Own;
  readonly #weights: Weights;
  readonly #scratchRows: number;
  readonly #scratch: number;
  #rule: Rule | undefined;

  constructor(
    kernels: Kernels,
    heap: Heap,
    room: Room,
    own: Own,
    { set, thread }: Readonly<{ set: number; thread: number }>,
  ) {
    this.#kernels = kernels;
    this.#heap = heap;
    this.#room = room;
    this.#own = own;
    this.#weights = own.sets[set];
    this.#scratchRows = own.scratchRows[thread];
    this.#scratch = own.scratch[thread];
  }

  configure(rule: Rule, parameters: Float32Array): void {
    this.#rule = rule;
    const { integers, floats } = this.#heap;
    const { neighbours, ones, heads, size, paddedSize } = this.#own;
    const { channels, paddedChannels } = this.#room;
    attentionOffsets(rule).forEach((offset, tap) => {
      integers[(neighbours.distances >> 2) + tap] = distance(this.#room, offset);
    });
    floats.fill(1, ones >> 2, (ones + STRIDE) >> 2);
    const [queries, keys, places] = parameterTable(rule);
    const weights = this.#weights;
    floats.set(parameters.subarray(places.offset, places.offset + places.size), weights.places >> 2);
    const scale = 1 / Math.sqrt(size);
    for (let head = 0; head < heads; head++) {
      const ofHead = (first: number): Matrix => ({
        numbers: parameters,
        first: first + head * size,
        inputs: channels,
        outputs: size,
        inputStep: heads * size,
        outputStep: 1,
      });
      const [query, key] = [ofHead(queries.offset), ofHead(keys.offset)];
      const first = head * paddedSize;
      packPanels(floats, weights.query + first * channels * 4, query, { scale });
      packPanels(floats, weights.queryBack + first * 16, transpose(query), {
        height: heads * paddedSize,
        scale,
      });
      packPanels(floats, weights.key + head * size * paddedChannels * 4, transpose(key));
      packPanels(floats, weights.keyBack + first * channels * 4, key);
    }
  }

  perceive(chunk: Listed, state: Cells, block: number): void {
    const kernels = this.#kernels;
    const { heads, neighbours, itself, ones } = this.#own;
    const { asked } = this.#rowsAt(this.#scratchRows);
    kernels.neighbourSums(chunk, state, itself, ones, this.#seen(block + this.#room.input));
    this.#ask(chunk, state, this.#scratchRows);
    for (let head = 0; head < heads; head++) {
      const weights = this.#tapRow(block + this.#own.weights, head);
      const rows = { at: this.#channelRow(asked, head), step: STRIDE };
      kernels.neighbourProducts(chunk, state, neighbours, { rows, out: weights, scratch: this.#scratch });
      kernels.softmax({
        scores: weights,
        places: this.#weights.places + head * neighbours.tapCount * 4,
        rows: neighbours.tapCount,
        cells: chunk.cells,
      });
      const mean = this.#seen(block + this.#room.input, 1 + head);
      kernels.neighbourSums(chunk, state, neighbours, weights, mean);
    }
  }

  zeroGradients(): void {
    const { querySums, keySums, placeSums, heads, paddedSize, neighbours } = this.#own;
    const matrix = heads * paddedSize * this.#room.paddedChannels;
    const { floats } = this.#heap;
    floats.fill(0, querySums >> 2, (querySums >> 2) + matrix * 4);
    floats.fill(0, keySums >> 2, (keySums >> 2) + matrix * 4);
    floats.fill(0, placeSums >> 2, (placeSums >> 2) + heads * neighbours.tapCount * 4);
  }

  pull({ block, cells, cotangents }: Pulled): void {
    const kernels = this.#kernels;
    const { heads, paddedSize, neighbours, before } = this.#own;
    const { channels, paddedChannels } = this.#room;
    const chunk = { list: block, cells };
    const at = cotangents + this.#own.pulled;
    const rows = this.#rowsAt(at);
    this.#ask(chunk, before, at);
    for (let head = 0; head < heads; head++) {
      const weights = this.#tapRow(block + this.#own.weights, head);
      const slopes = this.#tapRow(rows.dScore, head);
      const dAsked = this.#channelRow(rows.dAsked, head);
      kernels.neighbourProducts(chunk, before, neighbours, {
        rows: this.#seen(cotangents + this.#room.dInput, 1 + head),
        out: slopes,
        scratch: this.#scratch,
      });
      kernels.softmaxBackward({ weights, slopes, rows: neighbours.tapCount, cells });
      kernels.neighbourSums(chunk, before, neighbours, slopes, { at: dAsked, step: STRIDE });
      this.#multiply(cells, {
        input: dAsked,
        inputs: channels,
        weight: this.#weights.keyBack + head * paddedSize * channels * 4,
        out: this.#queryRow(rows.dQuery, head),
        outputs: paddedSize,
      });
    }
    this.#multiply(cells, {
      input: rows.dQuery,
      inputs: heads * paddedSize,
      weight: this.#weights.queryBack,
      out: rows.dOwn,
      outputs: paddedChannels,
    });
  }

  scatter({ block, cells, cotangents }: Pulled, cotangent: Cells): void {
    const kernels = this.#kernels;
    const { heads, paddedSize, neighbours, itself, ones, querySums, keySums, placeSums, gradientScratch } =
      this.#own;
    const { paddedChannels } = this.#room;
    const chunk = { list: block, cells };
    const rows = this.#rowsAt(cotangents + this.#own.pulled);
    const dPerception = cotangents + this.#room.dInput;
    kernels.scatterNeighbours(chunk, cotangent, itself, [
      { weights: ones, rows: this.#seen(dPerception) },
      { weights: ones, rows: { at: rows.dOwn, step: STRIDE } },
    ]);
    for (let head = 0; head < heads; head++) {
      const asked = { at: this.#channelRow(rows.asked, head), step: STRIDE };
      kernels.scatterNeighbours(chunk, cotangent, neighbours, [
        {
          weights: this.#tapRow(block + this.#own.weights, head),
          rows: this.#seen(dPerception, 1 + head),
        },
        { weights: this.#tapRow(rows.dScore, head), rows: asked },
      ]);
      kernels.weightGradient({
        input: this.#channelRow(rows.dAsked, head),
        inputs: paddedChannels,
        cells,
        dOut: this.#queryRow(rows.query, head),
        outputs: paddedSize,
        activity: 0,
        sums: keySums + head * paddedSize * paddedChannels * 16,
        scratch: gradientScratch,
      });
    }
    kernels.weightGradient({
      input: rows.own,
      inputs: paddedChannels,
      cells,
      dOut: rows.dQuery,
      outputs: heads * paddedSize,
      activity: 0,
      sums: querySums,
      scratch: gradientScratch,
    });
    kernels.biasGradient({
      dOut: rows.dScore,
      outputs: heads * neighbours.tapCount,
      cells,
      sums: placeSums,
    });
  }

  readGradients(gradient: Float32Array): void {
    const kernels = this.#kernels;
    const { heads, size, paddedSize, readout, querySums, keySums, placeSums } = this.#own;
    const { channels, paddedChannels } = this.#room;
    const [queries, keys, places] = parameterTable(this.#rule!);
    const { floats } = this.#heap;
    const read = (sums: number, head: number, offset: number, scale: number) => {
      const matrix = { inputs: paddedChannels, rows: channels, columns: size, to: readout };
      const ofHead = sums + head * paddedSize * paddedChannels * 16;
      kernels.readWeightGradient({ sums: ofHead, ...matrix });
      for (let i = 0; i < channels * size; i++) {
        const [c, d] = [Math.floor(i / size), i % size];
        gradient[offset + (c * heads + head) * size + d] = scale * floats[(readout >> 2) + i];
      }
    };
    for (let head = 0; head < heads; head++) {
      read(querySums, head, queries.offset, 1 / Math.sqrt(size));
      read(keySums, head, keys.offset, 1);
    }
    kernels.readBiasGradient({ sums: placeSums, columns: places.size, to: readout });
    gradient.set(floats.subarray(readout >> 2, (readout >> 2) + places.size), places.offset);
  }

  /** Writes what the cells of a chunk ask of their neighbours, and what that comes from, to {@link Rows} at `at`. */
  #ask(chunk: Listed, state: Cells, at: number): void {
    const { heads, size, paddedSize, itself, ones } = this.#own;
    const { channels, paddedChannels } = this.#room;
    const { own, query, asked } = this.#rowsAt(at);
    this.#kernels.neighbourSums(chunk, state, itself, ones, { at: own, step: STRIDE });
    this.#multiply(chunk.cells, {
      input: own,
      inputs: channels,
      weight: this.#weights.query,
      out: query,
      outputs: heads * paddedSize,
    });
    for (let head = 0; head < heads; head++) {
      this.#multiply(chunk.cells, {
        input: this.#queryRow(query, head),
        inputs: size,
        weight: this.#weights.key + head * size * paddedChannels * 4,
        out: this.#channelRow(asked, head),
        outputs: paddedChannels,
      });
    }
  }

  #multiply(
    cells: number,
    {
      input,
      inputs,
      weight,
      out,
      outputs,
    }: Readonly<{ input: number; inputs: number; weight: number; out: number; outputs: number }>,
  ): void {
    const bias = this.#own.zeros;
    this.#kernels.layer({ input, inputs, cells, weight, bias, out, outputs, rectify: false });
  }

  /** Of what cells see, from `at` on, the rows of the k-th feature of each channel: 0 their own number, 1 + h head h's mean. */
  #seen(at: number, k = 0) {
    return { at: at + k * STRIDE, step: (1 + this.#own.heads) * STRIDE };
  }

  #rowsAt(at: number): Rows {
    const { own, query, asked, dScore, dAsked, dQuery, dOwn } = this.#own.rows;
    return {
      own: at + own,
      query: at + query,
      asked: at + asked,
      dScore: at + dScore,
      dAsked: at + dAsked,
      dQuery: at + dQuery,
      dOwn: at + dOwn,
    };
  }

  /** The rows of a head, where each has one for every neighbour, channel, or number of a query. */
  #tapRow(at: number, head: number): number {
    return at + head * this.#own.neighbours.tapCount * STRIDE;
  }

  #channelRow(at: number, head: number): number {
    return at + head * this.#room.paddedChannels * STRIDE;
  }

  #queryRow(at: number, head: number): number {
    return at + head * this.#own.paddedSize * STRIDE;
  }
}
