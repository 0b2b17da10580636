/** A model as a shader has it: what of it shaders can express, and the numbers that go into their text. */
import { UserError } from "../../errors.ts";
import { type Model, modelPlane } from "../../model/model.ts";
import { type Readout, shownReadout } from "../../model/readout.ts";
import {
  type GivenCoordinates,
  groundState,
  noiseStream,
  placeChannels,
  startState,
} from "../../model/start.ts";
import type { Plane } from "../../rule/grid.ts";
import { kernelTaps } from "../../rule/kernels.ts";
import { layerSizes, networkTable } from "../../rule/parameters.ts";
import { depthwiseOf, depthwiseOffsets } from "../../rule/parts/depthwise.ts";
import { filterTaps } from "../../rule/parts/filter.ts";
import { kernelCount, perceiveName } from "../../rule/parts/perceive.ts";
import { dequantise, quantise } from "../../rule/quantisation.ts";
import type { Rule } from "../../rule/rule.ts";

/** How weights are written: whole numbers of 8 bits with a scale for each output unit, or float32. */
export const shaderWeights = ["i8", "f32"] as const;
/** How weights are written: `i8`, whole numbers of 8 bits with a scale for each output unit, or `f32`, as they are. */
export type ShaderWeights = (typeof shaderWeights)[number];

/** Settings of an automaton as shaders. */
export type ShaderOptions = Readonly<{
  /** What the picture is called. */
  title: string;
  /** Default "i8". */
  weights?: ShaderWeights;
  /** Of the fire masks, as in a rollout: a whole number from 0 to 2^32 - 1. Default 0. */
  seed?: number;
}>;

/** Numbers of a texel, and so channels of a texture. */
export const TEXEL = 4;

/** A layer of the network, its sizes filled up to whole texels. */
export type ShaderLayer = Readonly<{
  /** Texels that go in and come out. */
  inputs: number;
  outputs: number;
  /** Shape (outputs, inputs, 4, 4): the last axis is the output's. Times the scale of its output they are the weights. */
  weights: Float32Array;
  /** Shape (outputs, 4): all 1 for weights that are float32. */
  scales: Float32Array;
  biases: Float32Array;
}>;

/** An automaton in texels: channel c is component c % 4 of texel c / 4. */
export type ShaderAutomaton = Readonly<{
  title: string;
  rule: Rule;
  grid: Plane;
  readout: Readout;
  seed: number;
  weights: ShaderWeights;
  /** Texels that hold the channels of a cell, each in a texture of its own. */
  texels: number;
  /** Features of each channel. */
  kernels: number;
  /** What is seen, in cells [down, right], and by which weight: shape (kernels, channels), channels of a kernel alike where these are shared. */
  taps: readonly Readonly<{ offset: readonly number[]; weights: Float32Array }>[];
  /** Whether all channels have the same kernels. */
  sharedKernels: boolean;
  /** Whether the second half of the kernels are the magnitudes of the first, which alone have taps. */
  magnitudes: boolean;
  layers: readonly ShaderLayer[];
  /** What cells hold at first that are not listed in `start`: the channels, filled up to whole texels, and noise around them. */
  ground: Readonly<{ values: Float32Array; noise: number; stream: number }>;
  /** Cells that hold something else at first: [row, column] and the channels, filled up to whole texels. */
  start: readonly Readonly<{ at: readonly [number, number]; values: Float32Array }>[];
  /** Coordinates that cells hold at first around the centre cell. */
  coordinates: GivenCoordinates | undefined;
  /** Channels that erasing leaves. */
  kept: readonly number[];
}>;

/** Most weights of a network: they are constants in the text, and a longer one takes browsers too long to compile. */
const MAX_WEIGHTS = 32_768;
/** Most cells that a start may hold. */
const MAX_START = 1024;
/** Longest side of a texture that every device has. */
const MAX_SIDE = 2048;
/** Textures that a shader may read on every device. */
const MAX_TEXELS = 16;

/**
 * A model as a shader has it.
 *
 * @param maxChannels most channels that the target has room for.
 * @throws UserError, one sentence, for a model that shaders cannot express.
 */
