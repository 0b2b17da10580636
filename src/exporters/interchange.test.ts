import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { initialParameters } from "../rule/parameters.ts";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { encodeSafetensors } from "../formats/safetensors.ts";
import { importTorch } from "../importers/torch.ts";
import { carriedBy, exportModel, layouts } from "./interchange.ts";
import type { Model } from "../model/model.ts";

const rule: PictureRule = { ...picturePresets.distill, channels: 5, hidden: [4], seed: { from: 3, to: 5 } };
const picture = { source: "🦎", size: 40, padding: 16 };
const model: Model = {
  ...splitRule(rule),
  parameters: initialParameters(rule, 1),
  provenance: { grid: [72, 64], target: "🦎 lizard", picture, steps: 1500, loss: 1e-3 },
};

describe("exportModel", () => {
  it.each([
    ["out-in", [15, 1, 3, 3], [4, 15], [5, 4]],
    ["in-out", [3, 3, 3], [15, 4], [4, 5]],
  ] as const)("has the shapes of its layout: %s", (layout, perceive, first, last) => {
    const { tensors } = exportModel(model, layout);
    expect(Object.entries(tensors).map(([name, { shape }]) => [name, shape])).toEqual([
      ["perceive.weight", perceive],
      ["update.0.weight", first],
      ["update.0.bias", [4]],
      ["update.1.weight", last],
      ["update.1.bias", [5]],
    ]);
  });

  it("transposes weights, and repeats kernels for each channel", () => {
    const { tensors } = exportModel(model, "out-in");
    const weight = tensors["update.0.weight"].data;
    for (const [input, output] of [
      [0, 0],
      [3, 1],
      [14, 3],
    ]) {
      expect(weight[output * 15 + input]).toBe(model.parameters[input * 4 + output]);
    }
    const kernels = [...tensors["perceive.weight"].data].map(Number);
    expect(kernels.slice(9, 18)).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1].map((value) => value / 8));
    expect(kernels.slice(27)).toEqual(kernels.slice(0, -27));
  });

  it.each(layouts)("carries the rule and what is drawn, not how it was trained: %s", (layout) => {
    expect(carriedBy(exportModel(model, layout))).toEqual({
      rule,
      layout,
      provenance: { grid: [72, 64], target: "🦎 lizard", picture },
    });
  });
});

it("carries seeds that are not one in the centre", () => {
  const seeds = [
    [0, 0],
    [-9, 3],
  ] as const;
  const file = exportModel({ ...model, start: { ...model.start, seeds } }, "in-out");
  expect(carriedBy(file)).toMatchObject({ rule, seeds });
  expect(JSON.parse(file.metadata.start)).toEqual({ seeds });
  expect(exportModel(model, "in-out").metadata).not.toHaveProperty("start");
});

it("carries coordinates that cells are given", () => {
  const coordinates = { channels: [4, 5], box: { top: -3, left: -2, height: 5, width: 4 }, unit: 1 } as const;
  const told = splitRule({ ...rule, channels: 6, seed: { from: 3, to: 6 } }, [[0, 0]], coordinates);
  const file = exportModel({ ...model, ...told, parameters: initialParameters(told.rule, 1) }, "out-in");
  expect(carriedBy(file)).toMatchObject({ seeds: [[0, 0]], coordinates, rule: { pinned: [4, 5] } });
  expect(importTorch(encodeSafetensors(file)).model.start).toEqual(told.start);
});

it("refuses a model without a picture", () => {
  expect(() => exportModel({ ...model, readout: null }, "in-out")).toThrow(
    new UserError(
      "this model has no picture: its readout is null, so none of its states' channels can be drawn as one",
    ),
  );
});

it("refuses what is no convolution, or not on a plane", () => {
  const filter: Model = { ...model, rule: { ...model.rule, perceive: { kind: "filter" } } };
  expect(() => exportModel(filter, "in-out")).toThrow(
    new UserError(
      'this model\'s cells perceive by "filter", which is no convolution that other programs know',
    ),
  );
  const row: Model = { ...model, rule: { ...model.rule, axes: 1 }, provenance: { grid: [72] } };
  expect(() => exportModel(row, "out-in")).toThrow("this needs rows and columns");
});

describe("carriedBy", () => {
  const { metadata } = exportModel(model, "in-out");

  it("finds nothing in a file from elsewhere", () => {
    expect(carriedBy({ tensors: {}, metadata: {} })).toBeUndefined();
    expect(carriedBy({ tensors: {}, metadata: { ...metadata, version: "2.0" } })).toBeUndefined();
  });

  it.each<[Record<string, string>, string]>([
    [{ layout: "sideways" }, 'layout is "sideways"; it must be "out-in" or "in-out"'],
    [{ rule: "{" }, 'its text "rule" is not JSON'],
    [{ rule: "{}" }, "rule.channels is missing; it must be a finite number"],
    [{ provenance: '{"grid":[72]}' }, "provenance.grid is [72]; it must be "],
  ])("refuses a damaged export: %j", (change, sentence) => {
    const damaged = { tensors: {}, metadata: { ...metadata, ...change } };
    expect(() => carriedBy(damaged)).toThrow(FormatError);
    expect(() => carriedBy(damaged)).toThrow(`damaged export of a model: ${sentence}`);
  });
});
