import { describe, expect, it } from "vitest";
import { wholeBox } from "../../rule/grid.ts";
import { rowRight, symbolLoss } from "./symbols.ts";

const grid = [3] as const;
const classes = { offset: 1, count: 3 };
const rule = { channels: 5 };
const wanted = () => Uint8Array.of(2, 0, 1);
const sample = { goal: 0, trainingStep: 0 };
/** One channel, three scores, one channel a cell. */
const data = Float32Array.of(9, 0.5, -1, 2, 9, 9, 3, 1, 0, 9, 9, 0, 0.25, 0.5, 9);
const state = { ...wholeBox(grid), data };

describe("symbolLoss", () => {
  it("is the cross-entropy, mean over cells", () => {
    const entropy = (scores: number[], k: number) =>
      Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[k];
    const expected = (entropy([0.5, -1, 2], 2) + entropy([3, 1, 0], 0) + entropy([0, 0.25, 0.5], 1)) / 3;
    expect(symbolLoss(rule, grid, classes, wanted)(state, sample)).toBeCloseTo(expected, 12);
  });

  it("has the gradient of finite differences, in its channels alone", () => {
    const loss = symbolLoss(rule, grid, classes, wanted);
    const sink = { data: new Float32Array(15), scale: 2 };
    loss(state, sample, sink);
    for (let i = 0; i < 15; i++) {
      const at = (change: number) => {
        const moved = Float64Array.from(data);
        moved[i] += change;
        return loss({ ...state, data: moved as unknown as Float32Array }, sample);
      };
      // Central differences of a smooth function: an error of the square of the step; and the sink is float32.
      expect(sink.data[i]).toBeCloseTo((2 * (at(1e-4) - at(-1e-4))) / 2e-4, 6);
    }
    expect(sink.data[0]).toBe(0);
  });

  it("takes cells outside the window as those that name nothing", () => {
    const window = { top: 0, left: 1, height: 1, width: 2, data: data.slice(5) };
    const whole = data.slice();
    whole.fill(0, 0, 5);
    const loss = symbolLoss(rule, grid, classes, wanted);
    expect(loss(window, sample)).toBeCloseTo(loss({ ...state, data: whole }, sample), 12);
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
