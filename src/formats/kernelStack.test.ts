import { describe, expect, it } from "vitest";
import type { Kernel } from "../rule/rule.ts";
import { kernelAxes, kernelNames } from "../rule/kernelNames.ts";
import { kernelMatrix, kernelOf, sameKernels } from "./kernelStack.ts";

describe("kernels as matrices", () => {
  it("have rows downwards and columns to the right", () => {
    const kernel: Kernel = {
      taps: [
        { offset: [-1, 1], weight: 2 },
        { offset: [1, 0], weight: 3 },
        { offset: [1, 0], weight: 0.5 },
      ],
    };
    expect([...kernelMatrix(kernel, 3).weights]).toEqual([0, 0, 2, 0, 0, 0, 0, 3.5, 0]);
    expect([...kernelMatrix("sobelXRaw", 5).weights.subarray(5, 15)]).toEqual([
      0, -1, 0, 1, 0, 0, -2, 0, 2, 0,
    ]);
  });

  it.each([3, 5, 9])("keep their names, of side %d", (side) => {
    const ofPlanes = kernelNames.filter((name) => kernelAxes[name] <= 2);
    expect(ofPlanes.map((name) => kernelOf(kernelMatrix(name, side)))).toEqual(ofPlanes);
  });

  it("are named within 1e-6, and are taps beyond", () => {
    const { side, weights } = kernelMatrix("sobelX", 3);
    const off = (by: number) => kernelOf({ side, weights: weights.map((weight) => weight + by) });
    expect(off(9e-7)).toBe("sobelX");
    expect(off(2e-6)).toMatchObject({ taps: { length: 9 } });
  });

  it("become taps, one at least", () => {
    const taps: Kernel = { taps: [{ offset: [2, -1], weight: 0.25 }] };
    expect(kernelOf(kernelMatrix(taps, 5))).toEqual(taps);
    expect(kernelOf({ side: 3, weights: new Float32Array(9) })).toEqual({
      taps: [{ offset: [0, 0], weight: 0 }],
    });
  });

  it("are the same by what they see", () => {
    const split: Kernel = {
      taps: [
        { offset: [0, 0], weight: 0.5 },
        { offset: [0, 0], weight: 0.5 },
      ],
    };
    expect(sameKernels(["identity", "sobelX"], [split, "sobelX"])).toBe(true);
    expect(sameKernels(["identity", "sobelX"], ["sobelX", split])).toBe(false);
    expect(sameKernels(["identity"], [split, split])).toBe(false);
  });
});
