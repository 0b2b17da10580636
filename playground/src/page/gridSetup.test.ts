import { describe, expect, it } from "vitest";
import { largestScale, gridAndSeeds } from "./gridSetup.ts";

describe("grid setup", () => {
  it("puts one seed where training had it, whatever the size", () => {
    for (const [height, width] of [
      [72, 72],
      [41, 28],
      [1, 1],
    ] as const) {
      const { grid, seeds } = gridAndSeeds([height, width], { scale: 1, seeds: 1 });
      expect(grid).toEqual([height, width]);
      expect(seeds).toEqual([[height >> 1, width >> 1]]);
    }
  });

  it("puts seeds in the middle of equal parts, by rows", () => {
    expect(gridAndSeeds([10, 20], { scale: 2, seeds: 4 })).toEqual({
      grid: [20, 40],
      seeds: [
        [5, 10],
        [5, 30],
        [15, 10],
        [15, 30],
      ],
    });
    // A row stays a row.
    expect(gridAndSeeds([1, 20], { scale: 2, seeds: 1 }).grid).toEqual([1, 40]);
    const { seeds } = gridAndSeeds([72, 72], { scale: 3, seeds: 9 });
    expect(seeds).toHaveLength(9);
    expect(seeds[0]).toEqual([36, 36]);
    expect(seeds[5]).toEqual([108, 180]);
  });

  it("enlarges no grid beyond what a page plays well", () => {
    expect(largestScale([72, 72])).toBe(3);
    // 2^18 cells are 512 x 512.
    expect(largestScale([256, 256])).toBe(2);
    expect(largestScale([256, 257])).toBe(1);
    expect(largestScale([1024, 1024])).toBe(1);
    expect(gridAndSeeds([256, 256], { scale: 3, seeds: 1 }).grid).toEqual([512, 512]);
  });
});
