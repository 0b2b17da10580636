/** Where everything lies in the memory of one workspace, for one kind of rule on one grid. */
import { kernelCount as kernelCountOf, perceptionRadius } from "../../rule/parts/perceive.ts";
import { layerSizes } from "../../rule/parameters.ts";
import type { Plane } from "../../rule/grid.ts";
import { axesOf, type Rule } from "../../rule/rule.ts";
import { CHUNK, scratchBytes, STRIDE } from "./chunk.ts";
import { compiledKind } from "./perceive/kinds.ts";
import type { MakePerception, PerceptionKind } from "./perceive/perception.ts";

/** Chunks that are pulled back together where threads share them; one thread alone keeps to what its cache holds, one. */
const SHARED_GROUP = 4;

/** One layer of the network: sizes as the rule has them, and padded to what the kernels need. */
export type LayerLayout = Readonly<{
  /** Inputs that differ from cell to cell: the conditioning vector is part of the bias here. */
  inputs: number;
  /** Rows of the input chunk: `inputs` up to a multiple of 4, or the perception of padded channels. */
  inputRows: number;
  outputs: number;
  outputRows: number;
  weight: number;
  /** The weight transposed, for the backward pass. */
  transposed: number;
  bias: number;
  /** (outputs, inputs), 16 bytes each. */
  weightSums: number;
  biasSums: number;
  /** Where the layer's input lies in a block of the tape. */
  input: number;
  /** Where the cotangent of that input lies among the cotangents of a chunk. */
  dInput: number;
  /** Where it lies there in which cells that cotangent is active: a word for each input. */
  activity: number;
}>;

export type Layout = Readonly<{
  channels: number;
  paddedChannels: number;
  cellBytes: number;
  /** Width of the margin around the grid, in cells; more lies right of it. */
  margin: number;
  /** Cells from one row to the next. */
  rowStride: number;
  /** Number of the first cell in the margined layout. */
  origin: number;
  radius: number;
  makePerception: MakePerception;
  /** Where the state before the step that is pulled back lies; 0 where the backward pass needs none. */
  before: number;
  layers: readonly LayerLayout[];
  /** The layers of each grafted parameter set: as `layers`, with weights of their own. They have no backward pass. */
  grafts: readonly (readonly LayerLayout[])[];
  /** Dense gradient of one layer's weight or bias, to be read out. */
  readout: number;
  state: number;
  cotangent: number;
  /** The picture that states are compared with, four numbers a cell, without margins. */
  target: number;
  /** Byte maps. */
  alive: number;
  support: number;
  candidates: number;
  post: number;
  doubtful: number;
  strays: number;
  everything: number;
  live: number;
  touched: number;
  mapBytes: number;
  /** Mask of one cell, and byte map: channels that are pinned, cells where they are not 0. Both 0 where none is. */
  keep: number;
  pinned: number;
  /** A bit map of the grid's living cells, to be kept or read back. */
  bits: number;
  list: number;
  strayList: number;
  delta: number;
  box: number;
  /** The chunks of a step: four words each. */
  chunkTable: number;
  /** Cotangents of the layers' inputs, of as many chunks as are pulled back together. */
  cotangents: number;
  cotangentBytes: number;
  group: number;
  /** A block for each thread, used where nothing is recorded, and deltas of the first one's. */
  scratchBlocks: readonly number[];
  scratchDelta: number;
  /** For each thread, what its kernels need beside their inputs and outputs. */
  scratchRows: readonly number[];
  /** Bytes of a block: the cells of a chunk, and the input of every layer for them. */
  blockBytes: number;
  /** First byte after all of this: the tape. */
  end: number;
}>;

const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

const hasPins = ({ pinned = [] }: Rule) => pinned.length > 0;

/** @throws RangeError for a rule that the engine declines. */
function kindOf(rule: Rule): PerceptionKind {
  const kind = compiledKind(rule);
  if (!kind) throw new RangeError(`no kernels for a perception of the kind ${rule.perceive?.kind}`);
  return kind;
}

/** What the layout, and so a workspace, depends on; two rules with the same key can share one. */
export function layoutKey(rule: Rule, grid: Plane, grafts: number): string {
  const sizes = kindOf(rule).sizes(rule);
  const radius = perceptionRadius(rule);
  const { boundary, channels, hidden, inputSize, perceive } = rule;
  const axes = axesOf(rule);
  const pins = hasPins(rule);
  return JSON.stringify([
    grid,
    boundary,
    channels,
    hidden,
    inputSize,
    sizes,
    radius,
    grafts,
    pins,
    perceive,
    axes,
  ]);
}

/**
 * @param grafts number of grafted parameter sets. @param threads that work on it together.
 */
