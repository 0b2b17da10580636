import { describe, expect, it } from "vitest";
import { joinRule, type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { initialParameters } from "../rule/parameters.ts";
import { PERCEIVE_WEIGHT } from "../rule/parts/depthwise.ts";
import type { Kernel, Rule } from "../rule/rule.ts";
import { exportModel, layouts } from "../exporters/interchange.ts";
import { encodeNpz } from "../formats/npz.ts";
import { encodeSafetensors } from "../formats/safetensors.ts";
import type { Tensor } from "../tensor.ts";
import { describeImport, type TensorImportOptions } from "./imported.ts";
import {
  counting,
  encoded,
  kernelTensor,
  layerTensors,
  repeated,
  someParameters,
  type Style,
  type Tensors,
  zeros,
} from "./stateDict.case.ts";
import { importTorch } from "./torch.ts";

const { distill, tutorial } = picturePresets;
const small: PictureRule = { ...distill, channels: 5, hidden: [7], seed: { from: 3, to: 5 } };

const conv: Style = {
  name: (layer, kind) => `net.${2 * layer}.${kind}`,
  shape: (rows, columns) => [rows, columns, 1, 1],
  layout: "out-in",
};
const linear: Style = {
  ...conv,
  name: (layer, kind) => `fc${layer}.${kind}`,
  shape: (rows, columns) => [rows, columns],
};

/** A first layer (7, 15) that takes five numbers before its own: of weights 100 to 104. */
function widened({ data }: Tensor): Tensor {
  const rows = counting(7).flatMap((row) => [
    ...counting(5).map((c) => 100 + c),
    ...Array.from(data.subarray(row * 15, (row + 1) * 15), Number),
  ]);
  return { shape: [7, 20], data: Float32Array.from(rows) };
}

type Form = Readonly<{
  rule: PictureRule;
  style: Style;
  /** Other tensors, and how the file is described. */
  more?: Tensors;
  options?: TensorImportOptions;
}>;

const fivePoint = (
  [
    [-1, 0, 1],
    [0, -1, 1],
    [0, 0, -4],
    [0, 1, 1],
    [1, 0, 1],
  ] as const
).map(([y, x, weight]) => ({
  offset: [y, x] as const,
  weight,
}));
const shifted: Kernel = { taps: [{ offset: [-2, 1], weight: 0.5 }] };
const blind: Kernel = { taps: [{ offset: [0, 0], weight: 0 }] };
const single: PictureRule = { ...small, kernels: ["identity"], hidden: [5] };
const laplacian: PictureRule = { ...small, kernels: ["identity", "laplacian"] };
const conditional: PictureRule = { ...small, inputSize: 5 };
const torus: PictureRule = { ...tutorial, hidden: [12] };
const xThenY: Kernel[] = counting(10).map((n) => (n < 5 ? "sobelX" : "sobelY"));
const named = (name: Style["name"]): Style => ({ ...linear, name });
const withKernels = ({ kernels }: Rule): TensorImportOptions => ({ overrides: { rule: { kernels } } });

const KERAS: Style = {
  name: (layer, kind) => `conv2d${layer ? `_${layer}` : ""}/${kind === "bias" ? "bias" : "kernel"}:0`,
  shape: (rows, columns) => [1, 1, rows, columns],
  layout: "in-out",
};
/** Named by nothing but their numbers: weight, bias, weight, bias. */
const inTurns = (prefix: string): Style["name"] => {
  return (layer, kind) => `${prefix}${2 * layer + (kind === "bias" ? 1 : 0)}`;
};
const equal: PictureRule = { ...small, hidden: [5, 5] };
const square = (kernel: Kernel): Tensors[string] => kernelTensor([3, 3], [kernel]);

const forms: [string, Form][] = [
  ["Keras's names with an optimiser's slots", { rule: small, style: KERAS, more: slots() }],
  [
    "Keras's dense layers, square ones (in, out)",
    {
      rule: { ...small, kernels: ["identity"], hidden: [5] },
      style: { ...KERAS, shape: (rows, columns) => [rows, columns] },
      options: { overrides: { rule: { kernels: ["identity"] } } },
    },
  ],
  ["Haiku's names", { rule: small, style: named((layer, kind) => `cell/~/linear_${layer}/${kind[0]}`) }],
  [
    "lists of weights and biases",
    { rule: equal, style: named((layer, kind) => `${kind === "bias" ? "biases" : "weights"}.${layer}`) },
  ],
  ["arr_0, arr_1, ...", { rule: small, style: named(inTurns("arr_")) }],
  [
    "0, 1, ... of many equal layers",
    { rule: { ...small, hidden: [5, 5, 5, 5, 5] }, style: named(inTurns("")) },
  ],
  [
    "positions without hidden biases",
    { rule: small, style: { ...named(inTurns("arr_")), hiddenBias: false } },
  ],
  [
    "positions, all weights before all biases",
    { rule: equal, style: named((layer, kind) => `arr_${layer + (kind === "bias" ? 3 : 0)}`) },
  ],
  [
    "positions, the bias before its weight",
    { rule: equal, style: named((layer, kind) => `arr_${2 * layer + (kind === "bias" ? 0 : 1)}`) },
  ],
  [
    "variables of Keras's HDF5",
    { rule: equal, style: named((n, kind) => `layers/dense_${n}/vars/${kind === "bias" ? 1 : 0}`) },
  ],
  ["biases by their sizes", { rule: small, style: named((n, kind) => (kind === "bias" ? "pq" : "xy")[n]) }],
  [
    "Sobel buffers by themselves, the identity left to the state",
    {
      rule: small,
      style: { ...linear, order: "kernel" },
      more: { sobel_x: square("sobelX"), sobel_y: square("sobelY") },
      options: { order: "kernel" },
    },
  ],
  [
    "one depthwise convolution a kernel",
    {
      rule: { ...small, kernels: ["identity", "sobelXRaw", "sobelYRaw", "laplacian"] },
      style: { ...linear, order: "kernel" },
      more: {
        lap: kernelTensor([5, 1, 3, 3], repeated(["laplacian"], 5)),
        dy: kernelTensor([5, 1, 3, 3], repeated(["sobelYRaw"], 5)),
        dx: kernelTensor([5, 1, 3, 3], repeated(["sobelXRaw"], 5)),
      },
      options: { order: "kernel" },
    },
  ],
  [
    "the state before a depthwise convolution",
    {
      rule: small,
      style: { ...linear, order: "state" },
      more: { "conv.weight": kernelTensor([10, 1, 3, 3], repeated(["sobelX", "sobelY"], 5)) },
    },
  ],
  [
    "Keras's depthwise kernel, (3, 3, C, K)",
    {
      rule: small,
      style: KERAS,
      more: { "depthwise_conv2d/depthwise_kernel:0": depthwise(small.kernels, 5) },
    },
  ],
  [
    "a module that is registered twice",
    { rule: small, style: linear, more: twice(layerTensors(small, someParameters(small), linear)) },
  ],
  ["1x1 convolutions", { rule: distill, style: conv }],
  ["1-D convolutions", { rule: small, style: { ...conv, shape: (rows, columns) => [rows, columns, 1] } }],
  ["1x1 convolutions as wide as a kernel", { rule: { ...small, hidden: [7, 7] }, style: conv }],
  ["linear layers", { rule: small, style: linear }],
  ["no bias at the end", { rule: { ...small, outputBias: false }, style: linear }],
  ["no bias before the end", { rule: small, style: { ...linear, hiddenBias: false } }],
  ["weights (in, out)", { rule: small, style: { ...linear, layout: "in-out" } }],
  ["w0, b0, w1, b1", { rule: small, style: named((layer, kind) => kind[0] + layer) }],
  ["names joined by _", { rule: small, style: named((layer, kind) => `dense${layer}_${kind}`) }],
  ["one layer", { rule: { ...small, hidden: [] }, style: linear }],
  [
    "more than ten modules, in the order of their numbers",
    { rule: { ...small, hidden: [7, 7, 7] }, style: named((layer, kind) => `net.${4 * layer}.${kind}`) },
  ],
  [
    "names in no order",
    { rule: { ...small, hidden: [7, 9] }, style: named((n, kind) => `${["top", "mid", "low"][n]}.${kind}`) },
  ],
  [
    "equal layers in an order that is stated",
    {
      rule: { ...small, hidden: [7, 7, 7] },
      style: named((layer, kind) => `${"dbca"[layer]}.${kind}`),
      options: { layers: ["d", "b", "c", "a"] },
    },
  ],
  [
    "features by kernel, as stated",
    { rule: small, style: { ...linear, order: "kernel" }, options: { order: "kernel" } },
  ],
  ["another preset", { rule: tutorial, style: conv, options: { preset: "tutorial" } }],
  ["a stated input", { rule: conditional, style: linear, options: { sets: ["rule.inputSize=5"] } }],
  [
    "a stated input, features by kernel",
    {
      rule: conditional,
      style: { ...linear, order: "kernel" },
      options: { sets: ["rule.inputSize=5"], order: "kernel" },
    },
  ],
  ["an input that no kernels make up", { rule: { ...small, inputSize: 3 }, style: linear }],
  ["stated kernels", { rule: laplacian, style: linear, options: withKernels(laplacian) }],
  ["a square layer", { rule: single, style: linear, options: withKernels(single) }],
  [
    "a square layer the other way, as stated",
    {
      rule: single,
      style: { ...linear, layout: "in-out" },
      options: { layout: "in-out", ...withKernels(single) },
    },
  ],
  [
    "another network, ignored",
    {
      rule: small,
      style: linear,
      more: { "encoder.fc.weight": zeros([9, 9]), "encoder.n": { shape: [], data: BigInt64Array.of(1n) } },
      options: { ignore: ["encoder"] },
    },
  ],
  [
    "a depthwise convolution",
    {
      rule: laplacian,
      style: linear,
      more: { "perceive.weight": kernelTensor([10, 1, 3, 3], repeated(laplacian.kernels, 5)) },
    },
  ],
  [
    "a depthwise convolution by kernel",
    {
      rule: { ...small, kernels: ["sobelX", "sobelY"] },
      style: { ...linear, order: "kernel" },
      more: {
        filters: kernelTensor([10, 1, 3, 3], xThenY),
      },
    },
  ],
  [
    "a depthwise convolution and an input",
    {
      rule: { ...small, inputSize: 10 },
      style: linear,
      more: { "perceive.weight": kernelTensor([15, 1, 3, 3], repeated(small.kernels, 5)) },
    },
  ],
  [
    "a stack of kernels",
    {
      rule: torus,
      style: conv,
      options: { preset: "tutorial" },
      more: { KERNELS: kernelTensor([3, 1, 3, 3], torus.kernels) },
    },
  ],
  [
    "a stack of 5x5 kernels, one of which has no name",
    {
      rule: { ...small, kernels: ["identity", shifted] },
      style: linear,
      more: { filters: kernelTensor([2, 5, 5], ["identity", shifted]) },
    },
  ],
  [
    "the tutorial's identity kernel of zeros",
    {
      rule: { ...torus, kernels: [blind, "sobelXRaw", "sobelYRaw"] },
      style: conv,
      options: { preset: "tutorial" },
      more: { KERNELS: kernelTensor([3, 3, 3], [blind, "sobelXRaw", "sobelYRaw"]) },
    },
  ],
];

/** What Keras keeps of Adam beside a model. */
function slots(): Tensors {
  return {
    "Adam/iter:0": { shape: [], data: BigInt64Array.of(3n) },
    "Adam/conv2d/kernel/m:0": zeros([1, 1, 15, 7]),
    "Adam/conv2d/bias/v:0": zeros([7]),
    "learning_rate:0": zeros([]),
  };
}

function twice(tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`twin.${name}`, tensor]));
}