export function shaderAutomaton(
  model: Model,
  { title, weights = "i8", seed = 0 }: ShaderOptions,
  { target, maxChannels = MAX_TEXELS * TEXEL }: Readonly<{ target: string; maxChannels?: number }>,
): ShaderAutomaton {
  const { rule } = model;
  const refuse = (why: string) => new UserError(`cannot export ${title} to ${target}: ${why}`);
  const grid = modelPlane(model, title);
  if (rule.inputSize > 0) {
    throw refuse(`its cells take an input of ${rule.inputSize} numbers, for which its shaders have no place`);
  }
  if (rule.channels > maxChannels) {
    throw refuse(`it has ${rule.channels} channels, and there is room for at most ${maxChannels}`);
  }
  if (rule.noise) throw refuse("its updates have noise, which its shaders do not draw");
  if (rule.alive.mask !== "none" && rule.alive.reach === 0) {
    throw refuse("its cells live by themselves alone, and its shaders look at the cells around, too");
  }
  if (Math.max(...grid) > MAX_SIDE) {
    throw refuse(`its grid is ${grid.join("x")} cells, and a texture has at most ${MAX_SIDE} a side`);
  }
  const layers = shaderLayers(rule, model.parameters, weights);
  const count = networkTable(rule).reduce((sum, { size }) => sum + size, 0);
  if (count > MAX_WEIGHTS) {
    throw refuse(`its network has ${count} weights, and a shader's text holds at most ${MAX_WEIGHTS}`);
  }
  const start = startCells(model, grid);
  if (start.length > MAX_START) {
    throw refuse(`it starts from ${start.length} cells, and a shader's text holds at most ${MAX_START}`);
  }
  const kernels = kernelCount(rule);
  const parameters = weights === "i8" ? dequantise(quantise(rule, model.parameters)) : model.parameters;
  return {
    title,
    rule,
    grid,
    readout: shownReadout(model),
    seed,
    weights,
    texels: texelsOf(rule.channels),
    kernels,
    ...seenBy(rule, parameters, refuse),
    layers,
    ground: groundOf(model),
    start,
    coordinates: model.start.coordinates,
    kept: placeChannels(model),
  };
}

function seenBy(
  rule: Rule,
  parameters: Float32Array,
  refuse: (why: string) => Error,
): Pick<ShaderAutomaton, "taps" | "sharedKernels" | "magnitudes"> {
  const kind = perceiveName(rule);
  switch (kind) {
    case "taps":
      return { taps: fixedTaps(rule), sharedKernels: true, magnitudes: false };
    case "depthwise":
      return { taps: trainedTaps(rule, parameters), sharedKernels: false, magnitudes: false };
    case "filter":
      return { taps: filteredTaps(rule), sharedKernels: false, magnitudes: true };
    case "attention":
      throw refuse("its cells attend to their neighbours, which its shaders do not");
    default:
      return kind satisfies never;
  }
}

/** Whether the picture repeats in all directions, as that of an endless texture, rather than standing alone. */
export function repeats({ rule }: Pick<ShaderAutomaton, "rule">): boolean {
  return rule.boundary === "wrap" && rule.alive.mask === "none";
}

function texelsOf(numbers: number): number {
  return Math.ceil(numbers / TEXEL);
}

/** Where a feature, numbered as engines do (c * K + k), lies in a shader: kernel by kernel within each texel of channels. */
function featurePlace(feature: number, K: number): number {
  const [channel, kernel] = [Math.floor(feature / K), feature % K];
  return (Math.floor(channel / TEXEL) * K + kernel) * TEXEL + (channel % TEXEL);
}

