import { describe, expect, it } from "vitest";
import { rampAt, rangeAt } from "./ramp.ts";

describe("rampAt", () => {
  it("is a plain value throughout", () => {
    expect([rampAt(4, 0), rampAt(4, 1000)]).toEqual([4, 4]);
  });

  it("moves in a straight line, rounded, and stays at its end", () => {
    const ramp = { from: 2, to: 8, over: 4, after: 10 };
    expect([0, 10, 11, 12, 13, 14, 99].map((step) => rampAt(ramp, step))).toEqual([2, 2, 4, 5, 7, 8, 8]);
  });

  it("jumps where it has no length", () => {
    expect([0, 1].map((step) => rampAt({ from: 1, to: 9, over: 0 }, step))).toEqual([1, 9]);
  });
});

describe("rangeAt", () => {
  it("moves both ends", () => {
    const ramp = { from: [32, 48], to: [64, 96], over: 2 } as const;
    expect([0, 1, 2].map((step) => rangeAt(ramp, step))).toEqual([
      [32, 48],
      [48, 72],
      [64, 96],
    ]);
    expect(rangeAt([3, 5], 7)).toEqual([3, 5]);
  });
});
