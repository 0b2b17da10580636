import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { parameterTable } from "../rule/parameters.ts";
import { joinRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { toBase64 } from "../formats/base64.ts";
import { toHalf } from "../formats/half.ts";
import { describeImport, type ImportOptions } from "./imported.ts";
import { emojiOfFileName, importDistill } from "./distill.ts";

type Layer = {
  in_ch: number;
  out_ch: number;
  weight_scale: number;
  bias_scale: number;
  data_b64: string;
  type?: string;
};

/** A layer whose bytes count on from one to the next. */
function layer(inputs: number, outputs: number, weightScale = 1, biasScale = 1): Layer {
  const bytes = Uint8Array.from({ length: (inputs + 1) * outputs }, (_, i) => (7 * i) % 256);
  return {
    in_ch: inputs,
    out_ch: outputs,
    weight_scale: weightScale,
    bias_scale: biasScale,
    data_b64: toBase64(bytes),
  };
}

const fileOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const values = (from: number, length: number, scale: number) =>
  Array.from({ length }, (_, i) => value(from + i, scale));
/** Multiples of 1/8, which every kind of float holds. */
const floats = (inputs: number, outputs: number) =>
  Float32Array.from({ length: (inputs + 1) * outputs }, (_, i) => (i % 31) / 8 - 2);
const value = (index: number, scale: number) => Math.fround((((7 * index) % 256) / 255 - 0.5) * scale);

describe("importDistill", () => {
  it("unpacks 8 bits, the perception brought into our order", () => {
    const { model } = importDistill(fileOf([layer(12, 5, 2, 3), layer(5, 4, 0.5, 0.25)]));
    expect(joinRule(model)).toEqual({
      ...picturePresets.distill,
      channels: 4,
      hidden: [5],
      seed: { from: 3, to: 4 },
    });
    const [first, firstBias, second, secondBias] = parameterTable(model.rule);
    for (let channel = 0; channel < 4; channel++) {
      for (let kernel = 0; kernel < 3; kernel++) {
        for (let j = 0; j < 5; j++) {
          const ours = first.offset + (channel * 3 + kernel) * 5 + j;
          expect(model.parameters[ours]).toBe(value((kernel * 4 + channel) * 5 + j, 2));
        }
      }
    }
    const numbers = (from: number, length: number) => [...model.parameters.subarray(from, from + length)];
    expect(numbers(firstBias.offset, 5)).toEqual(values(60, 5, 3));
    expect(numbers(second.offset, 20)).toEqual(values(0, 20, 0.5));
    expect(numbers(secondBias.offset, 4)).toEqual(values(20, 4, 0.25));
  });

  it.each<[string, (numbers: Float32Array) => ArrayBufferView, string]>([
    ["float16", (numbers) => toHalf(numbers), "from float16"],
    ["float32", (numbers) => numbers, ""],
    ["float64", (numbers) => Float64Array.from(numbers), "rounded to float32"],
  ])("reads %s by its type, as the article's exporter writes it", (type, store, how) => {
    const floatLayer = (inputs: number, outputs: number) => {
      const { buffer, byteOffset, byteLength } = store(floats(inputs, outputs));
      const data = toBase64(new Uint8Array(buffer, byteOffset, byteLength));
      return { in_ch: inputs, out_ch: outputs, weight_scale: 1, bias_scale: 1, data_b64: data, type };
    };
    const { model, mapping } = importDistill(fileOf([floatLayer(12, 5), { ...layer(5, 4), type: "uint8" }]));
    const [first, firstBias, second] = parameterTable(model.rule);
    const { parameters } = model;
    const expected = floats(12, 5);
    for (let feature = 0; feature < 12; feature++) {
      const ours = first.offset + ((feature % 4) * 3 + Math.floor(feature / 4)) * 5;
      expect(parameters.slice(ours, ours + 5)).toEqual(expected.slice(feature * 5, feature * 5 + 5));
    }
    expect(parameters.slice(firstBias.offset, firstBias.offset + 5)).toEqual(expected.slice(60));
    expect(parameters[second.offset]).toBe(value(0, 1));
    expect(mapping.map((row) => row.how)).toEqual([
      [how, "rows by kernel to rows by channel"].filter(Boolean).join(", "),
      how,
      "from 8 bits",
      "from 8 bits",
    ]);
  });

  it.each([
    ["one layer", [layer(48, 16)], { channels: 16, hidden: [] }],
    ["two hidden layers", [layer(60, 24), layer(24, 12), layer(12, 20)], { channels: 20, hidden: [24, 12] }],
  ])("takes any sizes: %s", (_, layers, sizes) => {
    expect(importDistill(fileOf(layers)).model.rule).toMatchObject(sizes);
  });

  it("takes the options that are given", () => {
    const options: ImportOptions = {
      overrides: { rule: { fireRate: 0.25 } },
      sets: ["rule.boundary=wrap"],
      provenance: { grid: [9, 8], target: "x" },
    };
    const { model } = importDistill(fileOf([layer(48, 16)]), options);
    expect(joinRule(model)).toEqual({
      ...picturePresets.distill,
      hidden: [],
      fireRate: 0.25,
      boundary: "wrap",
    });
    expect(model.provenance).toEqual({ grid: [9, 8], target: "x" });
  });

  it("says what became of each layer", () => {
    const provenance = { target: "🦎 lizard" };
    expect(describeImport(importDistill(fileOf([layer(12, 5), layer(5, 4)]), { provenance }))).toBe(
      [
        "layer 0, rows 0 to 11 (12, 5)  ->  update.0.weight (12, 5)  from 8 bits, rows by kernel to rows by channel",
        "layer 0, row 12 (5,)           ->  update.0.bias (5,)       from 8 bits",
        "layer 1, rows 0 to 4 (5, 4)    ->  update.1.weight (5, 4)   from 8 bits",
        "layer 1, row 5 (4,)            ->  update.1.bias (4,)       from 8 bits",
        "The automaton: 4 channels, kernels identity, sobelX, sobelY, hidden layers of 5.",
        "Its grid: 72 x 72 cells, for 🦎 lizard.",
        "Its conventions, from the preset distill: RGBA in channels 0 to 3, premultiplied; seed channel 3; alive where channel 3 exceeds 0.1, before and after the update; boundary zero; fire rate 0.5; step size 1. Change them with --set, as in --set rule.fireRate=1.",
      ].join("\n"),
    );
  });

  const changed = (change: Partial<Record<keyof Layer, unknown>>) =>
    fileOf([{ ...layer(12, 5), ...change }, layer(5, 4)]);
  it.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(0), "not a published Distill model: it is not JSON"],
    ["other bytes", Uint8Array.of(0xff, 0xfe, 0), "not a published Distill model: it is not JSON"],
    [
      "brackets without end",
      new TextEncoder().encode("[".repeat(1e6)),
      "not a published Distill model: it is not JSON",
    ],
    [
      "brackets in brackets",
      new TextEncoder().encode("[".repeat(1e5) + "]".repeat(1e5)),
      "layers[0] is nested too deeply; it must be an object",
    ],
    ["an object", fileOf({}), "not a published Distill model: layers is {}; it must be a list"],
    ["no layers", fileOf([]), "not a published Distill model: layers is []; it must be of length at least 1"],
    ["many layers", fileOf(Array.from({ length: 10 }, () => layer(1, 1))), "it must be of length at most 9"],
    ["a layer that is none", fileOf([7]), "layers[0] is 7; it must be an object"],
    ["no size", changed({ in_ch: undefined }), "layers[0].in_ch is missing; it must be a finite number"],
    ["half a size", changed({ out_ch: 4.5 }), "layers[0].out_ch is 4.5; it must be a whole number"],
    [
      "an absurd size",
      changed({ out_ch: 1e12 }),
      "layers[0].out_ch is 1000000000000; it must be at most 1024",
    ],
    [
      "an infinite scale",
      new TextEncoder().encode(
        JSON.stringify([layer(3, 1, 5)]).replace('"weight_scale":5', '"weight_scale":1e999'),
      ),
      "layers[0].weight_scale is Infinity; it must be a finite number",
    ],
    [
      "a scale beyond float32",
      changed({ bias_scale: 1e300 }),
      "layers[0].bias_scale is too large for float32",
    ],
    ["no base64", changed({ data_b64: "!" }), "layers[0].data_b64 is not base64"],
    [
      "too little data",
      changed({ data_b64: "AAAA" }),
      "layers[0].data_b64 holds 3 bytes; 12 inputs, a bias and 5 outputs of uint8 need 65",
    ],
    [
      "floats that are bytes",
      changed({ type: "float32" }),
      "layers[0].data_b64 holds 65 bytes; 12 inputs, a bias and 5 outputs of float32 need 260",
    ],
    [
      "another type",
      changed({ type: "int8" }),
      'layers[0].type is "int8"; it must be "uint8", "float16", "float32" or "float64"',
    ],
    [
      "floats that are not finite",
      changed({ type: "float32", data_b64: toBase64(new Uint8Array(260).fill(255)) }),
      "layers[0].data_b64 holds numbers that are not finite",
    ],
    [
      "layers that do not meet",
      fileOf([layer(12, 5), layer(6, 4)]),
      "layers[1].in_ch is 6; it must be 5, what the layer before gives",
    ],
    [
      "another perception",
      fileOf([layer(13, 5), layer(5, 4)]),
      "layers[0].in_ch is 13; it must be 12, 3 kernels on 4 channels",
    ],
    [
      "too many channels",
      fileOf([layer(195, 65)]),
      "the file makes no rule: rule.channels is 65; it must be at most 64",
    ],
    [
      "no channel for alpha",
      fileOf([layer(9, 3)]),
      "the file makes no rule: rule.alive.channel must be below channels",
    ],
  ])("refuses %s", (_, bytes, sentence) => {
    expect(() => importDistill(bytes)).toThrow(FormatError);
    expect(() => importDistill(bytes)).toThrow(sentence);
  });

  it("refuses what does not fit the file", () => {
    const bytes = fileOf([layer(12, 5), layer(5, 4)]);
    expect(() => importDistill(bytes, { sets: ["rule.inputSize=2"] })).toThrow(UserError);
    expect(() => importDistill(bytes, { sets: ["rule.hidden=[6]"] })).toThrow(
      "rule.hidden is [6], but the file's layers make it [5]",
    );
  });

  it("meets any JSON and any damage with FormatError alone", () => {
    const bytes = fileOf([layer(12, 5), layer(5, 4)]);
    const meets = (input: Uint8Array) => {
      try {
        expect(importDistill(input).model.parameters.length).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    };
    fc.assert(
      fc.property(fc.json(), (text) => meets(new TextEncoder().encode(text))),
      { numRuns: 300 },
    );
    const damage = fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) =>
      meets(bytes.with(at, byte)),
    );
    fc.assert(damage, { numRuns: 700 });
  });
});

describe("emojiOfFileName", () => {
  it.each([
    ["ex3_1f98e.json", "🦎"],
    ["ex1_1F600.json", "😀"],
    ["x_2764-fe0f.json", "❤️"],
    ["x_1f468_200d_1f680.json", "👨‍🚀"],
    ["ex3_🦎.json", "🦎"],
    ["🦎.JSON", "🦎"],
    ["ex3_%F0%9F%A6%8E.json", "🦎"],
    ["ex3_%F0%9F.json", undefined],
    ["ex1_👨‍🚀.json", "👨‍🚀"],
    ["my-model-❤️.json", "❤️"],
    ["ex3_🦎 (1).json", "🦎"],
    ["ex3_1f98e (2).json", "🦎"],
    ["1f98e.json", undefined],
    ["ex3_🦎_new.json", undefined],
    ["ex3_🦎.txt", undefined],
    ["ex3_1f98e.txt", undefined],
    ["model.json", undefined],
    ["run_2024.json", undefined],
    ["a_dead.json", undefined],
    ["a_1234567.json", undefined],
    ["a_fffff.json", undefined],
  ])("%s", (name, emoji) => expect(emojiOfFileName(name)).toBe(emoji));
});
