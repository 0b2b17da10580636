import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { initialEncoder } from "../nets/encoder.ts";
import { initialParameters, parameterCount } from "../rule/parameters.ts";
import type { Tensor } from "../tensor.ts";
import { VERSION } from "../version.ts";
import { decodeModel, encodeModel, hasPicture, type Model, withPicture } from "./model.ts";
import { joinRule, splitRule } from "./pictureRule.ts";
import { picturePresets } from "./presets.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";

const conventions = splitRule({
  ...picturePresets.distill,
  channels: 5,
  kernels: ["identity", { taps: [{ offset: [0, 1], weight: 0.1 }] }],
  hidden: [4],
  seed: { from: 3, to: 5 },
});
const { rule } = conventions;
const model: Model = {
  ...conventions,
  parameters: initialParameters(rule, 1),
  provenance: { grid: [72, 64], target: "🦎", steps: 1500, seed: 7, build: "strict", loss: 1e-3 },
};

/** The bytes of a model in the first format, in which its rule had `image` and `seed`. */
function firstFormat(more: object = {}): Uint8Array {
  const { tensors } = decodeSafetensors(encodeModel(model));
  const { provenance } = model;
  const entry = { format: 1, version: "0.1.0", rule: joinRule(conventions), provenance, ...more };
  const metadata = { neoblast: JSON.stringify(entry) };
  return encodeSafetensors({ tensors, metadata });
}

/** The model's file with its tensors or its metadata entry changed. */
function changed(
  changeTensors: (tensors: Record<string, Tensor>) => void,
  changeEntry: (entry: any) => unknown = (entry) => entry,
): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(encodeModel(model));
  const copy = { ...tensors };
  changeTensors(copy);
  const entry = JSON.stringify(changeEntry(JSON.parse(metadata.neoblast)));
  return encodeSafetensors({ tensors: copy, metadata: { neoblast: entry } });
}
const withEntry = (change: (entry: any) => unknown) => changed(() => undefined, change);

