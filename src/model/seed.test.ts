import { describe, expect, it } from "vitest";
import { type PictureRule, splitRule } from "./pictureRule.ts";
import { picturePresets } from "./presets.ts";
import { plantSeed, seedState } from "./seed.ts";

const [distill, cax] = [picturePresets.distill, picturePresets.cax].map((rule) => splitRule(rule));

describe("seedState", () => {
  it.each([
    ["distill", distill, 3],
    ["cax", cax, 15],
  ] as const)("of %s is one cell in the middle", (_, layout, from) => {
    const state = seedState(layout, [5, 8]);
    expect(state.length).toBe(5 * 8 * 16);
    const cell = (2 * 8 + 4) * 16;
    const expected = Array.from({ length: 16 - from }, (_value, i) => cell + from + i);
    expect([...state.keys()].filter((i) => state[i] !== 0)).toEqual(expected);
    expect(expected.every((i) => state[i] === 1)).toBe(true);
  });

  it("leaves the colours out where it is told, but for the alive channel, and numbers hidden channels alike", () => {
    const rule: PictureRule = { ...picturePresets.cax, seed: { from: 0, to: 16, colours: false } };
    expect([...seedState(splitRule(rule), [1, 1])]).toEqual([...Array<number>(12).fill(1), 0, 0, 0, 1]);
    const [ours, theirs] = [new Float32Array(16), new Float32Array(16)];
    plantSeed(ours, splitRule(rule), [1, 1], [0, 0], 3);
    plantSeed(theirs, distill, [1, 1], [0, 0], 3);
    expect(ours.subarray(0, 12)).toEqual(theirs.subarray(4));
    expect([...ours.subarray(12)]).toEqual([0, 0, 0, 1]);
  });

  it("counts all channels but the alive one as hidden where no picture is", () => {
    const layout = { ...distill, readout: null, start: { cell: { from: 1, to: 6 } } };
    const state = new Float32Array(16);
    plantSeed(state, layout, [1, 1], [0, 0], 1);
    expect([...state.subarray(0, 8)]).toEqual([0, -1, 1, 1, -1, 1, 0, 0]);
  });

  it("goes where it is told", () => {
    const state = seedState(distill, [5, 8], [4, 7]);
    expect(state.findIndex((value) => value !== 0)).toBe((4 * 8 + 7) * 16 + 3);
  });
});

describe("plantSeed", () => {
  it("replaces the cell, and no other", () => {
    const state = new Float32Array(3 * 3 * 16).fill(0.5);
    plantSeed(state, distill, [3, 3], [1, 0]);
    const cell = state.subarray(3 * 16, 4 * 16);
    expect([...cell]).toEqual([0, 0, 0, ...Array.from({ length: 13 }, () => 1)]);
    expect(state.filter((value) => value === 0.5).length).toBe(8 * 16);
  });

  it.each([
    [-1, 0],
    [0, -1],
    [3, 0],
    [0, 3],
    [NaN, 0],
  ])("refuses row %d, column %d of a 3x3 grid", (y, x) => {
    const state = new Float32Array(3 * 3 * 16);
    expect(() => plantSeed(state, distill, [3, 3], [y, x])).toThrow(
      new RangeError(`the seed at row ${y}, column ${x} lies outside the 3x3 grid`),
    );
    expect(state.every((value) => value === 0)).toBe(true);
  });
});
