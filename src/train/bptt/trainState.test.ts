import { describe, expect, it } from "vitest";
import { initialTrainState, prefixed, updateTrainState, withPrefix } from "./trainState.ts";
import type { Optimizer } from "../optim/optimizer.ts";

const table = [
  { name: "a", shape: [2], offset: 0, size: 2 },
  { name: "b", shape: [1], offset: 2, size: 1 },
];
/** Gradient descent: shows what gradient the optimiser is given. */
const descent: Optimizer = {
  init: () => ({ count: 0, tensors: {} }),
  update: (_, parameters, gradient, { count }, rate) => ({
    parameters: parameters.map((p, i) => p - rate * gradient[i]),
    state: { count: count + 1, tensors: {} },
  }),
};

describe("updateTrainState", () => {
  it.each([
    [{ normalize: false, clip: null }, [-3, -4, -12]],
    [{ normalize: true, clip: null }, [-0.6, -0.8, -1]],
    [{ normalize: false, clip: 6.5 }, [-1.5, -2, -6]],
    [{ normalize: true, clip: Math.SQRT1_2 }, [-0.3, -0.4, -0.5]],
  ])("gives the optimiser the gradient as %j makes it", (gradient, expected) => {
    const settings = { gradient, average: null };
    const start = initialTrainState(new Float32Array(3), table, descent, settings);
    const next = updateTrainState(start, Float32Array.of(3, 4, 12), 13, table, descent, 1, settings)!;
    // Single precision, and 1e-8 in the normalisation.
    next.parameters.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
    expect(next.optimizer.count).toBe(1);
    expect([...start.parameters]).toEqual([0, 0, 0]);
  });
});

describe("prefixes", () => {
  it("are taken off as they were put on, and keep others apart", () => {
    const tensors = { "x.y": { shape: [1], data: Float32Array.of(1) } };
    const all = { ...prefixed("a", tensors), ...prefixed("ab", {}), other: tensors["x.y"] };
    expect(Object.keys(all)).toEqual(["a.x.y", "other"]);
    expect(withPrefix("a", all)).toEqual(tensors);
  });
});
