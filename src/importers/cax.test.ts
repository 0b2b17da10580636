import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { joinRule, type PictureRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { Rule } from "../rule/rule.ts";
import type { Tensor } from "../tensor.ts";
import { kernelMatrix } from "../formats/kernelStack.ts";
import { type CaxImportOptions, importCax } from "./cax.ts";
import {
  counting,
  encoded,
  layerTensors,
  someParameters,
  type Style,
  type Tensors,
} from "./stateDict.case.ts";

const { cax } = picturePresets;
const names = {
  slashes: (path: (string | number)[]) => path.join("/"),
  dots: (path: (string | number)[]) => `${path.join(".")}.value`,
  tuples: (path: (string | number)[]) =>
    `(${path.map((part) => (typeof part === "string" ? `'${part}'` : part)).join(", ")})`,
  "jax.tree_util.keystr": (path: (string | number)[]) =>
    `${path.map((part) => `[${typeof part === "string" ? `'${part}'` : part}]`).join("")}.value`,
};
type Naming = (path: (string | number)[]) => string;

/** As `nnx.state(cs, nnx.Param)` has the layers of CAX's NCAUpdate. */
function styleOf(naming: Naming): Style {
  return {
    name: (layer, kind) => naming(["update", "layers", layer, kind === "weight" ? "kernel" : "bias"]),
    shape: (rows, columns) => [1, 1, rows, columns],
    layout: "in-out",
  };
}

/** The kernel of CAX's ConvPerceive, (3, 3, 1, C * K). */
function perceive({ channels, kernels }: Rule): Tensor {
  const matrices = kernels.map((kernel) => kernelMatrix(kernel, 3).weights);
  const data = counting(9).flatMap((place) =>
    counting(channels).flatMap(() => matrices.map((weights) => weights[place])),
  );
  return { shape: [3, 3, 1, channels * kernels.length], data: Float32Array.from(data) };
}

function fileOf(rule: Rule, naming: Naming = names.slashes, more: Tensors = {}): Uint8Array {
  const tensors = layerTensors(rule, someParameters(rule), styleOf(naming));
  return encoded({ ...tensors, [naming(["perceive", "conv", "kernel"])]: perceive(rule), ...more });
}

describe("importCax", () => {
  it.each(Object.entries(names))("reads CAX's growing automaton, names with %s", (_, naming) => {
    const { model } = importCax(fileOf(cax, naming));
    expect(joinRule(model)).toEqual(cax);
    expect(model.parameters).toEqual(someParameters(cax));
  });

  const wide: PictureRule = {
    ...cax,
    channels: 32,
    hidden: [24],
    inputSize: 8,
    alive: { ...cax.alive, channel: 31 },
    image: { ...cax.image, offset: 28 },
    seed: { from: 31, to: 32 },
  };
  const forms: [string, PictureRule, CaxImportOptions][] = [
    ["an input and 32 channels", wide, {}],
    ["an input as wide as the channels", { ...wide, inputSize: 32 }, {}],
    ["another dropout", { ...wide, fireRate: 0.75, stepSize: 4 / 3 }, { dropout: 0.25 }],
    ["no dropout", { ...wide, fireRate: 1, stepSize: 1 }, { dropout: 0 }],
    [
      "settings over the dropout",
      { ...wide, fireRate: 0.75, stepSize: 0.1 },
      { dropout: 0.25, overrides: { rule: { stepSize: 0.2 } }, sets: ["rule.stepSize=0.1"] },
    ],
    [
      "a grey picture in the last channel",
      { ...wide, image: { offset: 31, channels: 1, premultiplied: false } },
      { overrides: { rule: { image: { offset: 31, channels: 1 } } } },
    ],
    ["two hidden layers", { ...wide, hidden: [24, 12] }, {}],
    ["Laplacians", { ...wide, kernels: ["identity", "laplacian"] }, {}],
  ];

  it.each(forms)("reads %s", (_, rule, options) => {
    const { model } = importCax(fileOf(rule), options);
    expect(joinRule(model)).toEqual(rule);
    expect(model.parameters).toEqual(someParameters(rule));
  });

  it("leaves an encoder out that is named to be ignored", () => {
    const more = { "encoder/convs/0/kernel": { shape: [3, 3, 1, 32], data: new Float32Array(288) } };
    const bytes = fileOf(wide, names.slashes, more);
    expect(() => importCax(bytes)).toThrow(/several tensors of kernels/);
    expect(joinRule(importCax(bytes, { ignore: ["encoder"] }).model)).toEqual(wide);
  });

  it("does without the perception", () => {
    const tensors = layerTensors(cax, someParameters(cax), styleOf(names.dots));
    expect(joinRule(importCax(encoded(tensors)).model)).toEqual(cax);
  });

  it("does not turn weights round", () => {
    const style: Style = {
      ...styleOf(names.dots),
      shape: (rows, columns) => [rows, columns],
      layout: "out-in",
    };
    expect(() => importCax(encoded(layerTensors(cax, someParameters(cax), style)))).toThrow(FormatError);
    const straight = layerTensors(cax, someParameters(cax), { ...style, layout: "in-out" });
    expect(importCax(encoded(straight)).model.parameters).toEqual(someParameters(cax));
  });

  it.each([1, -0.1, NaN])("refuses a dropout of %d", (dropout) => {
    expect(() => importCax(fileOf(cax), { dropout })).toThrow(
      new RangeError(`dropout must be from 0 to below 1, not ${dropout}`),
    );
  });
});
