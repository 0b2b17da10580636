import { describe, expect, it } from "vitest";
import { resolveTextureConfig } from "../experiments/texture/config.ts";
import type { Model } from "../model/model.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { STREAM, uniform } from "../random.ts";
import { parameterCount } from "../rule/parameters.ts";
import { decodeModelLink, encodeModelLink, hasModelLink } from "./modelLink.ts";

const page = "https://example.org/";
const numbers = (length: number) =>
  Float32Array.from({ length }, (_, i) => uniform(1, STREAM.data, 0, i) - 0.5);
const texture = splitRule(resolveTextureConfig({ model: "small" }).rule, []);
const small: Model = {
  ...texture,
  parameters: numbers(parameterCount(texture.rule)),
  provenance: { grid: [64, 64], target: "scales", match: "texture", steps: 3, seed: 2 },
};
const growing = splitRule(
  { ...picturePresets.distill, channels: 6, hidden: [8], inputSize: 1, seed: { from: 3, to: 6 } },
  [
    [0, -2],
    [0, 2],
  ],
);
const other: Model = {
  ...growing,
  parameters: numbers(parameterCount(growing.rule)),
  provenance: { grid: [20, 30], goals: [{ target: "a" }] },
};
const coordinates = { channels: [4, 5], box: { top: -2, left: -2, height: 4, width: 5 }, unit: 2 } as const;
const placed = splitRule(
  { ...picturePresets.distill, channels: 6, hidden: [8], seed: { from: 3, to: 6 } },
  [[0, 0]],
  coordinates,
);
const told: Model = {
  ...placed,
  parameters: numbers(parameterCount(placed.rule)),
  provenance: { grid: [20, 30] },
};

describe("a link of a model", () => {
  it.each([
    ["small texture", small, "scales"],
    ["another, with seeds", other, ""],
    ["one whose cells are given coordinates", told, ""],
  ])("holds it: %s", (_, model, name) => {
    const { address, bits } = encodeModelLink(model, { page, longest: 2000 });
    expect(bits).toBe(8);
    expect(hasModelLink(address)).toBe(true);
    const { title, model: back } = decodeModelLink(address);
    const { grid, match, goals } = model.provenance;
    expect(title).toBe(name);
    const { parameters, ...rest } = back;
    const { parameters: own, ...conventions } = model;
    expect(rest).toEqual({
      ...conventions,
      provenance: { grid, ...(match && { match }), ...(goals && { goals }) },
    });
    // Half a step of 127, of the largest weight of a unit, which is at most a half; and what binary16 rounds of it.
    own.forEach((value, i) =>
      expect(Math.abs(parameters[i] - value)).toBeLessThan(0.5 / 127 / 2 + 0.5 / 2048),
    );
  });

  it("takes fewer bits where it would be too long, and not less than five", () => {
    const lengths = [900, 830, 760].map((longest) => encodeModelLink(small, { page, longest }));
    for (const [i, { address, bits }] of lengths.entries()) {
      expect(address.length).toBeLessThanOrEqual([900, 830, 760][i]);
      expect(bits).toBeLessThan(8);
      expect(decodeModelLink(address).model.parameters).toHaveLength(588);
    }
    expect(lengths[2].bits).toBeLessThan(lengths[0].bits);
    expect(() => encodeModelLink(small, { page, longest: 400 })).toThrow(
      /^the link would have \d+ characters; at most 400 fit a QR code/,
    );
  });

  it("refuses what was cut short, changed, or is of another version, in one sentence", () => {
    const { address } = encodeModelLink(small, { page });
    const sentence = "this link is damaged or was cut short; copy it again, whole";
    for (const text of [address.slice(0, -1), `${address}!`, address.replace(/.{9}$/, "AAAAAAAAA"), "#m1="]) {
      expect(() => decodeModelLink(text)).toThrow(sentence);
    }
    expect(() => decodeModelLink(address.replace("#m1=", "#m2="))).toThrow("made by another version");
  });
});
