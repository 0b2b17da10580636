/** A box of cells in the margined layout: the number of its first cell, and cells from one row to the next. */
export type CellBox = Readonly<{ first: number; rows: number; width: number; stride: number }>;

/** Cells of a chunk, by the list of their numbers. */
export type Listed = Readonly<{ list: number; cells: number }>;

/** A state or a cotangent, and its bytes a cell. */
export type Cells = Readonly<{ at: number; cellBytes: number }>;

/** What cells see: for each kernel its number of taps, and the taps one after the other. */
type Taps = Readonly<{ kernelCounts: number; kernelCount: number; taps: number }>;

/**
 * Taps with weights of their own for each channel: `tapCount` byte distances, the same for all kernels, and weights or
 * their sums, (kernels, taps, padded channels).
 */
export type DepthwiseTaps = Readonly<{
  kernelCount: number;
  distances: number;
  tapCount: number;
  weights: number;
}>;

/** Taps with weights of their own for each channel, (taps, padded channels), and the byte distance of each. */
type FilterTaps = Omit<DepthwiseTaps, "kernelCount">;

/** Neighbours, by the byte distance of each. */
type Neighbours = Omit<FilterTaps, "weights">;

/** Numbers of a chunk that belong to channels: where the first one's row lies, and bytes from each to the next. */
type Rows = Readonly<{ at: number; step: number }>;

/** Rows, and as many weights of neighbours, a row each. */
type Weighted = Readonly<{ weights: number; rows: Rows }>;

/** The margin around a grid, filled as far as `radius`. */
type Margin = Readonly<{ grid: CellBox; base: number; cellBytes: number; radius: number }>;

/** The picture in a box of the state and a target; strides are bytes from row to row. */
type Pictures = Readonly<{
  state: number;
  cellBytes: number;
  stateStride: number;
  target: number;
  targetStride: number;
  rows: number;
  width: number;
  channels: number;
}>;

/** Addresses are bytes, counts are cells or features; see `assembly/` for each function. */
export type Kernels = Readonly<{
  layer(
    call: Readonly<{
      input: number;
      inputs: number;
      cells: number;
      weight: number;
      bias: number;
      out: number;
      outputs: number;
      rectify: boolean;
    }>,
  ): void;
  layerBackward(
    call: Readonly<{
      dOut: number;
      outputs: number;
      /** Where it is active; 0 where nothing is known. */
      outActivity: number;
      cells: number;
      weight: number;
      dInput: number;
      inputs: number;
      /** The layer's input, where what is not positive has no cotangent; 0 for none. */
      gate: number;
      /** Where it is written where dInput is active, if gated. */
      activity: number;
      /** 8 bytes for each output. */
      scratch: number;
    }>,
  ): void;
  weightGradient(
    call: Readonly<{
      input: number;
      inputs: number;
      cells: number;
      dOut: number;
      /** A multiple of 4. */
      outputs: number;
      /** Of the outputs; 0 where nothing is known. */
      activity: number;
      sums: number;
      /** `scratchBytes` of the outputs. */
      scratch: number;
    }>,
  ): void;
  biasGradient(call: Readonly<{ dOut: number; outputs: number; cells: number; sums: number }>): void;
  readWeightGradient(
    call: Readonly<{ sums: number; inputs: number; rows: number; columns: number; to: number }>,
  ): void;
  readBiasGradient(call: Readonly<{ sums: number; columns: number; to: number }>): void;
  perceive(chunk: Listed, state: Cells, taps: Taps, out: number): void;
  scatter(chunk: Listed, cotangent: Cells, taps: Taps, dOut: number): void;
  perceiveDepthwise(chunk: Listed, state: Cells, taps: DepthwiseTaps, out: number): void;
  scatterDepthwise(chunk: Listed, cotangent: Cells, taps: DepthwiseTaps, dOut: number): void;
  depthwiseGradient(chunk: Listed, state: Cells, taps: DepthwiseTaps, dOut: number): void;
  perceiveFilter(chunk: Listed, state: Cells, taps: FilterTaps, out: number): void;
  /** @param seen what `perceiveFilter` wrote. */
  scatterFilter(chunk: Listed, cotangent: Cells, taps: FilterTaps, seen: number, dOut: number): void;
  /** @param call.rows to be multiplied. @param call.out a row for each neighbour. @param call.scratch four cells. */
  neighbourProducts(
    chunk: Listed,
    state: Cells,
    neighbours: Neighbours,
    call: Readonly<{ rows: Rows; out: number; scratch: number }>,
  ): void;
  /** @param weights a row for each neighbour. */
  neighbourSums(chunk: Listed, state: Cells, neighbours: Neighbours, weights: number, out: Rows): void;
  /** Two times weights and rows. */
  scatterNeighbours(
    chunk: Listed,
    cotangent: Cells,
    neighbours: Neighbours,
    products: readonly [Weighted, Weighted],
  ): void;
  /** @param call.places a number for each row of the scores, added to it. */
  softmax(call: Readonly<{ scores: number; places: number; rows: number; cells: number }>): void;
  softmaxBackward(call: Readonly<{ weights: number; slopes: number; rows: number; cells: number }>): void;
  update(chunk: Listed, state: Cells, update: Readonly<{ delta: number; stepSize: number }>): void;
  /** @param draw.origin number of the grid's first cell, and `stride` cells from row to row. */
  addNoise(
    chunk: Listed,
    draw: Readonly<{
      origin: number;
      stride: number;
      gridWidth: number;
      channels: number;
      key: number;
      sample: number;
      step: number;
    }>,
    noise: Readonly<{ scale: number; sigma: number; delta: number }>,
  ): void;
  mature(
    chunk: Listed,
    state: Cells,
    update: Readonly<{ delta: number; stepSize: number }>,
    life: Readonly<{ channel: number; threshold: number; alive: number }>,
  ): void;
  /** Whether any cell is left. */
  without(a: number, b: number, to: number, box: CellBox): boolean;
  /** @param call.live map of the cells that count; 0 for all. */
  pull(
    chunk: Listed,
    cotangent: Cells,
    call: Readonly<{ count: number; stepSize: number; live: number; dDelta: number }>,
  ): void;
  dilate(from: number, to: number, box: CellBox): void;
  /** How many cells it listed. @param draw.cell number of the first on the grid. */
  select(
    candidates: number,
    box: CellBox,
    draw: Readonly<{
      cell: number;
      gridWidth: number;
      seed: number;
      sample: number;
      step: number;
      limit: number;
    }>,
    list: number,
  ): number;
  settle(
    box: CellBox,
    state: Cells,
    call: Readonly<{
      post: number;
      candidates: number;
      gated: boolean;
      support: number;
      alive: number;
      /** Of emptied cells: 0 or 1, or -1 where it stays. */
      emptyAlive: number;
      bits: number;
      /** Where the box of what lives is written. */
      found: number;
      /** Mask of the channels that emptying keeps, and map of the cells that have some; 0 for none. */
      keep: number;
      pinned: number;
    }>,
  ): void;
  spread(bits: number, map: number, box: CellBox): void;
  maskCotangent(
    box: CellBox,
    maps: Readonly<{ near: number; live: number; keep: number }>,
    cotangent: Cells,
  ): void;
  mirrorMargin(margin: Margin): void;
  foldMargin(margin: Margin): void;
  squaredError(pictures: Pictures): number;
  wrongPixels(pictures: Pictures): number;
}>;

