import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import { drawing, randomArray } from "../conformance/scenario.ts";
import type { Floats } from "./floats.ts";
import { perceive, perceiveBackward } from "./perception.ts";

function inner(a: Float64Array, b: Floats): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

describe("perceive", () => {
  it("correlates, channel by channel and then kernel by kernel, and appends the input", () => {
    const rule = smallRule({ channels: 2, kernels: ["identity", "sobelX", "laplacian"], inputSize: 2 });
    // One row of cells; channel 0 is 1, 2, 3, channel 1 is 0, 0, 8.
    const S = new Float64Array([1, 0, 2, 0, 3, 8]);
    const P = perceive(rule, [1, 3], S, new Float64Array([5, -6]));
    // Sobel x: 2/8 of (right - left); Laplacian: 2/16 of each neighbour - 12/16 of the cell.
    expect([...P.subarray(8, 16)]).toEqual([2, 0.5, -1, 0, 2, 1, 5, -6]);
    expect([...P.subarray(16, 24)]).toEqual([3, -0.5, -2, 8, 0, -6, 5, -6]);
  });

  it("looks rows down and columns right", () => {
    const rule = smallRule({ channels: 1, kernels: [{ taps: [{ offset: [1, -2], weight: 10 }] }] });
    const S = new Float64Array([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...perceive(rule, [2, 4], S, undefined)]).toEqual([0, 0, 50, 60, 0, 0, 0, 0]);
    const torus = { ...rule, boundary: "wrap" } as const;
    expect([...perceive(torus, [2, 4], S, undefined)]).toEqual([70, 80, 50, 60, 30, 40, 10, 20]);
  });

  it.each(["zero", "wrap"] as const)(
    "has its adjoint below it: <P(S, z), dP> = <(S, z), (dS, dz)>, %s",
    (boundary) => {
      const rule = smallRule({
        channels: 3,
        inputSize: 2,
        boundary,
        kernels: [
          "identity",
          "sobelY",
          {
            taps: [
              { offset: [-3, 2], weight: 0.5 },
              { offset: [1, 1], weight: -2 },
            ],
          },
        ],
      });
      const draw = drawing(1);
      const numbers = (length: number) => new Float64Array(randomArray(length, draw));
      for (const grid of [
        [5, 4],
        [1, 6],
        [1, 1],
      ] as const) {
        const cells = grid[0] * grid[1];
        const [S, z, dP] = [numbers(cells * 3), numbers(2), numbers(cells * 11)];
        const dS = new Float64Array(S.length);
        const dz = new Float64Array(2);
        perceiveBackward(rule, grid, dS, dz, dP);
        // Sums of some 200 products of numbers below 2, in float64.
        expect(inner(dP, perceive(rule, grid, S, z))).toBeCloseTo(inner(dS, S) + inner(dz, z), 12);
      }
    },
  );
});
