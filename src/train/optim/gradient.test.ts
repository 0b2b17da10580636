import { describe, expect, it } from "vitest";
import type { ParameterEntry } from "../../rule/parameters.ts";
import { clipByGlobalNorm, norm, normalizePerTensor } from "./gradient.ts";

const table: ParameterEntry[] = [
  { name: "weight", shape: [1, 2], offset: 0, size: 2 },
  { name: "bias", shape: [2], offset: 2, size: 2 },
];

describe("norm", () => {
  it("is Euclidean, over a part if told so", () => {
    const values = Float32Array.of(3, 4, 12, 0);
    expect(norm(values)).toBe(13);
    expect(norm(values, 0, 2)).toBe(5);
  });

  it("does not overflow where single precision would", () => {
    expect(norm(Float32Array.of(2 ** 100, 0))).toBe(2 ** 100);
  });
});

describe("normalizePerTensor", () => {
  it("divides each tensor by its own norm", () => {
    const result = normalizePerTensor(table, Float32Array.of(3, 4, 0, -8));
    const expected = [0.6, 0.8, 0, -1];
    // 1e-8 in the divisor and single precision: 6e-8 relative.
    expected.forEach((value, i) => expect(result[i]).toBeCloseTo(value, 6));
  });

  it("leaves zero at zero", () => {
    expect([...normalizePerTensor(table, new Float32Array(4))]).toEqual([0, 0, 0, 0]);
  });
});

describe("clipByGlobalNorm", () => {
  it("shortens what is too long", () => {
    expect([...clipByGlobalNorm(Float32Array.of(6, 8), 5, 10)]).toEqual([3, 4]);
  });

  it("passes on what is short enough", () => {
    const gradient = Float32Array.of(3, 4);
    expect(clipByGlobalNorm(gradient, 5, 5)).toBe(gradient);
    expect([...gradient]).toEqual([3, 4]);
  });
});