/** What the module exports, its arguments in order. */
type Exports = Readonly<Record<keyof Kernels, (...args: readonly (number | boolean)[]) => number>>;

const NAMES = [
  "layer",
  "layerBackward",
  "weightGradient",
  "biasGradient",
  "readWeightGradient",
  "readBiasGradient",
  "perceive",
  "scatter",
  "perceiveDepthwise",
  "scatterDepthwise",
  "depthwiseGradient",
  "perceiveFilter",
  "scatterFilter",
  "neighbourProducts",
  "neighbourSums",
  "scatterNeighbours",
  "softmax",
  "softmaxBackward",
  "update",
  "addNoise",
  "mature",
  "without",
  "pull",
  "dilate",
  "select",
  "settle",
  "spread",
  "maskCotangent",
  "mirrorMargin",
  "foldMargin",
  "squaredError",
  "wrongPixels",
] as const satisfies (keyof Kernels)[];

function onMargin(kernel: Exports["mirrorMargin"]): Kernels["mirrorMargin"] {
  return ({ grid: { first, rows, width, stride }, base, cellBytes, radius }) =>
    kernel(base, first, rows, width, stride, cellBytes, radius);
}

function onPictures(kernel: Exports["squaredError"]): Kernels["squaredError"] {
  return ({ state, cellBytes, stateStride, target, targetStride, rows, width, channels }) =>
    kernel(state, cellBytes, stateStride, target, targetStride, rows, width, channels);
}

function onDepthwise(kernel: Exports["perceiveDepthwise"]): Kernels["perceiveDepthwise"] {
  return ({ list, cells }, { at, cellBytes }, { kernelCount, distances, tapCount, weights }, chunk) =>
    kernel(list, cells, at, cellBytes, kernelCount, distances, tapCount, weights, chunk);
}

function areExports(exports: object): exports is Exports {
  return NAMES.every((name) => name in exports);
}

