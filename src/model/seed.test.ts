import { describe, expect, it } from "vitest";
import { rulePresets } from "../rule/presets.ts";
import type { Rule } from "../rule/rule.ts";
import { plantSeed, seedState } from "./seed.ts";

const { distill, cax } = rulePresets;

describe("seedState", () => {
  it.each([
    ["distill", distill, 3],
    ["cax", cax, 15],
  ] as const)("of %s is one cell in the middle", (_, rule, from) => {
    const state = seedState(rule, [5, 8]);
    expect(state.length).toBe(5 * 8 * 16);
    const cell = (2 * 8 + 4) * 16;
    const expected = Array.from({ length: 16 - from }, (_value, i) => cell + from + i);
    expect([...state.keys()].filter((i) => state[i] !== 0)).toEqual(expected);
    expect(expected.every((i) => state[i] === 1)).toBe(true);
  });

  it("leaves the colours out where it is told, but for the alive channel, and numbers hidden channels alike", () => {
    const rule: Rule = { ...cax, seed: { from: 0, to: 16, colours: false } };
    expect([...seedState(rule, [1, 1])]).toEqual([...Array<number>(12).fill(1), 0, 0, 0, 1]);
    const [ours, theirs] = [new Float32Array(16), new Float32Array(16)];
    plantSeed(ours, rule, [1, 1], [0, 0], 3);
    plantSeed(theirs, distill, [1, 1], [0, 0], 3);
    expect(ours.subarray(0, 12)).toEqual(theirs.subarray(4));
    expect([...ours.subarray(12)]).toEqual([0, 0, 0, 1]);
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
