import { describe, expect, it } from "vitest";
import { cutWindow, expandWindow } from "../../engine/window.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { type Plane, wholeBox } from "../../rule/grid.ts";
import { coordinateChannels, coordinateLoss } from "./coordinates.ts";
import { cotangentOf, differences, dyadic } from "./loss.case.ts";

const conventions: PictureRule = {
  ...picturePresets.distill,
  channels: 6,
  image: { offset: 1, channels: 4, premultiplied: true },
};
const layout = splitRule(conventions);
const { rule } = layout;
const channelsOf = (of: PictureRule) => coordinateChannels(splitRule(of));

describe("coordinateChannels", () => {
  it("are the last two that neither show the picture nor live", () => {
    expect(channelsOf(picturePresets.distill)).toEqual([14, 15]);
    expect(channelsOf(picturePresets.cax)).toEqual([10, 11]);
    const rgb = { ...conventions, image: { offset: 1, channels: 3, premultiplied: true } as const };
    expect(channelsOf({ ...rgb, alive: { ...rule.alive, channel: 4 } })).toEqual([0, 5]);
    expect(channelsOf({ ...conventions, channels: 5 })).toEqual([0]);
  });
});

/** Opaque cells are `o` or the weight with which they are asked where they are. The seed is in the middle. */
type Drawing = readonly string[];
const slender: Drawing = [
  "................",
  ".oooooo.........",
  ".oooooo.........",
  ".oo11ooooooooooo",
  ".oooooo.........",
  ".oooooo.........",
  "................",
];
const broad: Drawing = [
  ".............",
  "...ooooo.....",
  "..111111.....",
  ".o111111.....",
  ".o111111ooooo",
  ".o111111.....",
  ".o111111.....",
  ".o111111.....",
  ".............",
];
const broader: Drawing = [
  ".............",
  "..2222222....",
  "..2222222....",
  "..2222222....",
  "oo2222222oooo",
  "..2222222....",
  "..2222222....",
  "..2222222....",
  "...111111....",
  ".............",
];
const gridOf = (drawing: Drawing): Plane => [drawing.length, drawing[0].length];
const targetOf = (drawing: Drawing) =>
  Float32Array.from(
    Array.from(drawing.join("")).flatMap((cell) => [0.5, 0.5, 0.5, cell === "." ? 0.05 : 0.5]),
  );
const sizeOf = (drawing: Drawing) => drawing.join("").length * rule.channels;

describe("coordinateLoss", () => {
  const grid = gridOf(broader);
  const size = sizeOf(broader);
  const whole = (data: Float32Array) => ({ ...wholeBox(grid), data });
  const loss = coordinateLoss(layout, grid, targetOf(broader));

  it("is zero where channels hold row and column from the seed, and anything elsewhere", () => {
    const state = dyadic(size, 4);
    for (let y = 1; y <= 8; y++) {
      for (let x = 2; x <= 8; x++) {
        state[(y * 13 + x) * 6] = (y - 5) / 4;
        state[(y * 13 + x) * 6 + 5] = (x - 6) / 4;
      }
    }
    expect(loss(whole(state))).toBe(0);
    state[(8 * 13 + 8) * 6 + 5] += 0.5;
    expect(loss(whole(state))).toBe(0.25 / (10 * 13 * 4));
    state[(7 * 13 + 2) * 6] += 0.5;
    expect(loss(whole(state))).toBe((0.25 + 2 * 0.25) / (10 * 13 * 4));
  });

  it("has the gradient of finite differences", () => {
    const state = dyadic(size, 5);
    const cotangent = cotangentOf((sink) => loss(whole(state), sink), size);
    // Cotangents are below 0.02 and stored in single precision.
    differences((s) => loss(whole(s)), state).forEach((slope, i) =>
      expect(cotangent[i]).toBeCloseTo(slope, 8),
    );
  });

  it.each([
    ["inner cells of slender pictures", slender],
    ["rims, too, where a picture is broad", broad],
    ["what is broader twice", broader],
    ["nothing where it is thin all over", [".....", "ooooo", "ooooo", "....."]],
    ["nothing of a clear picture", ["...", "..."]],
  ])("asks %s", (_, drawing) => {
    const far = { ...wholeBox(gridOf(drawing)), data: new Float32Array(sizeOf(drawing)).fill(1e6) };
    const ask = coordinateLoss(layout, gridOf(drawing), targetOf(drawing));
    const cotangent = cotangentOf((sink) => ask(far, sink), far.data.length);
    const once = (2 * 1e6) / (drawing.join("").length * 4);
    const redrawn = Array.from(drawing.join(""), (cell, i) => {
      const weights = Array.from(cotangent.subarray(6 * i, 6 * i + 6), (value) => Math.round(value / once));
      expect(weights).toEqual([weights[0], 0, 0, 0, 0, weights[0]]);
      return weights[0] || (cell === "." ? "." : "o");
    });
    expect(redrawn.join("")).toBe(drawing.join(""));
  });

  it("takes what lies outside a window for dead", () => {
    const box = { top: 4, left: 3, height: 3, width: 6 };
    const window = cutWindow(dyadic(size, 6), grid, rule.channels, box);
    const rest = expandWindow(window, grid, rule.channels);
    expect(loss(window)).toBe(loss(whole(rest)));
    const part = cotangentOf((sink) => loss(window, sink), window.data.length);
    const all = cotangentOf((sink) => loss(whole(rest), sink), size);
    expect(part).toEqual(cutWindow(all, grid, rule.channels, box).data);
  });

  it("takes a large picture", () => {
    const large: Plane = [600, 600];
    const picture = new Float32Array(600 * 600 * 4).fill(1);
    const state = { top: 300, left: 300, height: 1, width: 1, data: new Float32Array(rule.channels) };
    // Squares of i / 300 - 1 for all rows and columns: one in three of as many cells, of two channels, twice.
    expect(coordinateLoss(layout, large, picture)(state)).toBeCloseTo(4 / 3 / 4, 4);
  });

  it("refuses a rule without room", () => {
    expect(() => coordinateLoss(splitRule({ ...conventions, channels: 5 }), grid, targetOf(broader))).toThrow(
      /two hidden channels/,
    );
  });
});
