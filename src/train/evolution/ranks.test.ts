import { describe, expect, it } from "vitest";
import { centredRanks, utilities } from "./ranks.ts";

const rounded = (values: Float64Array) => Array.from(values, (value) => Number(value.toFixed(12)) + 0);

describe("centredRanks", () => {
  it("goes from -1/2 for the lowest loss to 1/2 for the highest", () => {
    expect([...centredRanks([30, 10, 20, 50, 40])]).toEqual([0, -0.5, -0.25, 0.5, 0.25]);
    expect([...centredRanks([7])]).toEqual([0]);
    expect([...centredRanks([])]).toEqual([]);
  });

  it("lets equals share, and what is not finite be the worst", () => {
    expect([...centredRanks([1, 1, 2])]).toEqual([-0.25, -0.25, 0.5]);
    expect([...centredRanks([NaN, 5, -Infinity])]).toEqual([0.25, -0.5, 0.25]);
    expect([...centredRanks([0, -0, 1])]).toEqual([-0.25, -0.25, 0.5]);
  });
});

describe("utilities", () => {
  it("are those of the paper", () => {
    // Of four: max(0, log 3 - log k) = log 3, log 3/2, 0, 0, by their sum, less a quarter.
    const sum = Math.log(3) + Math.log(1.5);
    expect(rounded(utilities([2, 1, 4, 3]))).toEqual(
      [Math.log(1.5) / sum - 0.25, Math.log(3) / sum - 0.25, -0.25, -0.25].map((value) =>
        Number(value.toFixed(12)),
      ),
    );
  });

  it("sum to 0, and are 0 where nothing differs", () => {
    const losses = Array.from({ length: 37 }, (_, i) => (i * 17) % 11);
    expect(utilities(losses).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
    expect(rounded(utilities([3, 3, 3]))).toEqual([0, 0, 0]);
    expect(rounded(utilities([3]))).toEqual([0]);
  });
});
