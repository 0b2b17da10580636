/** Compares the picture in a box of the state with a target; see `assembly/picture.ts`. */
type Measure = (
  state: number,
  cellBytes: number,
  stateStride: number,
  target: number,
  targetStride: number,
  rows: number,
  width: number,
  channels: number,
) => number;

/** Addresses are bytes, counts are cells or features; see `assembly/` for each function. */
export type Kernels = {
  layer: (
    input: number,
    inputs: number,
    cells: number,
    weight: number,
    bias: number,
    out: number,
    outputs: number,
    rectify: boolean,
    gate: number,
  ) => void;
  weightGradient: (
    input: number,
    inputs: number,
    cells: number,
    dOut: number,
    outputs: number,
    sums: number,
  ) => void;
  biasGradient: (dOut: number, outputs: number, cells: number, sums: number) => void;
  readWeightGradient: (sums: number, inputs: number, rows: number, columns: number, to: number) => void;
  readBiasGradient: (sums: number, columns: number, to: number) => void;
  perceive: (
    list: number,
    cells: number,
    state: number,
    cellBytes: number,
    kernels: number,
    kernelCount: number,
    taps: number,
    out: number,
  ) => void;
  scatter: (
    list: number,
    cells: number,
    cotangent: number,
    cellBytes: number,
    kernels: number,
    kernelCount: number,
    taps: number,
    dOut: number,
  ) => void;
  update: (
    list: number,
    cells: number,
    state: number,
    cellBytes: number,
    delta: number,
    stepSize: number,
  ) => void;
  mature: (
    list: number,
    cells: number,
    state: number,
    cellBytes: number,
    delta: number,
    stepSize: number,
    channel: number,
    threshold: number,
    alive: number,
  ) => void;
  /** Returns 1 where any cell is left, else 0. */
  without: (
    a: number,
    b: number,
    to: number,
    first: number,
    rows: number,
    width: number,
    stride: number,
  ) => number;
  pull: (
    list: number,
    cells: number,
    count: number,
    cotangent: number,
    cellBytes: number,
    stepSize: number,
    live: number,
    dDelta: number,
  ) => void;
  dilate: (from: number, to: number, first: number, rows: number, width: number, stride: number) => void;
  select: (
    candidates: number,
    first: number,
    rows: number,
    width: number,
    stride: number,
    cell: number,
    gridWidth: number,
    seed: number,
    sample: number,
    step: number,
    limit: number,
    list: number,
  ) => number;
  settle: (
    post: number,
    candidates: number,
    gated: boolean,
    support: number,
    first: number,
    rows: number,
    width: number,
    stride: number,
    state: number,
    cellBytes: number,
    alive: number,
    emptyAlive: number,
    bits: number,
    box: number,
  ) => void;
  spread: (bits: number, map: number, first: number, rows: number, width: number, stride: number) => void;
  maskCotangent: (
    near: number,
    live: number,
    first: number,
    rows: number,
    width: number,
    stride: number,
    cotangent: number,
    cellBytes: number,
  ) => void;
  mirrorMargin: (
    base: number,
    first: number,
    rows: number,
    width: number,
    stride: number,
    cellBytes: number,
    radius: number,
  ) => void;
  foldMargin: (
    base: number,
    first: number,
    rows: number,
    width: number,
    stride: number,
    cellBytes: number,
    radius: number,
  ) => void;
  squaredError: Measure;
  wrongPixels: Measure;
};

const NAMES = [
  "layer",
  "weightGradient",
  "biasGradient",
  "readWeightGradient",
  "readBiasGradient",
  "perceive",
  "scatter",
  "update",
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

function areKernels(exports: object): exports is Kernels {
  return NAMES.every((name) => name in exports);
}

/** Links compiled kernels to a memory. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!areKernels(exports))
    throw new TypeError(`the module is not the kernels: it lacks one of ${NAMES.join(", ")}`);
  return exports;
}
