import { describe, expect, it } from "vitest";
import { fillNormal, normalQuantile } from "./noise.ts";

const SIZE = 1001;
const MEMBERS = 400;
const drawn = (generation: number, member: number, seed = 1, size = SIZE) => {
  const out = new Float32Array(size);
  fillNormal(out, seed, generation, member);
  return out;
};
const correlation = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length;

describe("fillNormal", () => {
  it("has the moments and the tails of a standard normal distribution", () => {
    const values = Array.from({ length: MEMBERS }, (_, member) => [...drawn(5, member)]).flat();
    const count = values.length;
    const moment = (n: number) => values.reduce((sum, value) => sum + value ** n, 0) / count;
    // Four standard errors of each: sqrt(1, 2, 15, 96 / count).
    const error = (variance: number) => 4 * Math.sqrt(variance / count);
    expect(Math.abs(moment(1))).toBeLessThan(error(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error(2));
    expect(Math.abs(moment(3))).toBeLessThan(error(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(error(96));
    for (const [bound, share] of [
      [1, 0.3173105],
      [2, 0.0455003],
      [3, 0.0026998],
    ]) {
      const beyond = values.filter((value) => Math.abs(value) > bound).length / count;
      expect(Math.abs(beyond - share)).toBeLessThan(error(share));
    }
    expect(values.reduce((a, b) => Math.max(a, Math.abs(b)))).toBeGreaterThan(4.2);
  });

  it("is another for every seed, generation, member and place", () => {
    const base = drawn(2, 3);
    // Four standard errors.
    const bound = 4 / Math.sqrt(SIZE);
    for (const other of [drawn(2, 3, 2), drawn(3, 3), drawn(2, 4), drawn(2, 2 ** 15), drawn(2 ** 20, 3)]) {
      expect(Math.abs(correlation(base, other))).toBeLessThan(bound);
    }
    for (const shift of [1, 2, 3, 4]) {
      expect(Math.abs(correlation(base.subarray(shift), base.subarray(0, SIZE - shift)))).toBeLessThan(bound);
    }
  });

  it("has neighbours that know nothing of each other's size either", () => {
    // z^2 - 1 has a variance of 2, so the product of two such has one of 4.
    const bound = (4 * 2) / Math.sqrt(SIZE);
    const base = drawn(2, 3).map((value) => value * value - 1);
    for (const other of [drawn(2, 3, 2), drawn(3, 3), drawn(2, 4)]) {
      expect(
        Math.abs(
          correlation(
            base,
            other.map((value) => value * value - 1),
          ),
        ),
      ).toBeLessThan(bound);
    }
    for (const shift of [1, 2, 3, 4]) {
      expect(Math.abs(correlation(base.subarray(shift), base.subarray(0, SIZE - shift)))).toBeLessThan(bound);
    }
  });

  it("gives a number for its place, however many are drawn", () => {
    expect(drawn(1, 2, 1, 5)).toEqual(drawn(1, 2).subarray(0, 5));
  });

  it("gives these bits", () => {
    const bits = new Uint32Array(drawn(9, 8, 7, 6).buffer);
    expect([...bits]).toMatchInlineSnapshot(`
      [
        1060814956,
        1040721193,
        1060383957,
        3213017288,
        3200999305,
        1065011312,
      ]
    `);
  });
});

describe("normalQuantile", () => {
  it.each([
    [0.5, 0],
    [0.3, -0.5244005127080409],
    [0.97574, 1.9727855514678612],
    [0.97576, 1.9731366119445437],
    [0.02424, -1.9731366119445441],
    [0.02, -2.053748910631823],
    [0.999, 3.090232306167813],
    [1e-6, -4.753424308822899],
    [2.866515718791946e-7, -5],
    [1e-9, -5.9978070150076865],
    [1 - 2 ** -31, 6.120756285971941],
  ])("of %f is %f", (p, value) => {
    // The values are SciPy's; the relative error is up to 1.15e-9, says the source.
    expect(Math.abs(normalQuantile(p) - value)).toBeLessThanOrEqual(2e-9 * Math.abs(value) + 1e-12);
  });
});
