import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../../errors.ts";
import { rulePresets } from "../../rule/presets.ts";
import type { Rule } from "../../rule/rule.ts";
import { exportModel, layouts } from "../interchange.ts";
import { encodeNpz } from "../npz.ts";
import { encodeSafetensors } from "../safetensors.ts";
import { describeImport, type TensorImportOptions } from "./imported.ts";
import {
  counting,
  encoded,
  kernelTensor,
  layerTensors,
  someParameters,
  type Style,
  type Tensors,
} from "./stateDict.case.ts";
import { importTorch } from "./torch.ts";

const { distill, tutorial } = rulePresets;
const small: Rule = { ...distill, channels: 5, hidden: [7], seed: { from: 3, to: 5 } };

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

type Form = Readonly<{
  rule: Rule;
  style: Style;
  /** Other tensors, and how the file is told of. */
  more?: Tensors;
  options?: TensorImportOptions;
}>;

const forms: [string, Form][] = [
  ["1x1 convolutions", { rule: distill, style: conv }],
  ["1-D convolutions", { rule: small, style: { ...conv, shape: (rows, columns) => [rows, columns, 1] } }],
  ["linear layers", { rule: small, style: linear }],
  ["no bias at the end", { rule: { ...small, outputBias: false }, style: linear }],
  ["no bias before the end", { rule: small, style: { ...linear, hiddenBias: false } }],
  ["weights (in, out)", { rule: small, style: { ...linear, layout: "in-out" } }],
  ["w0, b0, w1, b1", { rule: small, style: { ...linear, name: (layer, kind) => kind[0] + layer } }],
  [
    "names joined by _",
    { rule: small, style: { ...linear, name: (layer, kind) => `dense${layer}_${kind}` } },
  ],
  ["one layer", { rule: { ...small, hidden: [] }, style: linear }],
  [
    "twelve modules, in the order of numbers",
    {
      rule: { ...small, hidden: [7, 7, 7] },
      style: { ...linear, name: (layer, kind) => `net.${4 * layer}.${kind}` },
    },
  ],
  [
    "names in no order",
    {
      rule: { ...small, hidden: [7, 9] },
      style: { ...linear, name: (layer, kind) => `${["top", "mid", "low"][layer]}.${kind}` },
    },
  ],
  [
    "equal layers in an order that is stated",
    {
      rule: { ...small, hidden: [7, 7, 7] },
      style: { ...linear, name: (layer, kind) => `${"dbca"[layer]}.${kind}` },
      options: { layers: ["d", "b", "c", "a"] },
    },
  ],
  [
    "features by kernel, stated",
    { rule: small, style: { ...linear, order: "kernel" }, options: { order: "kernel" } },
  ],
  ["another preset", { rule: tutorial, style: conv, options: { preset: "tutorial" } }],
  [
    "a stated input",
    { rule: { ...small, inputSize: 5 }, style: linear, options: { sets: ["rule.inputSize=5"] } },
  ],
  [
    "a stated input, features by kernel",
    {
      rule: { ...small, inputSize: 5 },
      style: { ...linear, order: "kernel" },
      options: { sets: ["rule.inputSize=5"], order: "kernel" },
    },
  ],
  ["an input that no kernels make up", { rule: { ...small, inputSize: 3 }, style: linear }],
  [
    "stated kernels",
    {
      rule: { ...small, kernels: ["identity", "laplacian"] },
      style: linear,
      options: { overrides: { rule: { kernels: ["identity", "laplacian"] } } },
    },
  ],
  [
    "a square layer",
    {
      rule: { ...small, kernels: ["identity"], hidden: [5] },
      style: linear,
      options: { overrides: { rule: { kernels: ["identity"] } } },
    },
  ],
  [
    "a square layer the other way, stated",
    {
      rule: { ...small, kernels: ["identity"], hidden: [5] },
      style: { ...linear, layout: "in-out" },
      options: { layout: "in-out", overrides: { rule: { kernels: ["identity"] } } },
    },
  ],
  [
    "another network, ignored",
    {
      rule: small,
      style: linear,
      more: {
        "encoder.fc.weight": { shape: [9, 9], data: new Float32Array(81) },
        "encoder.count": { shape: [], data: BigInt64Array.of(1n) },
      },
      options: { ignore: ["encoder"] },
    },
  ],
  [
    "a depthwise convolution",
    {
      rule: { ...small, kernels: ["identity", "laplacian"] },
      style: linear,
      more: {
        "perceive.weight": kernelTensor(
          { ...small, kernels: ["identity", "laplacian"] },
          [10, 1, 3, 3],
          counting(10).map((n) => n % 2),
        ),
      },
    },
  ],
  [
    "a depthwise convolution by kernel",
    {
      rule: { ...small, kernels: ["sobelX", "sobelY"] },
      style: { ...linear, order: "kernel" },
      more: {
        "perceive.weight": kernelTensor(
          { ...small, kernels: ["sobelX", "sobelY"] },
          [10, 1, 3, 3],
          counting(10).map((n) => Math.floor(n / 5)),
        ),
      },
    },
  ],
  [
    "a depthwise convolution and an input",
    {
      rule: { ...small, inputSize: 10 },
      style: linear,
      more: {
        "perceive.weight": kernelTensor(
          small,
          [15, 1, 3, 3],
          counting(15).map((n) => n % 3),
        ),
      },
    },
  ],
  [
    "a stack of kernels",
    {
      rule: { ...tutorial, hidden: [12] },
      style: conv,
      options: { preset: "tutorial" },
      more: { KERNELS: kernelTensor(tutorial, [3, 1, 3, 3], [0, 1, 2]) },
    },
  ],
  [
    "a stack of 5x5 kernels that have no names",
    {
      rule: {
        ...small,
        kernels: [
          "identity",
          {
            taps: [
              { offset: [-2, 1], weight: 0.5 },
              { offset: [0, 2], weight: -3 },
            ],
          },
        ],
      },
      style: linear,
      more: {
        filters: kernelTensor(
          {
            ...small,
            kernels: [
              "identity",
              {
                taps: [
                  { offset: [-2, 1], weight: 0.5 },
                  { offset: [0, 2], weight: -3 },
                ],
              },
            ],
          },
          [2, 5, 5],
          [0, 1],
          5,
        ),
      },
    },
  ],
  [
    "the tutorial's identity kernel of zeros",
    {
      rule: {
        ...tutorial,
        hidden: [12],
        kernels: [{ taps: [{ offset: [0, 0], weight: 0 }] }, "sobelXRaw", "sobelYRaw"],
      },
      style: conv,
      options: { preset: "tutorial" },
      more: {
        KERNELS: {
          shape: [3, 3, 3],
          data: Float32Array.of(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            -1,
            0,
            1,
            -2,
            0,
            2,
            -1,
            0,
            1,
            -1,
            -2,
            -1,
            0,
            0,
            0,
            1,
            2,
            1,
          ),
        },
      },
    },
  ],
];

