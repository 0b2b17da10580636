import { describe, expect, it } from "vitest";
import { armsOf } from "./arms.ts";
import { parsePlan } from "./plan.ts";

const armsIn = (settings: object, more: object = {}, wholes: readonly string[] = []) =>
  armsOf(parsePlan({ experiment: "grow", settings, ...more }), (name) => wholes.includes(name));

const valuesIn = (range: object, wholes: string[] = []) => armsIn({ a: range }, {}, wholes).map(({ a }) => a);

describe("a grid", () => {
  it("has every combination, the last setting first", () => {
    expect(armsIn({ a: [1, 2], fixed: 3, b: ["x", [4]] })).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: [4] },
      { a: 2, b: "x" },
      { a: 2, b: [4] },
    ]);
    expect(armsIn({})).toEqual([{}]);
  });

  it("divides ranges evenly, in numbers or in logarithms, both ends included", () => {
    expect(valuesIn({ from: 0.1, to: 0.5, count: 3 })).toEqual([0.1, 0.3, 0.5]);
    expect(valuesIn({ from: 1e-4, to: 1e-2, draw: "log", count: 5 })).toEqual([
      1e-4, 3.162e-4, 1e-3, 3.162e-3, 1e-2,
    ]);
    expect(valuesIn({ from: 64, to: 256, draw: "log", count: 4 }, ["a"])).toEqual([64, 102, 161, 256]);
    expect(valuesIn({ from: 1, to: 3, count: 9 }, ["a"])).toEqual([1, 2, 3]);
  });

  it("has at most 100,000 runs", () => {
    const many = Array.from({ length: 400 }, (_, i) => i);
    expect(() => armsIn({ a: many, b: many })).toThrow(
      "the plan has 160000 runs; a sweep has at most 100000",
    );
    expect(() => armsIn({ a: many }, { seeds: 251 })).toThrow("the plan has 100400 runs");
  });
});

describe("a random search", () => {
  const settings = { a: { from: 1e-4, to: 1e-2, draw: "log" }, b: { from: 8, to: 16 }, c: ["x", "y"] };
  const drawn = (random: number, seed: number) => armsIn(settings, { search: { random, seed } }, ["b"]);

  it("draws the same settings from the same seed, and more of them after those", () => {
    expect(drawn(3, 1)).toEqual(drawn(9, 1).slice(0, 3));
    expect(drawn(3, 1)).not.toEqual(drawn(3, 2));
    // Whatever the machine: drawn by hashes, and rounded from functions of this program.
    expect(drawn(2, 1)).toEqual([
      { a: 0.002016, b: 13, c: "x" },
      { a: 0.0008596, b: 15, c: "y" },
    ]);
  });

  it("draws from the whole range, evenly in logarithms", () => {
    const arms = drawn(400, 7);
    const rates = arms.map(({ a }) => Number(a));
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    // Of 400, half lie below the geometric mean, give or take four standard deviations of 10.
    expect(Math.abs(rates.filter((rate) => rate < 1e-3).length - 200)).toBeLessThan(40);
    expect(new Set(arms.map(({ b }) => b))).toEqual(new Set([8, 9, 10, 11, 12, 13, 14, 15, 16]));
    expect(new Set(arms.map(({ c }) => c))).toEqual(new Set(["x", "y"]));
  });

  it("draws no settings twice, and says where there are no more", () => {
    const lists = { a: [1, 2], b: [1, 2, 3] };
    const arms = armsIn(lists, { search: { random: 6 } });
    expect(new Set(arms.map((arm) => JSON.stringify(arm))).size).toBe(6);
    expect(() => armsIn(lists, { search: { random: 7 } })).toThrow(
      "search.random is 7, but only 6 different settings were found; ask for at most so many",
    );
  });
});