function shaderLayers(rule: Rule, parameters: Float32Array, format: ShaderWeights): ShaderLayer[] {
  const sizes = layerSizes(rule);
  const table = networkTable(rule);
  const K = kernelCount(rule);
  const first = parameters.length - table.reduce((sum, { size }) => sum + size, 0);
  const skipped = first > 0 ? 1 : 0;
  const quantised = quantise(rule, parameters).slice(skipped);
  const layers: ShaderLayer[] = [];
  for (const [entry, { shape, offset, size }] of table.entries()) {
    const numbers = parameters.subarray(offset, offset + size);
    if (shape.length === 1) {
      layers[layers.length - 1].biases.set(numbers);
      continue;
    }
    const layer = layers.length;
    const inputs = layer === 0 ? texelsOf(rule.channels) * K : texelsOf(sizes[layer]);
    const outputs = texelsOf(shape[1]);
    const weights = new Float32Array(outputs * inputs * TEXEL * TEXEL);
    const values = format === "i8" ? quantised[entry].values : numbers;
    for (let input = 0; input < shape[0]; input++) {
      const place = layer === 0 ? featurePlace(input, K) : input;
      for (let output = 0; output < shape[1]; output++) {
        const block = Math.floor(output / TEXEL) * inputs + Math.floor(place / TEXEL);
        const within = (place % TEXEL) * TEXEL + (output % TEXEL);
        weights[block * TEXEL * TEXEL + within] = values[input * shape[1] + output];
      }
    }
    const scales = new Float32Array(outputs * TEXEL).fill(1);
    if (format === "i8") scales.set(quantised[entry].scales);
    layers.push({ inputs, outputs, weights, scales, biases: new Float32Array(outputs * TEXEL) });
  }
  return layers;
}

function fixedTaps(rule: Rule): ShaderAutomaton["taps"] {
  const K = rule.kernels.length;
  const taps = new Map<string, { offset: readonly number[]; weights: Float32Array }>();
  for (const [k, kernel] of rule.kernels.entries()) {
    for (const { offset, weight } of kernelTaps(kernel)) {
      const key = offset.join();
      const tap = taps.get(key) ?? { offset, weights: new Float32Array(K * rule.channels) };
      for (let c = 0; c < rule.channels; c++) tap.weights[k * rule.channels + c] += weight;
      taps.set(key, tap);
    }
  }
  return [...taps.values()];
}

function trainedTaps(rule: Rule, parameters: Float32Array): ShaderAutomaton["taps"] {
  const { kernels: K } = depthwiseOf(rule);
  const C = rule.channels;
  const offsets = depthwiseOffsets(rule);
  return offsets.map((offset, tap) => {
    const weights = new Float32Array(K * C);
    for (let k = 0; k < K; k++) {
      const from = (k * offsets.length + tap) * C;
      weights.set(parameters.subarray(from, from + C), k * C);
    }
    return { offset, weights };
  });
}

/** Identity and filter: the magnitudes have no taps of their own. */
function filteredTaps(rule: Rule): ShaderAutomaton["taps"] {
  const C = rule.channels;
  const { offsets, weights } = filterTaps(rule);
  const taps = offsets.map((offset, tap) => {
    const own = new Float32Array(2 * C);
    own.set(weights.subarray(tap * C, (tap + 1) * C), C);
    return { offset, weights: own };
  });
  let middle = taps.find(({ offset }) => offset.every((cells) => cells === 0));
  if (!middle) taps.push((middle = { offset: [0, 0], weights: new Float32Array(2 * C) }));
  middle.weights.fill(1, 0, C);
  return taps;
}

function groundOf({ rule, readout, start }: Model): ShaderAutomaton["ground"] {
  const { noise = 0, ground = 0 } = start.cell;
  const values = new Float32Array(texelsOf(rule.channels) * TEXEL);
  if (readout) values.fill(ground, readout.offset, readout.offset + readout.channels);
  return { values, noise, stream: noiseStream() };
}

function startCells(model: Model, grid: Plane): ShaderAutomaton["start"] {
  const C = model.rule.channels;
  const { coordinates: _, ...laid } = model.start;
  const state = startState({ ...model, start: laid }, grid);
  const { pictures: _pictures, ...bare } = laid;
  const ground = groundState({ ...model, start: bare }, grid);
  const cells: { at: readonly [number, number]; values: Float32Array }[] = [];
  for (let n = 0; n < state.length / C; n++) {
    const own = state.subarray(n * C, (n + 1) * C);
    if (own.every((value, c) => value === ground[n * C + c])) continue;
    const values = new Float32Array(texelsOf(C) * TEXEL);
    values.set(own);
    cells.push({ at: [Math.floor(n / grid[1]), n % grid[1]], values });
  }
  return cells;
}