function complaint(bytes: Uint8Array): string {
  try {
    decodeModel(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  return "no error";
}

describe("model file", () => {
  it("returns what was written", () => {
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  it.each(Object.entries(picturePresets))("holds the %s preset", (_, preset) => {
    const own = splitRule(preset);
    const written = { ...own, parameters: initialParameters(own.rule, 3), provenance: model.provenance };
    expect(decodeModel(encodeModel(written))).toEqual(written);
  });

  it("writes an encoder in half precision on demand, and nothing else so", () => {
    const settings = { grid: [4, 4], channels: 1, features: [2], latent: 3 } as const;
    const told = { ...rule, inputSize: 3 };
    const guided: Model = {
      ...model,
      rule: told,
      parameters: initialParameters(told, 1),
      encoder: { settings, parameters: initialEncoder(settings, 1) },
    };
    expect(decodeModel(encodeModel(guided))).toEqual(guided);
    const half = encodeModel(guided, { halfEncoder: true });
    const length = Number(new DataView(half.buffer).getBigUint64(0, true));
    const { __metadata__: _, ...header } = JSON.parse(new TextDecoder().decode(half.subarray(8, 8 + length)));
    for (const [name, { dtype }] of Object.entries<{ dtype: string }>(header)) {
      expect([name, dtype]).toEqual([name, name.startsWith("encoder.") ? "F16" : "F32"]);
    }
    // What was rounded once is not rounded again.
    const read = decodeModel(half);
    expect(read.parameters).toEqual(guided.parameters);
    expect(encodeModel(read, { halfEncoder: true })).toEqual(half);

    guided.encoder!.parameters[3] = 70_000;
    expect(() => encodeModel(guided, { halfEncoder: true })).toThrow(
      new FormatError("tensor encoder.conv.0.weight holds 70000, too large for F16"),
    );
  });

  it("names tensors and metadata as documented", () => {
    const { tensors, metadata } = decodeSafetensors(encodeModel(model));
    expect(Object.entries(tensors).map(([name, { shape }]) => [name, shape])).toEqual([
      ["update.0.bias", [4]],
      ["update.0.weight", [10, 4]],
      ["update.1.bias", [5]],
      ["update.1.weight", [4, 5]],
    ]);
    expect(JSON.parse(metadata.neoblast)).toEqual({
      format: 2,
      version: VERSION,
      rule,
      readout: { offset: 0, channels: 4, premultiplied: true },
      start: { seeds: [[0, 0]], cell: { from: 3, to: 5 } },
      provenance: model.provenance,
    });
  });

  it("holds seeds that are not one in the centre", () => {
    const seeds = [
      [-36, 31],
      [35, -32],
    ] as const;
    const cell = { from: 0, to: 5, colours: false };
    const several: Model = { ...model, start: { seeds, cell } };
    const bytes = encodeModel(several);
    expect(decodeModel(bytes)).toEqual(several);
    const entry = JSON.parse(decodeSafetensors(bytes).metadata.neoblast);
    expect(entry).toMatchObject({ format: 2, start: { seeds, cell } });
  });

  it("holds coordinates that cells are given, in channels of their own", () => {
    const box = { top: -2, left: -3, height: 5, width: 6 };
    const given = { channels: [6, 7], parity: [4, 5], box, unit: 1.5 } as const;
    const rule8 = { ...picturePresets.distill, channels: 8, hidden: [2], seed: { from: 3, to: 8 } };
    const { start, ...told } = splitRule(rule8, [[0, 0]], given);
    const { provenance } = model;
    const whole = { ...told, start, parameters: initialParameters(told.rule, 1), provenance };
    expect(decodeModel(encodeModel(whole))).toEqual(whole);
    for (const channels of [
      [6, 8],
      [6, 6],
      [5, 6],
      [3, 7],
      [0, 7],
    ] as const) {
      const elsewhere = { ...start, coordinates: { ...given, channels } };
      expect(() => encodeModel({ ...whole, start: elsewhere })).toThrow(
        "model.start.coordinates needs hidden channels of its own",
      );
    }
  });

  it("holds the pictures that it starts from", () => {
    const pictures = {
      grid: [2, 3] as const,
      offset: 1,
      channels: 2,
      data: [Float32Array.from({ length: 12 }, (_, i) => i), new Float32Array(12).fill(0.5)],
    };
    const pictured: Model = { ...model, start: { ...model.start, pictures } };
    const bytes = encodeModel(pictured);
    expect(decodeModel(bytes)).toEqual(pictured);
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(tensors["start.pictures"].shape).toEqual([2, 2, 3, 2]);
    const write = (change: object) =>
      encodeModel({ ...pictured, start: { ...model.start, pictures: { ...pictures, ...change } } });
    expect(() => write({ data: [new Float32Array(11)] })).toThrow(
      "a start picture has 11 numbers; it needs 12",
    );
    expect(() => write({ offset: 4 })).toThrow(/start\.pictures .*must lie within the channels/);
    expect(() => write({ data: [new Float32Array(12).fill(NaN)] })).toThrow(/start\.pictures holds NaN/);
    const { "start.pictures": _, ...others } = tensors;
    expect(() => decodeModel(encodeSafetensors({ tensors: others, metadata }))).toThrow(
      "the model's start needs a tensor start.pictures of dtype F32 and shape [2, 2, 3, 2]",
    );
  });

  it("may be without a picture", () => {
    const blind: Model = { ...model, readout: null };
    const bytes = encodeModel(blind);
    expect(decodeModel(bytes)).toEqual(blind);
    expect(JSON.parse(decodeSafetensors(bytes).metadata.neoblast)).toMatchObject({ readout: null });
    expect([hasPicture(model), hasPicture(blind)]).toEqual([true, false]);
    expect(withPicture(model)).toBe(model);
    expect(() => withPicture(blind, "blind.safetensors")).toThrow(
      new UserError(
        "blind.safetensors has no picture: its readout is null, so none of its states' channels can be drawn as one",
      ),
    );
  });

  it("is read in its first format, whose rule had the readout and the seed cell", () => {
    expect(decodeModel(firstFormat())).toEqual(model);
    const seeds = [
      [0, -3],
      [2, 4],
    ];
    expect(decodeModel(firstFormat({ start: { seeds } }))).toEqual({
      ...model,
      start: { ...model.start, seeds },
    });
    const image = { offset: 1, channels: 3, premultiplied: false };
    const seed = { from: 0, to: 5, colours: false };
    const read = decodeModel(firstFormat({ rule: { ...rule, image, seed } }));
    expect(read).toEqual({ ...model, readout: image, start: { seeds: [[0, 0]], cell: seed } });
    // Written again, it is of the second.
    expect(JSON.parse(decodeSafetensors(encodeModel(read)).metadata.neoblast).format).toBe(2);
    expect(decodeModel(encodeModel(read))).toEqual(read);
  });

  it("ignores provenance it does not know, of the same format", () => {
    const bytes = withEntry((entry) => ({ ...entry, provenance: { ...entry.provenance, mood: "good" } }));
    expect(decodeModel(bytes)).toEqual(model);
  });

  it.each<[string, Uint8Array, string]>([
    [
      "seeds beyond the grid",
      withEntry((entry) => ({
        ...entry,
        start: {
          ...entry.start,
          seeds: [
            [0, 0],
            [36, 0],
          ],
        },
      })),
      "model.start.seeds must lie within the grid of provenance, counted from its centre cell",
    ],
    [
      "part of a cell",
      withEntry((entry) => ({ ...entry, start: { ...entry.start, seeds: [[0, 0.5]] } })),
      "model.start.seeds[0][1] is 0.5; it must be a whole number",
    ],
    [
      "too many seeds",
      withEntry((entry) => ({
        ...entry,
        start: { ...entry.start, seeds: Array.from({ length: 65 }, () => [1, 1]) },
      })),
      `model.start.seeds is [${"[1,1],".repeat(10).slice(0, 59)}…; it must be of length at most 64`,
    ],
    [
      "a tensor missing",
      changed((tensors) => delete tensors["update.1.bias"]),
      "the model's rule needs a tensor update.1.bias, which the file lacks",
    ],
    [
      "a tensor too many",
      changed((tensors) => (tensors["update.2.bias"] = tensors["update.1.bias"])),
      'the file holds a tensor "update.2.bias", for which the model\'s rule has no use',
    ],
    [
      "a weight turned round",
      changed((tensors) => (tensors["update.1.weight"] = { ...tensors["update.1.weight"], shape: [5, 4] })),
      "tensor update.1.weight has shape [5, 4]; the model's rule needs [4, 5]",
    ],
    [
      "a bias of float64",
      changed((tensors) => (tensors["update.0.bias"] = { shape: [4], data: new Float64Array(4) })),
      "tensor update.0.bias is not of dtype F32",
    ],
    [
      "a parameter that is not a number",
      changed((tensors) => (tensors["update.0.bias"] = { shape: [4], data: Float32Array.of(0, 0, NaN, 0) })),
      "tensor update.0.bias holds NaN at position 2",
    ],
    [
      "a format that is no number",
      withEntry((entry) => ({ ...entry, format: Array.from({ length: 999 }, () => 0), version: [] })),
      `this model has format [${"0,".repeat(29)}0…; this version of neoblast reads formats 1 and 2`,
    ],
    [
      "a newer format",
      withEntry((entry) => ({ ...entry, format: 3, version: "3.1.4", rule: "new" })),
      "this model has format 3 (neoblast 3.1.4); this version of neoblast reads formats 1 and 2",
    ],
    [
      "a rule that fits other tensors",
      withEntry((entry) => ({ ...entry, rule: { ...entry.rule, hidden: [8] } })),
      "tensor update.0.weight has shape [10, 4]; the model's rule needs [10, 8]",
    ],
    [
      "an impossible rule",
      withEntry((entry) => ({ ...entry, rule: { ...entry.rule, channels: 1e9 } })),
      "model.rule.channels is 1000000000; it must be at most 64",
    ],
    [
      "no grid",
      withEntry((entry) => ({ ...entry, provenance: {} })),
      "model.provenance.grid is missing; it must be a list",
    ],
    [
      "a picture in the rule",
      withEntry((entry) => ({ ...entry, rule: { ...entry.rule, image: entry.readout } })),
      "model.rule.image is not a known field",
    ],
    [
      "no word on the picture",
      withEntry((entry) => ({ ...entry, readout: undefined })),
      "model.readout is missing; it must be an object",
    ],
    [
      "a picture beyond the channels",
      withEntry((entry) => ({ ...entry, readout: { ...entry.readout, offset: 2 } })),
      "model.readout must lie within the channels",
    ],
    [
      "a seed cell beyond the channels",
      withEntry((entry) => ({ ...entry, start: { ...entry.start, cell: { from: 3, to: 6 } } })),
      "model.start.cell must be a non-empty range within the channels",
    ],
    [
      "the first format with a picture beyond the channels",
      firstFormat({
        rule: { ...rule, image: { ...conventions.readout, offset: 2 }, seed: { from: 3, to: 5 } },
      }),
      "model.rule.image must lie within the channels",
    ],
    [
      "the first format with seeds beyond the grid",
      firstFormat({ start: { seeds: [[36, 0]] } }),
      "model.start.seeds must lie within the grid of provenance, counted from its centre cell",
    ],
    [
      "the first format without an image",
      firstFormat({ rule }),
      "model.rule.image is missing; it must be an object",
    ],
    ["no entry's format", withEntry(() => 5), 'damaged model: its metadata entry "neoblast" names no format'],
    [
      "no entry",
      encodeSafetensors({ tensors: {}, metadata: {} }),
      'not a model of neoblast: its metadata have no entry "neoblast"',
    ],
    [
      "an entry that is not JSON",
      encodeSafetensors({ tensors: {}, metadata: { neoblast: "{" } }),
      'damaged model: its metadata entry "neoblast" is not JSON',
    ],
  ])("refuses %s", (_, bytes, sentence) => {
    expect(complaint(bytes)).toBe(sentence);
  });

  it("refuses to write what it would not read", () => {
    const count = parameterCount(rule);
    const cases: [Model, RegExp][] = [
      [
        { ...model, parameters: new Float32Array(count - 1) },
        /68 parameters do not fit the rule, which has 69/,
      ],
      [{ ...model, parameters: new Float32Array(count).fill(Infinity) }, /update.0.weight holds Infinity/],
      [{ ...model, provenance: { grid: [72, 72], loss: NaN } }, /model.provenance.loss is NaN/],
      [{ ...model, rule: { ...rule, fireRate: 2 } }, /model.rule.fireRate is 2; it must be at most 1/],
    ];
    for (const [bad, sentence] of cases) expect(() => encodeModel(bad)).toThrow(sentence);
  });

  it("meets any damage with FormatError alone", () => {
    const bytes = encodeModel(model);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const damaged = bytes.slice();
        damaged[position] ^= flip;
        try {
          expect(decodeModel(damaged).parameters.length).toBeLessThanOrEqual(bytes.length / 4);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
