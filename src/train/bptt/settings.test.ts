import { describe, expect, it } from "vitest";
import { lossSteps } from "./settings.ts";

describe("lossSteps", () => {
  it("last: after the rollout", () => {
    expect(lossSteps({ placement: "last", from: 0.5, every: 1 }, 48, [0, 0, 0])).toEqual([
      { step: 48, weight: 1 },
    ]);
  });

  it("random: every step from the given fraction on, one a sample", () => {
    const placement = { placement: "random", from: 0.5, every: 1 } as const;
    const drawn = Array.from({ length: 300 }, (_, sample) => lossSteps(placement, 7, [3, 1, sample]));
    expect(drawn.every((places) => places.length === 1 && places[0].weight === 1)).toBe(true);
    expect(new Set(drawn.map(([{ step }]) => step))).toEqual(new Set([4, 5, 6, 7]));
  });

  it("mean: every n-th step, back from the last, with equal weights", () => {
    expect(lossSteps({ placement: "mean", from: 0.5, every: 2 }, 9, [0, 0, 0])).toEqual(
      [9, 7, 5].map((step) => ({ step, weight: 1 / 3 })),
    );
    expect(lossSteps({ placement: "mean", from: 0, every: 1 }, 4, [0, 0, 0])).toEqual(
      [4, 3, 2, 1].map((step) => ({ step, weight: 1 / 4 })),
    );
  });
});
