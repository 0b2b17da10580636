import { describe, expect, it } from "vitest";
import { drawing, randomArray, randomParameters } from "../conformance/scenario.ts";
import { disc } from "../conformance/starts.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { kernelTaps, turnedRule } from "./kernels.ts";
import { perceptionRadius } from "./parts/perceive.ts";
import { rulePresets } from "./presets.ts";
import { type Plane, stateSize } from "./grid.ts";
import type { KernelName } from "./kernelNames.ts";
import type { Kernel, Rule } from "./rule.ts";

/** A kernel as the 3x3 matrix it is, times a factor. */
function matrixOf(kernel: Kernel, factor: number): number[][] {
  const matrix = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (const { offset, weight } of kernelTaps(kernel))
    matrix[offset[0] + 1][offset[1] + 1] += factor * weight;
  return matrix;
}

describe("kernelTaps", () => {
  it.each<[KernelName, number, number[][]]>([
    [
      "identity",
      1,
      [
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
    ],
    [
      "sobelX",
      8,
      [
        [-1, 0, 1],
        [-2, 0, 2],
        [-1, 0, 1],
      ],
    ],
    [
      "sobelY",
      8,
      [
        [-1, -2, -1],
        [0, 0, 0],
        [1, 2, 1],
      ],
    ],
    [
      "sobelXRaw",
      1,
      [
        [-1, 0, 1],
        [-2, 0, 2],
        [-1, 0, 1],
      ],
    ],
    [
      "sobelYRaw",
      1,
      [
        [-1, -2, -1],
        [0, 0, 0],
        [1, 2, 1],
      ],
    ],
    [
      "laplacian",
      16,
      [
        [1, 2, 1],
        [2, -12, 2],
        [1, 2, 1],
      ],
    ],
  ])("%s", (name, factor, matrix) => {
    expect(matrixOf(name, factor)).toEqual(matrix);
    expect(kernelTaps(name).every(({ weight }) => weight !== 0)).toBe(true);
  });
});

const farTaps: Kernel = {
  taps: [
    { offset: [-2, 0], weight: 0.7 },
    { offset: [1, 3], weight: -0.4 },
    { offset: [1, 3], weight: -0.2 },
  ],
};

const weights = (name: KernelName, axes: number) => kernelTaps(name, axes).map(({ weight }) => weight);

describe("kernelTaps on one axis and three", () => {
  it("has the same filters, smooth along all axes but one", () => {
    expect(kernelTaps("sobelX", 1)).toEqual([
      { offset: [-1], weight: -0.5 },
      { offset: [1], weight: 0.5 },
    ]);
    expect(weights("sobelXRaw", 1)).toEqual([-1, 1]);
    expect(weights("laplacian", 1)).toEqual([0.25, -0.5, 0.25]);
    expect(kernelTaps("sobelZ", 3)).toHaveLength(18);
    expect(kernelTaps("sobelZRaw", 3).find(({ offset }) => offset.join() === "1,0,1")?.weight).toBe(2);
    for (const [axis, name] of (["sobelZ", "sobelY", "sobelX"] as const).entries()) {
      const slopes = [0, 1, 2].map((along) =>
        kernelTaps(name, 3).reduce((sum, { offset, weight }) => sum + weight * offset[along], 0),
      );
      expect(slopes).toEqual([0, 1, 2].map((along) => +(along === axis)));
    }
    expect(weights("laplacian", 3).reduce((sum, weight) => sum + weight, 0)).toBe(0);
    expect(kernelTaps("laplacian", 3).find(({ offset }) => offset.join() === "0,0,0")?.weight).toBe(-0.875);
  });

  it("says which need more axes", () => {
    expect(() => kernelTaps("sobelY", 1)).toThrow(new RangeError("sobelY needs 2 axes; the rule has 1"));
    expect(() => kernelTaps("sobelZRaw")).toThrow(new RangeError("sobelZRaw needs 3 axes; the rule has 2"));
  });
});

describe("perceptionRadius", () => {
  it("is how far the farthest tap lies along an axis", () => {
    const lists: Kernel[][] = [["identity"], ["identity", "sobelX"], ["sobelX", farTaps]];
    const radii = lists.map((kernels) => perceptionRadius({ ...rulePresets.distill, kernels }));
    expect(radii).toEqual([0, 1, 3]);
  });
});

/** A state, or a row of anything by cell, turned by 90 degrees to the left: the top row becomes the left column, upwards. */
function turnLeft(state: Float32Array, [height, width]: Plane, channels: number): Float32Array {
  const turned = new Float32Array(state.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      turned.set(state.subarray(from, from + channels), ((width - 1 - x) * height + y) * channels);
    }
  }
  return turned;
}