/** As DepthwiseConv2D has it: for each place, for each channel, the kernels. */
function depthwise(kernels: readonly Kernel[], channels: number): Tensors[string] {
  const { data } = kernelTensor([kernels.length, 3, 3], kernels);
  const values = counting(9).flatMap((place) =>
    counting(channels).flatMap(() => kernels.map((_, kernel) => Number(data[9 * kernel + place]))),
  );
  return { shape: [3, 3, channels, kernels.length], data: Float32Array.from(values) };
}

/** What the file of a form holds. */
function tensorsOf({ rule, style, more }: Form): Tensors {
  return { ...layerTensors(rule, someParameters(rule, style), style), ...more };
}

describe("importTorch", () => {
  it.each(forms)("reads %s", (_, form) => {
    const { model } = importTorch(encoded(tensorsOf(form)), form.options);
    expect(joinRule(model)).toEqual(form.rule);
    expect(model.parameters).toEqual(someParameters(form.rule, form.style));
    expect(model.provenance).toEqual({ grid: [72, 72] });
  });

  it("reads .npz and float64 alike", () => {
    const tensors = tensorsOf({ rule: small, style: linear });
    const wide = Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, Number) },
    ]);
    const expected = importTorch(encoded(tensors));
    expect(importTorch(encodeNpz({ tensors, metadata: {} }))).toEqual(expected);
    expect(importTorch(encoded(Object.fromEntries(wide)))).toEqual(expected);
  });

  it("reads float16 as the float32 of the same value", () => {
    const exact = Object.entries(tensorsOf({ rule: small, style: linear })).map(([name, { shape, data }]) => [
      name,
      // Multiples of 1/64 up to 16 have 11 bits at most.
      { shape, data: Float32Array.from(data, Number).map((value) => Math.round(value * 64) / 64) },
    ]);
    const tensors = Object.fromEntries(exact);
    const half = encodeSafetensors({ tensors, metadata: {} }, { half: new Set(Object.keys(tensors)) });
    const whole = encoded(tensors);
    expect(half.length).toBeLessThan(whole.length);
    expect(importTorch(half)).toEqual(importTorch(whole));
  });

  it.each(layouts)("takes an export back, rule and all: %s", (layout) => {
    const rule: PictureRule = {
      ...small,
      kernels: ["identity", { taps: [{ offset: [0, 1], weight: 0.1 }] }],
      boundary: "wrap",
      hidden: [5],
      inputSize: 5,
      fireRate: 0.25,
    };
    const provenance = { grid: [40, 30] as [number, number], target: "🦎" };
    const model = { ...splitRule(rule), parameters: someParameters(rule), provenance };
    const file = exportModel(model, layout);
    for (const bytes of [encodeSafetensors(file), encodeNpz(file)]) {
      expect(importTorch(bytes).model).toEqual(model);
      const other = joinRule(importTorch(bytes, { preset: "distill", sets: ["rule.stepSize=2"] }).model);
      const known = { kernels: [rule.kernels[0], { taps: [{ offset: [0, 1], weight: Math.fround(0.1) }] }] };
      expect(other).toEqual({ ...small, ...known, hidden: [5], inputSize: 5, stepSize: 2 });
    }
  });

  const perceive = { kind: "depthwise", size: 3, kernels: 3 } as const;

  it.each(layouts)("takes kernels of each channel's own back: %s", (layout) => {
    for (const own of [perceive, { kind: "depthwise", size: 5, kernels: 2 } as const]) {
      const whole: PictureRule = { ...small, perceive: own, inputSize: 2, pinned: [4], noise: 0.05 };
      const { rule } = splitRule(whole);
      // At the beginning they are equal in all channels.
      for (const parameters of [someParameters(rule), initialParameters(rule, 1)]) {
        const model = { ...splitRule(whole), parameters, provenance: { grid: [40, 30] as [number, number] } };
        const file = exportModel(model, layout);
        for (const bytes of [encodeSafetensors(file), encodeNpz(file)]) {
          expect(importTorch(bytes).model).toEqual(model);
        }
        const { [PERCEIVE_WEIGHT]: _kernels, ...rest } = file.tensors;
        expect(() => importTorch(encodeSafetensors({ ...file, tensors: rest }))).toThrow(
          "the file's own rule has trained kernels, but the file holds none",
        );
      }
    }
  });

  it("reads a learned depthwise convolution, as PyTorch has it, with the state before it or not", () => {
    const whole: PictureRule = { ...small, perceive };
    const { rule } = splitRule(whole);
    const parameters = someParameters(rule);
    const provenance = { grid: [72, 72] as [number, number] };
    const { tensors } = exportModel({ ...splitRule(whole), parameters, provenance }, "out-in");
    // Kernel k of channel c is that of output c * K + k.
    expect(tensors[PERCEIVE_WEIGHT].data[(4 * 3 + 2) * 9 + 7]).toBe(parameters[(2 * 9 + 7) * 5 + 4]);
    const { model, mapping } = importTorch(encoded(tensors));
    expect(joinRule(model)).toMatchObject({ ...distill, ...whole });
    expect(model.parameters).toEqual(parameters);
    expect(mapping.at(-1)).toEqual({
      from: "perceive.weight (15, 1, 3, 3)",
      to: "perceive.weight (3, 3, 3, 5)",
      how: "kernels of each channel's own",
    });

    const joined = importTorch(
      encoded({ ...tensors, "update.0.weight": widened(tensors["update.0.weight"]) }),
    );
    expect(joined.model.rule.perceive).toEqual({ ...perceive, kernels: 4 });
    expect([...joined.model.parameters.subarray(0, 45)]).toEqual(
      counting(45).map((i) => (Math.floor(i / 5) === 4 ? 1 : 0)),
    );
    expect(joined.model.parameters.subarray(45, 180)).toEqual(parameters.subarray(0, 135));
    // The rows of a channel: the state's, 100 + c, and those of its kernels.
    const rows = joined.model.parameters.subarray(180);
    expect(counting(20).map((row) => rows[row * 7])).toEqual(
      counting(5).flatMap((c) => [100 + c, ...counting(3).map((k) => parameters[135 + (c * 3 + k) * 7])]),
    );
  });

  it("says what became of each tensor, and what was assumed", () => {
    const rule: PictureRule = { ...small, kernels: ["identity", "sobelX"], outputBias: false };
    const tensors = layerTensors(rule, someParameters(rule), { ...conv, hiddenBias: false, order: "kernel" });
    const sets = ['rule.kernels=["identity","sobelX"]'];
    expect(describeImport(importTorch(encoded(tensors), { sets, order: "kernel" })).split("\n")).toEqual([
      "net.0.weight (7, 10, 1, 1)  ->  update.0.weight (10, 7)  transposed, rows by kernel to rows by channel",
      "(no bias)                   ->  update.0.bias (7,)       zeros",
      "net.2.weight (5, 7, 1, 1)   ->  update.1.weight (7, 5)   transposed",
      "(no bias)                   ->  rule.outputBias          false",
      "The automaton: 5 channels, kernels identity, sobelX, hidden layers of 7.",
      "Its grid: 72 x 72 cells.",
      "Its conventions, from the preset distill: RGBA in channels 0 to 3, premultiplied; seed channels 3 to 4; alive where channel 3 exceeds 0.1, before and after the update; boundary zero; fire rate 0.5; step size 1. Change them with --set, as in --set rule.fireRate=1.",
    ]);
    expect(importTorch(encoded(tensors), { sets }).notes[3]).toBe(
      "It was read as channel by channel, which the file does not say; it may as well be kernel by kernel: say which with --order, --layout, --preset or --set rule.kernels.",
    );
  });

  it("says how a bias was found, what was left out, and what the kernels are", () => {
    const rule: PictureRule = { ...small, kernels: ["identity", { taps: fivePoint }] };
    const more = { ...slots(), k: kernelTensor([10, 1, 3, 3], repeated(rule.kernels, 5)) };
    const tensors = { ...layerTensors(rule, someParameters(rule), named(inTurns("p"))), ...more };
    const { mapping, notes } = importTorch(encoded(tensors), {
      sets: ['rule.kernels=["identity","laplacian"]'],
    });
    expect(mapping.map(({ from, to, how }) => [from.split(" ")[0], to.split(" ")[0], how])).toEqual([
      ["p0", "update.0.weight", "transposed"],
      ["p1", "update.0.bias", "by its place"],
      ["p2", "update.1.weight", "transposed"],
      ["p3", "update.1.bias", "by its place"],
      ["k", "rule.kernels", "not taken, since others are stated"],
      ["Adam/conv2d/bias/v:0", "(left", "of the optimizer"],
      ["Adam/conv2d/kernel/m:0", "(left", "of the optimizer"],
      ["Adam/iter:0", "(left", "of the optimizer"],
      ["learning_rate:0", "(left", "of the optimizer"],
    ]);
    expect(notes[3]).toBe(
      "Not the file's kernels: kernel 1 is 5-point Laplacian (centre -4) in the file, and stated as laplacian (9-point, / 16).",
    );
  });

  it("says where weights would fit either way round", () => {
    const rule: PictureRule = { ...small, kernels: ["identity"], hidden: [5] };
    const overrides = { rule: { kernels: ["identity"] } };
    const tensors = layerTensors(rule, someParameters(rule), linear);
    const { notes } = importTorch(encoded(tensors), { overrides });
    expect(notes[3]).toMatch(/^It was read as weights \(out, in\), .* may as well be weights \(in, out\), /);
    expect(importTorch(encoded(tensors), { overrides, layout: "out-in" }).notes.length).toBe(3);
    expect(importTorch(encoded(tensors), { overrides, layout: "in-out" }).model.parameters).not.toEqual(
      someParameters(rule),
    );
  });
});
