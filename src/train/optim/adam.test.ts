import { describe, expect, it } from "vitest";
import { adam } from "./adam.ts";
import { drawing, randomArray } from "../../conformance/scenario.ts";
import { powerOf } from "../../math.ts";

const table = [{ name: "weight", shape: [2], offset: 0, size: 2 }];
const optimizer = adam({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });

describe("adam", () => {
  it("follows the algorithm over two steps, computed by hand", () => {
    const start = Float32Array.of(1, -1);
    const first = optimizer.update(table, start, Float32Array.of(0.5, -2), optimizer.init(table), 0.1);
    // m = 0.1 g, v = 0.001 g^2; corrected m' = g, v' = g^2: each moves by the learning rate against its sign.
    expect(first.state.count).toBe(1);
    expect(first.state.tensors.mean[0]).toBeCloseTo(0.05, 8);
    expect(first.state.tensors.square[1]).toBeCloseTo(0.004, 9);
    expect(first.parameters[0]).toBeCloseTo(0.9, 6);
    expect(first.parameters[1]).toBeCloseTo(-0.9, 6);

    const second = optimizer.update(table, first.parameters, Float32Array.of(-0.5, 0), first.state, 0.1);
    // m = 0.9 * 0.05 - 0.05 = -0.005, / 0.19; v = 0.999 * 0.00025 + 0.00025 = 0.00049975, / 0.001999 = 0.25.
    // 0.9 + 0.1 * (0.005 / 0.19) / 0.5 = 0.9052632; the tolerance is that of single precision.
    expect(second.parameters[0]).toBeCloseTo(0.9052632, 6);
    // m = -0.18 / 0.19, v = 0.003996 / 0.001999: -0.9 + 0.1 * 0.9473684 / sqrt(1.9989995) = -0.8329942.
    expect(second.parameters[1]).toBeCloseTo(-0.8329942, 6);
  });

  it("changes no argument", () => {
    const parameters = Float32Array.of(1, 2);
    const gradient = Float32Array.of(3, 4);
    const state = optimizer.init(table);
    optimizer.update(table, parameters, gradient, state, 0.1);
    expect([...parameters, ...gradient]).toEqual([1, 2, 3, 4]);
    expect([...state.tensors.mean, ...state.tensors.square, state.count]).toEqual([0, 0, 0, 0, 0]);
  });

  it("stands still without a gradient", () => {
    const { parameters } = optimizer.update(
      table,
      Float32Array.of(1, 2),
      new Float32Array(2),
      optimizer.init(table),
      0.1,
    );
    expect([...parameters]).toEqual([1, 2]);
  });
});

/** Whether an update of so many numbers is finite, by a gradient of ones with another number in one place. */
function finiteOf(size: number, at?: number, value = NaN): boolean | undefined {
  const entries = [{ name: "weight", shape: [size], offset: 0, size }];
  const gradient = new Float32Array(size).fill(1);
  if (at !== undefined) gradient[at] = value;
  return optimizer.update(entries, new Float32Array(size), gradient, optimizer.init(entries), 0.1).finite;
}

describe("adam in blocks", () => {
  it.each([1, 3, 8191, 8192, 20001])("has the bits of plain loops for %i numbers", (size) => {
    const draw = drawing(size);
    const [start, ...gradients] = Array.from({ length: 4 }, () => randomArray(size, draw));
    gradients[1][0] = NaN;
    const entries = [{ name: "weight", shape: [size], offset: 0, size }];
    let parameters = start;
    let state = optimizer.init(entries);
    const [expected, mean, square] = [start.slice(), new Float32Array(size), new Float32Array(size)];
    for (const [i, gradient] of gradients.entries()) {
      ({ parameters, state } = optimizer.update(entries, parameters, gradient, state, 0.01));
      const step = 0.01 / (1 - powerOf(0.9, i + 1));
      const scale = 1 / Math.sqrt(1 - powerOf(0.999, i + 1));
      for (let j = 0; j < size; j++) {
        mean[j] = 0.9 * mean[j] + (1 - 0.9) * gradient[j];
        square[j] = 0.999 * square[j] + (1 - 0.999) * gradient[j] * gradient[j];
        expected[j] -= (step * mean[j]) / (Math.sqrt(square[j]) * scale + 1e-8);
      }
    }
    expect(parameters).toEqual(expected);
    expect(state.tensors).toEqual({ mean, square });
  });

  it("says whether all that it made is finite", () => {
    expect(finiteOf(8193)).toBe(true);
    expect(finiteOf(8193, 8192)).toBe(false);
    expect(finiteOf(8192, 3)).toBe(false);
    // The square of it is beyond single precision; the parameter is not.
    expect(finiteOf(5, 4, 3e38)).toBe(false);
    // What the memory holds beyond the numbers does not count.
    expect(finiteOf(5)).toBe(true);
  });
});