/** Links compiled kernels to a memory. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!areExports(exports))
    throw new TypeError(`the module is not the kernels: it lacks one of ${NAMES.join(", ")}`);
  const raw = exports;
  return {
    layer: ({ input, inputs, cells, weight, bias, out, outputs, rectify }) =>
      raw.layer(input, inputs, cells, weight, bias, out, outputs, rectify),
    layerBackward: ({ dOut, outputs, outActivity, cells, weight, dInput, inputs, gate, activity, scratch }) =>
      raw.layerBackward(dOut, outputs, outActivity, cells, weight, dInput, inputs, gate, activity, scratch),
    weightGradient: ({ input, inputs, cells, dOut, outputs, activity, sums, scratch }) =>
      raw.weightGradient(input, inputs, cells, dOut, outputs, activity, sums, scratch),
    biasGradient: ({ dOut, outputs, cells, sums }) => raw.biasGradient(dOut, outputs, cells, sums),
    readWeightGradient: ({ sums, inputs, rows, columns, to }) =>
      raw.readWeightGradient(sums, inputs, rows, columns, to),
    readBiasGradient: ({ sums, columns, to }) => raw.readBiasGradient(sums, columns, to),
    perceive: ({ list, cells }, { at, cellBytes }, { kernelCounts, kernelCount, taps }, out) =>
      raw.perceive(list, cells, at, cellBytes, kernelCounts, kernelCount, taps, out),
    scatter: ({ list, cells }, { at, cellBytes }, { kernelCounts, kernelCount, taps }, dOut) =>
      raw.scatter(list, cells, at, cellBytes, kernelCounts, kernelCount, taps, dOut),
    perceiveDepthwise: onDepthwise(raw.perceiveDepthwise),
    scatterDepthwise: onDepthwise(raw.scatterDepthwise),
    depthwiseGradient: onDepthwise(raw.depthwiseGradient),
    perceiveFilter: ({ list, cells }, { at, cellBytes }, { distances, tapCount, weights }, out) =>
      raw.perceiveFilter(list, cells, at, cellBytes, distances, tapCount, weights, out),
    scatterFilter: ({ list, cells }, { at, cellBytes }, { distances, tapCount, weights }, seen, dOut) =>
      raw.scatterFilter(list, cells, at, cellBytes, distances, tapCount, weights, seen, dOut),
    neighbourProducts: (
      { list, cells },
      { at, cellBytes },
      { distances, tapCount },
      { rows, out, scratch },
    ) =>
      raw.neighbourProducts(
        list,
        cells,
        at,
        cellBytes,
        distances,
        tapCount,
        rows.at,
        rows.step,
        out,
        scratch,
      ),
    neighbourSums: ({ list, cells }, { at, cellBytes }, { distances, tapCount }, weights, out) =>
      raw.neighbourSums(list, cells, at, cellBytes, distances, tapCount, weights, out.at, out.step),
    scatterNeighbours: ({ list, cells }, { at, cellBytes }, { distances, tapCount }, [one, other]) =>
      raw.scatterNeighbours(
        list,
        cells,
        at,
        cellBytes,
        distances,
        tapCount,
        one.weights,
        one.rows.at,
        one.rows.step,
        other.weights,
        other.rows.at,
        other.rows.step,
      ),
    softmax: ({ scores, places, rows, cells }) => raw.softmax(scores, places, rows, cells),
    softmaxBackward: ({ weights, slopes, rows, cells }) => raw.softmaxBackward(weights, slopes, rows, cells),
    update: ({ list, cells }, { at, cellBytes }, { delta, stepSize }) =>
      raw.update(list, cells, at, cellBytes, delta, stepSize),
    addNoise: (
      { list, cells },
      { origin, stride, gridWidth, channels, key, sample, step },
      { scale, sigma, delta },
    ) =>
      raw.addNoise(list, cells, origin, stride, gridWidth, channels, key, sample, step, scale, sigma, delta),
    mature: ({ list, cells }, { at, cellBytes }, { delta, stepSize }, { channel, threshold, alive }) =>
      raw.mature(list, cells, at, cellBytes, delta, stepSize, channel, threshold, alive),
    without: (a, b, to, { first, rows, width, stride }) =>
      raw.without(a, b, to, first, rows, width, stride) !== 0,
    pull: ({ list, cells }, { at, cellBytes }, { count, stepSize, live, dDelta }) =>
      raw.pull(list, cells, count, at, cellBytes, stepSize, live, dDelta),
    dilate: (from, to, { first, rows, width, stride }) => raw.dilate(from, to, first, rows, width, stride),
    select: (
      candidates,
      { first, rows, width, stride },
      { cell, gridWidth, seed, sample, step, limit },
      list,
    ) => raw.select(candidates, first, rows, width, stride, cell, gridWidth, seed, sample, step, limit, list),
    settle: (
      { first, rows, width, stride },
      { at, cellBytes },
      { post, candidates, gated, support, alive, emptyAlive, bits, found, keep, pinned },
    ) =>
      raw.settle(
        post,
        candidates,
        gated,
        support,
        first,
        rows,
        width,
        stride,
        at,
        cellBytes,
        alive,
        emptyAlive,
        bits,
        found,
        keep,
        pinned,
      ),
    spread: (bits, map, { first, rows, width, stride }) => raw.spread(bits, map, first, rows, width, stride),
    maskCotangent: ({ first, rows, width, stride }, { near, live, keep }, { at, cellBytes }) =>
      raw.maskCotangent(near, live, first, rows, width, stride, at, cellBytes, keep),
    mirrorMargin: onMargin(raw.mirrorMargin),
    foldMargin: onMargin(raw.foldMargin),
    squaredError: onPictures(raw.squaredError),
    wrongPixels: onPictures(raw.wrongPixels),
  };
}
