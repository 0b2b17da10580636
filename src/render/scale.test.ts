import { describe, expect, it } from "vitest";
import { diverging, gridRaster, magnitude, rangeInWords, sequential, shortNumber } from "./scale.ts";

const light = ([red, green, blue]: readonly number[]) => red + green + blue;

describe("colour scales", () => {
  it("have the colour of empty panels at 0, and grow darker away from it", () => {
    expect(diverging(0)).toEqual([245, 244, 240]);
    expect(sequential(0)).toEqual([245, 244, 240]);
    for (const scale of [sequential, diverging, (value: number) => diverging(-value)]) {
      const lights = [0, 0.25, 0.5, 0.75, 1].map((value) => light(scale(value)));
      expect(lights).toEqual(lights.toSorted((a, b) => b - a));
      expect(new Set(lights).size).toBe(5);
    }
  });

  it("are blue below 0 and red above", () => {
    const [below, above] = [diverging(-0.5), diverging(0.5)];
    expect(below[2]).toBeGreaterThan(below[0] + 60);
    expect(above[0]).toBeGreaterThan(above[2] + 60);
  });

  it("end where their range does, and have a colour for what is no number", () => {
    expect(diverging(7)).toEqual(diverging(1));
    expect(diverging(-Infinity)).toEqual(diverging(-1));
    expect(sequential(-3)).toEqual(sequential(0));
    expect(diverging(NaN)).toEqual([43, 42, 39]);
  });
});

describe("gridRaster", () => {
  it("draws cells as blocks", () => {
    const { width, height, data } = gridRaster([1, 2], (n) => [n, 2, 3], [2, 3]);
    expect([width, height]).toEqual([6, 2]);
    const reds = Array.from({ length: 12 }, (_, i) => data[i * 4]);
    expect(reds).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
    expect(data.filter((_, i) => i % 4 === 3)).toEqual(new Uint8ClampedArray(12).fill(255));
  });
});

describe("magnitude", () => {
  it("is the largest size but for outliers, zeros and what is not finite", () => {
    expect(magnitude([0, -3, 2, NaN, Infinity], 0)).toBe(3);
    const values = Array.from({ length: 1000 }, (_, i) => i + 1);
    expect(magnitude([...values, -1e9], 0.002)).toBe(999);
    expect(magnitude([0, NaN])).toBe(1);
  });
});

describe("numbers in words", () => {
  it.each([
    [0, "0"],
    [-0.001, "0"],
    [0.126, "0.13"],
    [-2.5, "−2.5"],
    [12.34, "12.3"],
    [-1700.4, "−1700"],
  ])("%d is %s", (value, words) => {
    expect(shortNumber(value)).toBe(words);
  });

  it("say a range", () => {
    expect(rangeInWords([0.5, -1, NaN, 3])).toBe("−1 to 3");
    expect(rangeInWords([NaN, Infinity])).toBe("no finite number");
  });
});
