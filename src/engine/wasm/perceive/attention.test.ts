/** The softmax of the kernels, and the exponential in it, against double precision. */
import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels, supportsRelaxedSimd } from "../compile.ts";
import { STRIDE } from "../chunk.ts";
import { Heap } from "../heap.ts";
import { instantiateKernels, type Kernels } from "../kernels.ts";

const ROW = STRIDE / 4;
const PLACES = 4096;
const SCORES = 8192;
const SLOPES = 32768;

if (!supportsRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");

describe.each(["strict", "relaxed"] as const)("%s kernels", (build) => {
  let heap: Heap;
  let kernels: Kernels;
  beforeAll(async () => {
    heap = Heap.create(65536, false);
    kernels = instantiateKernels(await compileKernels(build, false), heap.memory);
  });

  /** The weights of each cell, given its scores, 0 for the first row. */
  function secondWeights(scores: Float32Array): Float32Array {
    const first = SCORES >> 2;
    heap.floats.fill(0, PLACES >> 2, (PLACES >> 2) + 2);
    heap.floats.fill(0, first, first + ROW);
    heap.floats.set(scores, first + ROW);
    kernels.softmax({ scores: SCORES, places: PLACES, rows: 2, cells: scores.length });
    return heap.floats.slice(first + ROW, first + ROW + scores.length);
  }

  it("e^x is within 9e-8 of its size", () => {
    // Below -17.5 the sum is 1, so that the weight is e^x; rests of log 2 recur all the way down.
    for (let from = -87; from < -17.5; from += 0.0011 * ROW) {
      const scores = Float32Array.from({ length: ROW }, (_, i) => Math.min(from + 0.0011 * i, -17.5));
      const weights = secondWeights(scores);
      for (const [i, weight] of weights.entries()) {
        expect(Math.abs(weight / Math.exp(scores[i]) - 1)).toBeLessThan(9e-8);
      }
    }
  });

  it("is 0 where e^x is no normal number, and NaN stays NaN", () => {
    const weights = secondWeights(Float32Array.of(-87.01, -100, -1e30, -Infinity, NaN, -87, 0, 0));
    expect([...weights.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(weights[4]).toBeNaN();
    expect(weights[5]).toBeCloseTo(Math.exp(-87), 44);
    expect([...weights.subarray(6)]).toEqual([0.5, 0.5]);
  });

  it("softmax and its adjoint over nine rows", () => {
    const cells = 24;
    const drawn = (at: number, scale: number) =>
      Array.from({ length: 9 }, (_, o) =>
        Array.from({ length: cells }, (__, r) => {
          const index = (at >> 2) + o * ROW + r;
          heap.floats[index] = scale * Math.sin(1 + 7 * index);
          return heap.floats[index];
        }),
      );
    const scores = drawn(SCORES, 20);
    const slopes = drawn(SLOPES, 1);
    const places = Array.from({ length: 9 }, (_, o) => (o - 4) / 8);
    heap.floats.set(places, PLACES >> 2);
    kernels.softmax({ scores: SCORES, places: PLACES, rows: 9, cells });
    kernels.softmaxBackward({ weights: SCORES, slopes: SLOPES, rows: 9, cells });
    for (let r = 0; r < cells; r++) {
      const powers = scores.map((row, o) => Math.exp(row[r] + places[o]));
      const sum = powers.reduce((a, b) => a + b);
      const weights = powers.map((power) => power / sum);
      const mean = weights.reduce((so, weight, o) => so + weight * slopes[o][r], 0);
      for (const [o, weight] of weights.entries()) {
        const at = o * ROW + r;
        // Scores of up to 20 are rounded by 1e-6, and so their powers, by that part of their size.
        expect(Math.abs(heap.floats[(SCORES >> 2) + at] - weight)).toBeLessThan(4e-6 * weight + 1e-37);
        const slope = weight * (slopes[o][r] - mean);
        expect(Math.abs(heap.floats[(SLOPES >> 2) + at] - slope)).toBeLessThan(8e-6 * weight + 1e-37);
      }
    }
  });
});
