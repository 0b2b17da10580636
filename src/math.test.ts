import { describe, expect, it } from "vitest";
import { cosineOfDegrees, powerOf, sineOfDegrees, exponential, logarithm } from "./math.ts";

describe("sineOfDegrees", () => {
  it("is exact at quarter turns, in either direction", () => {
    const quarters = [-720, -450, -270, -180, -90, 0, 90, 180, 270, 360, 450, 810].map(sineOfDegrees);
    expect(quarters.map((value) => value + 0)).toEqual([0, -1, 1, 0, -1, 0, 1, 0, -1, 0, 1, 1]);
    expect([0, 90, 180, 270, 360, -90].map((degrees) => cosineOfDegrees(degrees) + 0)).toEqual([
      1, 0, -1, 0, 1, 0,
    ]);
  });

  // Computed with 60 decimal digits.
  it.each([
    [0.001, 1.74532925190572e-5],
    [1, 0.01745240643728351],
    [17.25, 0.29654157497557093],
    [30, 0.5],
    [44.999, 0.7070944397373548],
    [45, 0.7071067811865476],
    [60, 0.8660254037844386],
    [89.5, 0.9999619230641713],
    [123.456, 0.8343094333148066],
    [181, -0.01745240643728351],
    [269.75, -0.9999904807207345],
    [359, -0.01745240643728351],
    [-200.5, 0.3502073812594675],
  ])("of %d is %d", (degrees, sine) => {
    // Numbers up to 1 have a last place of 1.1e-16 to 2.2e-16; taking the angle modulo 360 costs as much again.
    expect(Math.abs(sineOfDegrees(degrees) - sine)).toBeLessThanOrEqual(5e-16);
  });

  it("agrees with Math.sin and Math.cos", () => {
    for (let degrees = -90; degrees <= 90; degrees += 0.37) {
      const radians = (degrees * Math.PI) / 180;
      // The angle in radians is itself rounded twice, each time by up to 1.1e-16.
      expect(Math.abs(sineOfDegrees(degrees) - Math.sin(radians))).toBeLessThanOrEqual(1e-15);
      expect(Math.abs(cosineOfDegrees(degrees) - Math.cos(radians))).toBeLessThanOrEqual(1e-15);
    }
  });

  it("repeats every turn", () => {
    for (const degrees of [0.5, 33, 100.25, 271]) {
      expect(sineOfDegrees(degrees + 3600)).toBe(sineOfDegrees(degrees));
      expect(sineOfDegrees(degrees - 720)).toBe(sineOfDegrees(degrees));
    }
  });
});

describe("powerOf", () => {
  it("is exact where the result is", () => {
    expect(powerOf(2, 40)).toBe(2 ** 40);
    expect(powerOf(-3, 5)).toBe(-243);
    expect(powerOf(1.5, 3)).toBe(3.375);
    expect([powerOf(0, 0), powerOf(7, 0), powerOf(0, 3)]).toEqual([1, 1, 0]);
  });

  it("agrees with ** for decay rates over many steps", () => {
    // Each of some 2 log2(n) products is off by 1.1e-16, and squaring doubles what was off before: about n of them.
    for (const n of [1, 10, 1000, 8191]) {
      expect(Math.abs(powerOf(0.999, n) / 0.999 ** n - 1)).toBeLessThan(n * 2e-16);
    }
  });
});

const relative = (value: number, exact: number) =>
  Math.abs(value - exact) / Math.max(1e-300, Math.abs(exact));

describe("logarithm and exponential", () => {
  it("agree with those of the JavaScript engine", () => {
    for (let x = 1e-300; x < 1e300; x *= 1.37) {
      // Near 1 the logarithm itself is small, and its error is that of 1.
      expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThan(2e-15 * Math.max(1, Math.abs(Math.log(x))));
    }
    // Rounded some five times, by 1.1e-16 each.
    for (let x = -700; x < 700; x += 0.173) expect(relative(exponential(x), Math.exp(x))).toBeLessThan(1e-15);
    expect(logarithm(1)).toBe(0);
    expect(exponential(0)).toBe(1);
  });

  it("have limits", () => {
    expect([0, -1, NaN, Infinity].map(logarithm)).toEqual([-Infinity, NaN, NaN, Infinity]);
    expect([-1e4, 1e4, NaN].map(exponential)).toEqual([0, Infinity, NaN]);
  });
});
