import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import type { PictureRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { TensorImportOptions } from "./imported.ts";
import {
  counting,
  encoded,
  layerTensors,
  someParameters,
  type Style,
  type Tensors,
  zeros,
} from "./stateDict.case.ts";
import { importTorch } from "./torch.ts";

const rule: PictureRule = { ...picturePresets.distill, channels: 5, hidden: [7], seed: { from: 3, to: 5 } };

const deep: PictureRule = { ...rule, hidden: [7, 7] };
const style: Style = {
  name: (layer, kind) => `fc${layer}.${kind}`,
  shape: (rows, columns) => [rows, columns],
  layout: "out-in",
};

/** As `numpy.savez(file, *weights)` names them. */
function positionalTensors(): Tensors {
  return layerTensors(rule, someParameters(rule), {
    ...style,
    name: (layer, kind) => `arr_${2 * layer + (kind === "bias" ? 1 : 0)}`,
  });
}

describe("importing a state dict refuses", () => {
  const good = layerTensors(rule, someParameters(rule), style);
  const beside = (more: Tensors) => encoded({ ...good, ...more });
  const { "fc0.weight": _weight, ...weightless } = good;
  const { "fc0.bias": _bias, ...unbiased } = good;

  it.each<[string, Uint8Array, string, TensorImportOptions?]>([
    ["an empty file", encoded({}), "the file holds no layers: no tensor has the shape of a weight"],
    [
      "a layer missing",
      encoded(weightless),
      'the automaton has no use for the tensor "fc0.bias" of shape (7,); leave it out with --ignore fc0.bias',
    ],
    [
      "a bias of another size",
      beside({ "fc0.bias": zeros([6]) }),
      '"fc0.weight" (7, 15) with a bias of 6, "fc1.weight" (5, 7) with a bias of 5',
    ],
    ["too many channels", encoded({ "a.weight": zeros([65, 195]) }), "at most 64 channels"],
    [
      "too many layers",
      encoded(Object.fromEntries(counting(10).map((n) => [`${n}.weight`, zeros([5, 5])]))),
      "the file holds 10 weights, but an automaton has at most 9 layers",
    ],
    [
      "too wide a layer",
      encoded({ "0.weight": zeros([1025, 48]), "1.weight": zeros([16, 1025]) }),
      "the file makes no rule: rule.hidden[0] is 1025; it must be at most 1024",
    ],
    [
      "several orders",
      encoded(
        Object.fromEntries(
          ["z.weight", "a.weight", "b.weight", "c.weight"].map((name) => [
            name,
            zeros(name < "b" ? [5, 7] : name === "z.weight" ? [7, 15] : [7, 7]),
          ]),
        ),
      ),
      "the layers can follow on each other in several orders; name them in theirs, as in --layers a,b,c,z",
    ],
    [
      "a bias left over",
      beside({ "norm.bias": zeros([7]) }),
      'the automaton has no use for the tensor "norm.bias" of shape (7,); leave it out with --ignore norm.bias',
    ],
    [
      "what may be a bias, and is not called so",
      encoded({ ...unbiased, "shift.bias": zeros([7]) }),
      'the tensor "shift.bias" of shape (7,) may be the bias of the layer "fc0", which has none, but no name says so; call it "fc0.bias" if it is, or else leave it out with --ignore shift.bias',
    ],
    [
      "two that may be one bias",
      encoded({ ...unbiased, p: zeros([7]), q: zeros([7]) }),
      'the tensor "p" of shape (7,) may be the bias of the layer "fc0"',
    ],
    [
      "a layer left over",
      beside({ "head.weight": zeros([3, 3]) }),
      'the automaton has no use for the tensor "head.weight" of shape (3, 3)',
      { layers: ["fc0", "fc1"] },
    ],
    ["a number", beside({ count: zeros([]) }), 'the automaton has no use for the tensor "count" of shape ()'],
    [
      "a convolution that mixes channels",
      beside({ "conv.weight": zeros([5, 5, 3, 3]) }),
      'the automaton has no use for the tensor "conv.weight" of shape (5, 5, 3, 3)',
    ],
    ["an even kernel", beside({ "conv.weight": zeros([5, 1, 4, 4]) }), 'no use for the tensor "conv.weight"'],
    [
      "no kernels at all",
      beside({ "conv.weight": zeros([0, 1, 3, 3]) }),
      'no use for the tensor "conv.weight"',
    ],
    [
      "kernels of each channel's own that see too far",
      beside({ k: { shape: [15, 1, 7, 7], data: Float32Array.from(counting(735)) } }),
      'the tensor "k" of shape (15, 1, 7, 7) has other kernels for each channel; such kernels see 3x3 or 5x5 cells, not 7x7',
    ],
    [
      "more kernels than inputs",
      beside({ k: zeros([4, 1, 3, 3]) }),
      'the tensor "k" of shape (4, 1, 3, 3) does not fit 5 channels and a first layer of 15 inputs',
    ],
    [
      "several stacks of kernels",
      beside({ one: { shape: [2, 3, 3], data: Float32Array.from(counting(18)) }, two: zeros([5, 1, 3, 3]) }),
      'the file holds several tensors of kernels, "one" and "two", that fit no order of one perception',
    ],
    [
      "weights that are no numbers",
      beside({ "fc1.bias": { shape: [5], data: Float32Array.of(0, 0, NaN, 0, 0) } }),
      'the tensor "fc1.bias" holds NaN at position 2; weights must be finite',
    ],
    [
      "weights too large for float32",
      beside({ "fc1.bias": { shape: [5], data: Float64Array.of(0, 1e300, 0, 0, 0) } }),
      'the tensor "fc1.bias" holds Infinity at position 1',
    ],
    [
      "whole numbers",
      beside({ "fc1.bias": { shape: [5], data: new Int32Array(5) } }),
      'the tensor "fc1.bias" holds whole numbers, not floats',
    ],
    [
      "too few inputs",
      encoded({ "0.weight": zeros([7, 14]), "1.weight": zeros([5, 7]) }),
      "the first layer takes 14 numbers, but 3 kernels on 5 channels and an input of 0 are 15; state what it takes, as in --set rule.inputSize=8",
    ],
    [
      "inputs that may be one more kernel",
      encoded({ "0.weight": zeros([7, 20]), "1.weight": zeros([5, 7]) }),
      'the first layer takes 20 numbers, of 4 kernels on 5 channels, and the file does not say which; state them, as in --set \'rule.kernels=["identity","sobelX","sobelY","laplacian"]\', whose Laplacian is the 9-point one divided by 16; docs/import.md has taps for others',
    ],
    [
      "too few channels for the preset",
      encoded({ "0.weight": zeros([7, 6]), "1.weight": zeros([2, 7]) }),
      "the file makes no rule: rule.alive.channel must be below channels",
    ],
    [
      "a name that no printable character spells",
      beside({ ["\u001b[2J"]: zeros([]) }),
      'no use for the tensor "\\u001b[2J" of shape (); leave it out with --ignore',
    ],
    ["a million kernels", beside({ k: zeros([1e6, 1, 3, 3]) }), 'no use for the tensor "k"'],
    [
      "a name of a megabyte",
      beside({ ["x".repeat(2 ** 20)]: zeros([]) }),
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
    [{ sets: ["rule.chanels=2"] }, "rule.chanels is not a known field; did you mean rule.channels?"],
    [{ sets: ["fireRate=1"] }, "fireRate is not a known field; did you mean rule.fireRate?"],
    [{ sets: ["rule.channels=6"] }, "rule.channels is 6, but the file's layers make it 5"],
    [{ overrides: { rule: { hidden: [8] } } }, "rule.hidden is [8], but the file's layers make it [7]"],
    [{ sets: ["rule.outputBias=false"] }, "rule.outputBias is false, but the file's layers make it true"],
  ])("what does not fit it: %j", (options, sentence) => {
    const error = errorOf(() => importTorch(encoded(good), options));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: sentence, exitCode: 2 });
  });

  it("kernels stated beside those of each channel's own", () => {
    const k = { shape: [15, 1, 3, 3], data: Float32Array.from(counting(135)) };
    const stated = { sets: ['rule.kernels=["identity"]'] };
    expect(errorOf(() => importTorch(encoded({ ...good, k }), stated))).toMatchObject({
      message:
        "rule.kernels is stated, but the file has kernels of each channel's own, which take their place; leave it out",
      exitCode: 2,
    });
  });

  const positional = positionalTensors();
  it.each<[string, Tensors, readonly string[], string]>([
    ["a bias", good, ["fc0.bias"], '"fc0.bias" of shape (7,), a bias of'],
    ["a bias of two", good, ["fc1.bias", "fc0.bias"], '"fc1.bias" of shape (5,), a bias of'],
    ["a bias by its place", positional, ["arr_1"], '"arr_1" of shape (7,), a bias of'],
    ["all biases by their places", positional, ["arr_1", "arr_3"], '"arr_1" of shape (7,), a bias of'],
    [
      "a layer between others of its size",
      layerTensors(deep, someParameters(deep), style),
      ["fc1"],
      '"fc1.weight" of shape (7, 7), a layer of',
    ],
  ])("to ignore %s", (_, tensors, ignore, part) => {
    const error = errorOf(() => importTorch(encoded(tensors), { ignore }));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ exitCode: 2 });
    expect(messageOf(() => importTorch(encoded(tensors), { ignore }))).toContain(
      `--ignore ${ignore[0]} would leave out ${part} the automaton`,
    );
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