export function layOut(rule: Rule, grid: Plane, grafts: number, threads = 1): Layout {
  let end = 1024;
  const place = (bytes: number) => {
    const at = end;
    end = roundUp(end + bytes, 64);
    return at;
  };
  const [height, width] = grid;
  const { channels } = rule;
  const paddedChannels = roundUp(channels, 4);
  const cellBytes = paddedChannels * 4;
  const radius = perceptionRadius(rule);
  const margin = Math.max(1, radius);
  const rowStride = margin + width + Math.max(margin, 16);
  const rows = height + 2 * margin;
  const cells = rows * rowStride + 32;
  const kernelCount = kernelCountOf(rule);

  const sizes = layerSizes(rule);
  let blockBytes = CHUNK * 4;
  let cotangentBytes = 0;
  const layers = sizes.slice(1).map((outputs, index): LayerLayout => {
    const inputs = index === 0 ? channels * kernelCount : sizes[index];
    const inputRows = index === 0 ? paddedChannels * kernelCount : roundUp(inputs, 4);
    const outputRows = roundUp(outputs, 4);
    const input = blockBytes;
    blockBytes += inputRows * STRIDE;
    const dInput = cotangentBytes;
    cotangentBytes += inputRows * STRIDE;
    const activity = cotangentBytes;
    cotangentBytes += inputRows * 4;
    return {
      inputs,
      inputRows,
      outputs,
      outputRows,
      weight: place(inputs * outputRows * 4),
      transposed: place(outputs * inputRows * 4),
      bias: place(outputRows * 4),
      weightSums: place(inputRows * outputRows * 16),
      biasSums: place(outputRows * 16),
      input,
      dInput,
      activity,
    };
  });
  const widest = Math.max(...layers.map(({ inputRows, outputRows }) => Math.max(inputRows, outputRows)));
  const graftedLayers = Array.from({ length: grafts }, () =>
    layers.map((layer) => ({
      ...layer,
      weight: place(layer.inputs * layer.outputRows * 4),
      transposed: place(layer.outputs * layer.inputRows * 4),
      bias: place(layer.outputRows * 4),
    })),
  );
  const largest = Math.max(...layers.map(({ inputs, outputs }) => inputs * outputs));
  const mapBytes = roundUp(cells, 64);
  // The cells of each parameter set fill chunks of their own, and a multiple of 8 places of a list.
  const sets = 1 + grafts;
  const chunks = Math.ceil((height * width) / CHUNK) + grafts;
  const group = Math.min(chunks, threads > 1 ? SHARED_GROUP : 1);
  let before = 0;
  const makePerception = kindOf(rule).layOut(rule, {
    channels,
    paddedChannels,
    cellBytes,
    rowStride,
    sets,
    threads,
    input: layers[0].input,
    dInput: layers[0].dInput,
    place,
    placeInBlock(bytes) {
      const at = blockBytes;
      blockBytes += bytes;
      return at;
    },
    placeInCotangents(bytes) {
      const at = cotangentBytes;
      cotangentBytes += bytes;
      return at;
    },
    recordState() {
      before ||= place(cells * cellBytes);
      return { at: before, cellBytes };
    },
  });
  const listBytes = (height * width + 8 * sets) * 4;
  return {
    channels,
    paddedChannels,
    cellBytes,
    margin,
    rowStride,
    origin: margin * rowStride + margin,
    radius,
    makePerception,
    before,
    layers,
    grafts: graftedLayers,
    readout: place(largest * 4),
    state: place(cells * cellBytes),
    cotangent: place(cells * cellBytes),
    target: place(height * width * 16),
    alive: place(mapBytes),
    support: place(mapBytes),
    candidates: place(mapBytes),
    post: place(mapBytes),
    doubtful: place(mapBytes),
    strays: place(mapBytes),
    everything: place(mapBytes),
    live: place(mapBytes),
    touched: place(mapBytes),
    mapBytes,
    keep: hasPins(rule) ? place(cellBytes) : 0,
    pinned: hasPins(rule) ? place(mapBytes) : 0,
    bits: place(height * Math.ceil(width / 16) * 2),
    list: place(listBytes),
    strayList: place(listBytes),
    delta: place(chunks * paddedChannels * STRIDE),
    box: place(16),
    chunkTable: place(chunks * 16),
    cotangents: place(group * cotangentBytes),
    cotangentBytes,
    group,
    scratchBlocks: Array.from({ length: threads }, () => place(blockBytes)),
    scratchDelta: place(paddedChannels * STRIDE),
    scratchRows: Array.from({ length: threads }, () => place(scratchBytes(widest))),
    blockBytes: roundUp(blockBytes, 64),
    end,
  };
}
