import { describe, expect, it } from "vitest";
import { wholeBox } from "../../rule/grid.ts";
import { cotangentOf, differences } from "./loss.case.ts";
import { rowRight, symbolLoss } from "./symbols.ts";

const grid = [3] as const;
const classes = { offset: 1, count: 3 };
const rule = { channels: 5 };
const wanted = () => Uint8Array.of(2, 0, 1);
const sample = { goal: 0, trainingStep: 0 };
/** One channel, three scores, one channel a cell. */
const data = Float32Array.of(9, 0.5, -1, 2, 9, 9, 3, 1, 0, 9, 9, 0, 0.25, 0.5, 9);
const state = { ...wholeBox(grid), data };

const whole = (numbers: Float32Array) => ({ ...state, data: numbers });
const entropy = (scores: number[], k: number) =>
  Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[k];

describe("symbolLoss", () => {
  it("is the cross-entropy, mean over cells", () => {
    const expected = (entropy([0.5, -1, 2], 2) + entropy([3, 1, 0], 0) + entropy([0, 0.25, 0.5], 1)) / 3;
    expect(symbolLoss(rule, grid, classes, wanted)(state, sample)).toBeCloseTo(expected, 12);
  });

  it("has the gradient of finite differences, in its channels alone", () => {
    const loss = symbolLoss(rule, grid, classes, wanted);
    const cotangent = cotangentOf((sink) => loss(state, sample, sink), 15);
    const slopes = differences((numbers) => loss(whole(numbers), sample), data);
    // Central differences of step h are off by h^2 / 6 of the third derivative, which is below 0.1 / 3: 2e-5.
    for (const [i, slope] of slopes.entries()) expect(cotangent[i]).toBeCloseTo(slope, 4);
    expect(cotangent[0]).toBe(0);
    expect(cotangent.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });

  it("takes cells outside the window as those that name nothing", () => {
    const window = { top: 0, left: 1, height: 1, width: 2, data: data.slice(5) };
    const dark = data.slice();
    dark.fill(0, 0, 5);
    const loss = symbolLoss(rule, grid, classes, wanted);
    expect(loss(window, sample)).toBeCloseTo(loss({ ...state, data: dark }, sample), 12);
  });
});

describe("rowRight", () => {
  it("asks for every cell", () => {
    const right = rowRight(rule, grid, classes, wanted);
    expect(right(state, sample)).toBe(0);
    const better = data.slice();
    better[12] = 1;
    expect(right({ ...state, data: better }, sample)).toBe(1);
    expect(right({ top: 0, left: 1, height: 1, width: 2, data: better.slice(5) }, sample)).toBe(0);
  });
});
