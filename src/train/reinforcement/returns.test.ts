import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  discountPowers,
  lambdaReturns,
  nStepReturn,
  returnSlopes,
  type RewardKind,
  rewardsOf,
} from "./returns.ts";

describe("rewardsOf", () => {
  it("rewards a decrease of the error, or its smallness", () => {
    const errors = [4, 3, 3.5, 1];
    expect(rewardsOf("decrease", errors, 2)).toEqual([2, -1, 5]);
    expect(rewardsOf("error", errors, 2)).toEqual([-6, -7, -2]);
  });
});

describe("nStepReturn", () => {
  it("is what it is by hand", () => {
    // 1 + 2/2 + 3/4 + 8/8
    expect(nStepReturn([1, 2, 3], 8, 0.5)).toBe(3.75);
    expect(nStepReturn([], 8, 0.5)).toBe(8);
  });
});

describe("lambdaReturns", () => {
  it("is what it is by hand", () => {
    // G_2 = 3 + 0.5 * 8 = 7, G_1 = 2 + 0.5 * (0.75 * 6 + 0.25 * 7) = 5.125,
    // G_0 = 1 + 0.5 * (0.75 * 4 + 0.25 * 5.125) = 3.140625
    expect(lambdaReturns([1, 2, 3], [100, 4, 6, 8], 0.5, 0.25)).toEqual([3.140625, 5.125, 7]);
  });

  it("is one step and the value after it at lambda 0, and the n-step return at 1", () => {
    expect(lambdaReturns([1, 2, 3], [100, 4, 6, 8], 0.5, 0)).toEqual([3, 5, 7]);
    expect(lambdaReturns([1, 2, 3], [100, 4, 6, 8], 0.5, 1)).toEqual([
      nStepReturn([1, 2, 3], 8, 0.5),
      nStepReturn([2, 3], 8, 0.5),
      nStepReturn([3], 8, 0.5),
    ]);
  });

  it("is the average of n-step returns that weighs the nth by (1 - lambda) lambda^(n - 1)", () => {
    const rewards = [0.3, -1, 0.7, 2];
    const values = [9, 0.2, -0.4, 1.5, 3];
    const [discount, lambda] = [0.9, 0.6];
    let sum = 0;
    for (let n = 1; n <= 4; n++) {
      const weight = n < 4 ? (1 - lambda) * lambda ** (n - 1) : lambda ** 3;
      sum += weight * nStepReturn(rewards.slice(0, n), values[n], discount);
    }
    // Sutton and Barto, equation 12.3, in another order of sums.
    expect(lambdaReturns(rewards, values, discount, lambda)[0]).toBeCloseTo(sum, 12);
  });
});

describe("returnSlopes", () => {
  it.each<RewardKind>(["decrease", "error"])("are the derivatives of the return of rewards: %s", (kind) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (errors, discount) => {
          const horizon = errors.length - 1;
          const returnOf = (own: number[]) => nStepReturn(rewardsOf(kind, own, 3), 0, discount);
          const slopes = returnSlopes(kind, horizon, discount, 3);
          expect(slopes).toHaveLength(horizon);
          for (const [t, slope] of slopes.entries()) {
            const moved = errors.with(t + 1, errors[t + 1] + 1);
            // Linear in the errors, so that a step of 1 is exact but for rounding.
            expect(returnOf(moved) - returnOf(errors)).toBeCloseTo(slope, 9);
            expect(slope).toBeLessThanOrEqual(0);
          }
        },
      ),
    );
  });
});

describe("discountPowers", () => {
  it("multiplies up", () => {
    expect(discountPowers(4, 0.5)).toEqual([1, 0.5, 0.25, 0.125]);
    expect(discountPowers(1, 0.5)).toEqual([1]);
  });
});
