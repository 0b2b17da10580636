import { describe, expect, it } from "vitest";
import { clipUp } from "./clipUp.ts";

const settings = { momentum: 0.9, maxSpeed: 2 };
/** Single precision, of numbers below 4. */
const DIGITS = 6;

function expectClose(values: Float32Array, wanted: readonly number[]) {
  expect(values).toHaveLength(wanted.length);
  wanted.forEach((value, i) => expect(values[i]).toBeCloseTo(value, DIGITS));
}

describe("clipUp", () => {
  it("takes a step of one learning rate, however long the gradient", () => {
    for (const scale of [1e-6, 1, 1e6]) {
      const gradient = [3 * scale, 0, -4 * scale];
      expectClose(clipUp(new Float32Array(3), gradient, 0.5, settings), [0.3, 0, -0.4]);
    }
  });

  it("adds to the velocity that it has", () => {
    expectClose(clipUp(Float32Array.of(0, 0.2), [1, 0], 0.5, settings), [0.5, 0.18]);
  });

  it("keeps the direction of a velocity that it shortens", () => {
    // 0.9 * (6, 8) + (0.6, 0.8) is 10 long; 2 are allowed.
    expectClose(clipUp(Float32Array.of(6, 8), [3, 4], 1, settings), [1.2, 1.6]);
  });

  it("fades without a gradient", () => {
    expectClose(clipUp(Float32Array.of(0.5, -1), [0, 0], 1, settings), [0.45, -0.9]);
  });

  it("changes no argument", () => {
    const velocity = Float32Array.of(6, 8);
    clipUp(velocity, [3, 4], 1, settings);
    expect([...velocity]).toEqual([6, 8]);
  });
});