/** What the file of a form holds. */
function tensorsOf({ rule, style, more }: Form): Tensors {
  return { ...layerTensors(rule, someParameters(rule, style), style), ...more };
}

describe("importTorch", () => {
  it.each(forms)("reads %s", (_, form) => {
    const { model } = importTorch(encoded(tensorsOf(form)), form.options);
    expect(model.rule).toEqual(form.rule);
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

  it.each(layouts)("takes an export back, rule and all: %s", (layout) => {
    const rule: Rule = {
      ...small,
      kernels: ["identity", { taps: [{ offset: [0, 1], weight: 0.1 }] }],
      boundary: "wrap",
      hidden: [5],
      inputSize: 5,
      fireRate: 0.25,
    };
    const provenance = { grid: [40, 30] as [number, number], target: "🦎" };
    const model = { rule, parameters: someParameters(rule), provenance };
    const file = exportModel(model, layout);
    for (const bytes of [encodeSafetensors(file), encodeNpz(file)]) {
      expect(importTorch(bytes).model).toEqual(model);
      const { rule: other } = importTorch(bytes, { preset: "distill", sets: ["rule.stepSize=2"] }).model;
      const told = { kernels: [rule.kernels[0], { taps: [{ offset: [0, 1], weight: Math.fround(0.1) }] }] };
      expect(other).toEqual({ ...small, ...told, hidden: [5], inputSize: 5, stepSize: 2 });
    }
  });

  it("says what became of each tensor, and what was assumed", () => {
    const rule: Rule = { ...small, kernels: ["identity", "sobelX"], outputBias: false };
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
    expect(importTorch(encoded(tensors), { sets }).notes[3]).toMatch(
      /channel by channel.*try --order kernel\.$/,
    );
  });

  it("says where weights would fit either way round", () => {
    const rule: Rule = { ...small, kernels: ["identity"], hidden: [5] };
    const overrides = { rule: { kernels: ["identity"] } };
    const tensors = layerTensors(rule, someParameters(rule), linear);
    const { notes } = importTorch(encoded(tensors), { overrides });
    expect(notes[3]).toBe("The weights fit either way round: if nothing grows, try --layout in-out.");
    expect(importTorch(encoded(tensors), { overrides, layout: "out-in" }).notes.length).toBe(3);
    expect(importTorch(encoded(tensors), { overrides, layout: "in-out" }).model.parameters).not.toEqual(
      someParameters(rule),
    );
  });
});

describe("importTorch refuses", () => {
  const good = tensorsOf({ rule: small, style: linear });
  const floats = (shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  const with_ = (more: Tensors) => encoded({ ...good, ...more });
  const { "fc0.weight": _weight, ...weightless } = good;

  it.each<[string, Uint8Array, string, TensorImportOptions?]>([
    ["an empty file", encoded({}), "the file holds no layers: no tensor has the shape of a weight"],
    [
      "a layer missing",
      encoded(weightless),
      'the weights do not lead from what is perceived to at most 64 channels: "fc1.weight" (5, 7) with a bias of 5; name the layers',
    ],
    [
      "a bias of another size",
      with_({ "fc0.bias": floats([6]) }),
      '"fc0.weight" (7, 15) with a bias of 6, "fc1.weight" (5, 7) with a bias of 5',
    ],
    ["too many channels", encoded({ "a.weight": floats([65, 195]) }), "at most 64 channels"],
    [
      "too many layers",
      encoded(Object.fromEntries(counting(10).map((n) => [`${n}.weight`, floats([5, 5])]))),
      "the file holds 10 weights, but an automaton has at most 9 layers",
    ],
    [
      "too wide a layer",
      encoded({ "0.weight": floats([1025, 48]), "1.weight": floats([16, 1025]) }),
      "the file makes no rule: rule.hidden[0] is 1025; it must be at most 1024",
    ],
    [
      "several orders",
      encoded(
        Object.fromEntries(
          ["z.weight", "a.weight", "b.weight", "c.weight"].map((name) => [
            name,
            floats(name < "b" ? [5, 7] : name === "z.weight" ? [7, 15] : [7, 7]),
          ]),
        ),
      ),
      "the layers can follow on each other in several orders; name them in theirs, as in --layers a,b,c,z",
    ],
    [
      "a bias left over",
      with_({ "norm.bias": floats([7]) }),
      'the automaton has no use for the tensor "norm.bias" of shape (7,); leave it out with --ignore norm.bias',
    ],
    [
      "a layer left over",
      with_({ "head.weight": floats([3, 3]) }),
      'the automaton has no use for the tensor "head.weight" of shape (3, 3)',
      { layers: ["fc0", "fc1"] },
    ],
    ["a number", with_({ count: floats([]) }), 'the automaton has no use for the tensor "count" of shape ()'],
    [
      "a convolution that mixes channels",
      with_({ "conv.weight": floats([5, 5, 3, 3]) }),
      'the automaton has no use for the tensor "conv.weight" of shape (5, 5, 3, 3)',
    ],
    ["an even kernel", with_({ "conv.weight": floats([5, 1, 4, 4]) }), 'no use for the tensor "conv.weight"'],
    [
      "no kernels at all",
      with_({ "conv.weight": floats([0, 1, 3, 3]) }),
      'no use for the tensor "conv.weight"',
    ],
    [
      "kernels of each channel's own",
      with_({ k: { shape: [15, 1, 3, 3], data: Float32Array.from(counting(135)) } }),
      'the tensor "k" of shape (15, 1, 3, 3) has other kernels for each channel; an automaton has the same for all',
    ],
    [
      "more kernels than inputs",
      with_({ k: floats([4, 1, 3, 3]) }),
      'the tensor "k" of shape (4, 1, 3, 3) does not fit 5 channels and a first layer of 15 inputs',
    ],
    [
      "several stacks",
      with_({ sobel_x: floats([5, 1, 3, 3]), sobel_y: floats([5, 1, 3, 3]) }),
      'the file holds several tensors of kernels, "sobel_x" and "sobel_y", in no certain order',
    ],
    [
      "weights that are no numbers",
      with_({ "fc1.bias": { shape: [5], data: Float32Array.of(0, 0, NaN, 0, 0) } }),
      'the tensor "fc1.bias" holds NaN at position 2; weights must be finite',
    ],
    [
      "weights too large for float32",
      with_({ "fc1.bias": { shape: [5], data: Float64Array.of(0, 1e300, 0, 0, 0) } }),
      'the tensor "fc1.bias" holds Infinity at position 1',
    ],
    [
      "whole numbers",
      with_({ "fc1.bias": { shape: [5], data: new Int32Array(5) } }),
      'the tensor "fc1.bias" holds whole numbers, not floats',
    ],
    [
      "too few inputs",
      encoded({ "0.weight": floats([7, 14]), "1.weight": floats([5, 7]) }),
      "the first layer takes 14 numbers, but 3 kernels on 5 channels and an input of 0 are 15; state what it takes, as in --set rule.inputSize=8",
    ],
    [
      "inputs that may be one more kernel",
      encoded({ "0.weight": floats([7, 20]), "1.weight": floats([5, 7]) }),
      "the first layer takes 20 numbers",
    ],
    [
      "too few channels for the preset",
      encoded({ "0.weight": floats([7, 6]), "1.weight": floats([2, 7]) }),
      "the file makes no rule: rule.alive.channel must be below channels",
    ],
    [
      "a name of a megabyte",
      with_({ ["x".repeat(2 ** 20)]: floats([]) }),
      `no use for the tensor "${"x".repeat(60)}…" of shape ()`,
    ],
  ])("%s", (_, bytes, sentence, options) => {
    expect(() => importTorch(bytes, options)).toThrow(FormatError);
    expect(() => importTorch(bytes, options)).toThrow(sentence);
    expect(messageOf(() => importTorch(bytes, options)).length).toBeLessThan(400);
  });

  it.each<[TensorImportOptions, string]>([
    [{ layers: ["fc0", "fc2"] }, 'the file has no layer "fc2"; its layers are fc0, fc1'],
    [{ layers: ["fc0", "fc0"] }, 'the layer "fc0" is named twice; name each once, in their order'],
    [{ ignore: ["encoder"] }, 'the file has no tensor "encoder" to ignore'],
    [{ ignore: ["  "] }, 'the file has no tensor "  " to ignore'],
    [{ sets: ["rule.fireRate=2"] }, "rule.fireRate is 2; it must be at most 1"],
    [{ sets: ["rule.colour=2"] }, "rule.colour is not a known field"],
    [{ sets: ["fireRate=1"] }, "fireRate is not a known field"],
    [{ sets: ["rule.channels=6"] }, "rule.channels is 6, but the file's layers make it 5"],
    [{ overrides: { rule: { hidden: [8] } } }, "rule.hidden is [8], but the file's layers make it [7]"],
    [{ sets: ["rule.outputBias=false"] }, "rule.outputBias is false, but the file's layers make it true"],
  ])("what does not fit it: %j", (options, sentence) => {
    const error = errorOf(() => importTorch(encoded(good), options));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: sentence, exitCode: 2 });
  });

  it("a stated input of another size", () => {
    const options = { sets: ["rule.inputSize=4"] };
    expect(() => importTorch(encoded(good), options)).toThrow(
      /takes 15 numbers, but 3 kernels on 5 channels and an input of 4 are 19/,
    );
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function messageOf(work: () => unknown): string {
  const error = errorOf(work);
  return error instanceof Error ? error.message : "";
}