describe("turnedRule", () => {
  const rule: Rule = {
    ...rulePresets.distill,
    hidden: [20],
    kernels: ["identity", "sobelX", "laplacian", "sobelY", "sobelYRaw", farTaps, "sobelXRaw"],
    fireRate: 1,
  };

  it("leaves the rule as it is after whole turns", () => {
    expect(turnedRule(rule, 0)).toBe(rule);
    expect(turnedRule(rule, -720)).toBe(rule);
  });

  it.each(["zero", "wrap"] as const)(
    "draws what the rule draws, turned to the left: %s",
    async (boundary) => {
      const draw = drawing(3);
      const parameters = randomParameters(rule, draw, 0.3);
      const engine = referenceEngine({ precision: "float64" });
      const run = async (turned: Rule, grid: Plane, state: Float32Array) => {
        const request = {
          rule: { ...turned, boundary },
          grid,
          parameters,
          states: [state],
          steps: 4,
          seed: 1,
        };
        return (await engine.rollout(request)).final[0].read();
      };
      const grid = [12, 9] as const;
      const other = [9, 12] as const;
      const start = disc(rule, grid, draw);
      start.set(randomArray(40, draw));
      let expected = await run(rule, grid, start);
      let turnedStart = start;
      for (const quarter of [1, 2, 3]) {
        const before = quarter % 2 === 1 ? grid : other;
        const after = quarter % 2 === 1 ? other : grid;
        turnedStart = turnLeft(turnedStart, before, rule.channels);
        expected = turnLeft(expected, before, rule.channels);
        for (const degrees of [90 * quarter, 90 * quarter - 360]) {
          const actual = await run(turnedRule(rule, degrees), after, turnedStart);
          // The taps are the same numbers in another order; float64 sums, read as float32.
          const largest = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
          expect(largest).toBeLessThan(1e-6);
        }
      }
      expect(expected.some((value) => Math.abs(value) > 0.5)).toBe(true);
      expect(expected.length).toBe(stateSize(rule, grid));
    },
  );

  it("turns Sobel pairs as vectors at any angle, and leaves round kernels alone", () => {
    const turned = turnedRule(
      { ...rule, kernels: ["sobelX", "sobelY", "identity", "laplacian", "sobelXRaw"] },
      30,
    );
    const [c, s] = [Math.sqrt(3) / 2, 0.5];
    const expected = [
      [
        [s - c, 2 * s, s + c],
        [-2 * c, 0, 2 * c],
        [-s - c, -2 * s, c - s],
      ],
      [
        [-s - c, -2 * c, s - c],
        [-2 * s, 0, 2 * s],
        [c - s, 2 * c, s + c],
      ],
    ];
    expected.forEach((matrix, kernel) => {
      const actual = matrixOf(turned.kernels[kernel], 8).flat();
      // A handful of roundings of numbers up to 2.
      matrix.flat().forEach((weight, i) => expect(Math.abs(actual[i] - weight)).toBeLessThan(2e-15));
    });
    expect(turned.kernels.slice(2, 4)).toEqual(["identity", "laplacian"]);
    const raw = matrixOf(turned.kernels[4], 1).flat();
    matrixOf(turned.kernels[0], 8)
      .flat()
      .forEach((weight, i) => expect(Math.abs(raw[i] - weight)).toBeLessThan(2e-15));
  });

  it("refuses taps at other angles, and angles that are none", () => {
    expect(() => turnedRule(rule, 45)).toThrow(
      new RangeError("a kernel given by taps turns by multiples of 90 degrees only, not by 45"),
    );
    for (const angle of [NaN, Infinity]) {
      expect(() => turnedRule(rule, angle)).toThrow(
        new RangeError(`angle must be a finite number of degrees, not ${angle}`),
      );
    }
  });
});
