import { describe, expect, it } from "vitest";
import {
  STREAM,
  fireLimit,
  fires,
  pcg4d,
  pcg4dWords,
  sampleWithoutReplacement,
  uniform,
  uniformInteger,
} from "./random.ts";

describe("pcg4d", () => {
  // Computed from the paper's listing with unbounded integers, each result reduced modulo 2^32.
  it.each([
    [[0, 0, 0, 0], 760645481],
    [[1, 2, 3, 4], 4044648920],
    [[1, 0, 0, 0], 2736636373],
    [[0, 1, 0, 0], 2705120663],
    [[0, 0, 1, 0], 1746743021],
    [[0, 0, 0, 1], 2821977052],
    [[42, 7, 1000, 5183], 3258140680],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], 3222658151],
    [[0x80000000, 0x80000000, 0x80000000, 0x80000000], 3827730281],
    [[0x9e3779b9, 0xdeadbeef, 0x12345678, 0xcafebabe], 2204198364],
    [[123456789, 987654321, 4294967295, 2147483647], 2674044009],
  ])("of %j is %i", ([a, b, c, d], hash) => {
    expect(pcg4d(a, b, c, d)).toBe(hash);
  });

  it("is the second of its four words", () => {
    const words = new Uint32Array(4);
    pcg4dWords(words, 42, 7, 1000, 5183);
    expect(words[1]).toBe(pcg4d(42, 7, 1000, 5183));
    // Computed as above.
    pcg4dWords(words, 1, 2, 3, 4);
    expect([...words]).toEqual([908250390, 4044648920, 3775961919, 45698095]);
  });

  it("takes its arguments modulo 2^32", () => {
    expect(pcg4d(-1, -2, -(2 ** 31), 3)).toBe(pcg4d(2 ** 32 - 1, 2 ** 32 - 2, 2 ** 31, 2 ** 32 + 3));
  });
});

describe("fireLimit", () => {
  it("is the number of hashes that fire, less one", () => {
    expect([0, 0.5, 1, 2 ** -32].map(fireLimit)).toEqual([-1, 2 ** 31 - 1, 2 ** 32 - 1, 0]);
  });

  it("fires up to the limit, included", () => {
    const hash = pcg4d(1, 2, 3, 4);
    expect(fires(hash, 1, 2, 3, 4)).toBe(true);
    expect(fires(hash - 1, 1, 2, 3, 4)).toBe(false);
  });
});

function product(a: Int8Array, b: Int8Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** +1 where something happens, -1 where it does not. */
function signs(length: number, happens: (i: number) => boolean): Int8Array {
  return Int8Array.from({ length }, (_, i) => (happens(i) ? 1 : -1));
}

describe("fire masks", () => {
  const SIDE = 256;
  const CELLS = SIDE * SIDE;
  const mask = (seed: number, sample: number, step: number, rate = 0.5, first = 0) =>
    signs(CELLS, (cell) => fires(fireLimit(rate), seed, sample, step, first + cell));
  /** A sum of n independent signs has a standard deviation of sqrt(n); five of them happen once in two million. */
  const chance = 5 * Math.sqrt(CELLS);
  const base = mask(7, 3, 11);

  it.each([0.01, 0.1, 0.5, 0.9])("fire at rate %d", (rate) => {
    for (const [seed, sample, step] of [
      [0, 0, 0],
      [1, 0, 0],
      [0, 5, 90],
      [0xffffffff, 2, 1000],
    ]) {
      const fired = mask(seed, sample, step, rate).filter((sign) => sign > 0).length;
      expect(Math.abs(fired - rate * CELLS)).toBeLessThan(5 * Math.sqrt(rate * (1 - rate) * CELLS));
    }
  });

  it.each([
    ["the cell to the right", mask(7, 3, 11, 0.5, 1)],
    ["the cell below", mask(7, 3, 11, 0.5, SIDE)],
    ["the cell diagonally below", mask(7, 3, 11, 0.5, SIDE + 1)],
    ["the next step", mask(7, 3, 12)],
    ["the step after next", mask(7, 3, 13)],
    ["the next sample", mask(7, 4, 11)],
    ["the next seed", mask(8, 3, 11)],
    ["a far seed", mask(7 + 2 ** 20, 3, 11)],
    ["sample and step exchanged", mask(7, 11, 3)],
    ["seed and sample exchanged", mask(3, 7, 11)],
  ])("do not depend on %s", (_, other) => {
    expect(Math.abs(product(base, other))).toBeLessThan(chance);
  });

  it("of one cell do not depend on each other over time, samples or seeds", () => {
    const limit = fireLimit(0.5);
    for (const sequence of [
      signs(CELLS, (step) => fires(limit, 1, 0, step, 900)),
      signs(CELLS, (sample) => fires(limit, 1, sample, 0, 900)),
      signs(CELLS, (seed) => fires(limit, seed, 0, 0, 900)),
    ]) {
      expect(Math.abs(sequence.reduce((sum, sign) => sum + sign, 0))).toBeLessThan(chance);
      for (const lag of [1, 2, 3, 8, 64]) {
        const later = sequence.subarray(lag);
        expect(Math.abs(product(later, sequence.subarray(0, later.length)))).toBeLessThan(chance);
      }
    }
  });
});

describe("uniform", () => {
  it("spreads evenly over [0, 1)", () => {
    const bins = new Uint32Array(16);
    const draws = 1 << 16;
    for (let i = 0; i < draws; i++) bins[Math.floor(16 * uniform(5, STREAM.noise, 0, i))]++;
    const expected = draws / 16;
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Chi-square with 15 degrees of freedom exceeds 50 once in 70,000 times.
    expect(chiSquare).toBeLessThan(50);
  });

  it("has a stream of its own for every purpose", () => {
    const streams = Object.values(STREAM);
    expect(new Set(streams).size).toBe(streams.length);
    const firstDraws = new Set(streams.map((stream) => uniform(1, stream, 0, 0)));
    expect(firstDraws.size).toBe(streams.length);
  });
});

describe("uniformInteger", () => {
  it("reaches both ends and all between, evenly", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 7000; i++) {
      const value = uniformInteger(-3, 3, 1, STREAM.data, 2, i);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    // Binomial, n = 7000, p = 1/7: five standard deviations are 146.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(146);
  });

  it("of one value is that value", () => {
    expect(uniformInteger(4, 4, 1, STREAM.data, 0, 0)).toBe(4);
  });
});

function draw(count: number, size: number, step: number, seed = 1): number[] {
  return sampleWithoutReplacement(count, size, seed, STREAM.pool, step);
}

describe("sampleWithoutReplacement", () => {
  it("draws different entries within range", () => {
    for (let step = 0; step < 200; step++) {
      const drawn = draw(8, 20, step);
      expect(new Set(drawn).size).toBe(8);
      expect(drawn.every((entry) => Number.isInteger(entry) && entry >= 0 && entry < 20)).toBe(true);
    }
  });

  it("draws all of them as a permutation, and none", () => {
    expect(draw(50, 50, 3).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(draw(0, 5, 0)).toEqual([]);
    expect(draw(0, 0, 0)).toEqual([]);
  });

  it("is a function of seed, stream and step", () => {
    expect(draw(8, 1000, 4)).toEqual(draw(8, 1000, 4));
    expect(draw(8, 1000, 5)).not.toEqual(draw(8, 1000, 4));
    expect(draw(8, 1000, 4, 2)).not.toEqual(draw(8, 1000, 4));
    // A longer draw begins like a shorter one.
    expect(draw(12, 1000, 4).slice(0, 8)).toEqual(draw(8, 1000, 4));
  });

  it("gives every entry the same chance in every place", () => {
    const places = Array.from({ length: 3 }, () => new Uint32Array(5));
    for (let step = 0; step < 5000; step++)
      draw(3, 5, step).forEach((entry, place) => places[place][entry]++);
    // Binomial, n = 5000, p = 1/5: five standard deviations are 141.
    for (const counts of places) {
      for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(141);
    }
  });

  it("refuses to draw more than there are", () => {
    expect(() => draw(4, 3, 0)).toThrow(new RangeError("cannot draw 4 different entries out of 3"));
  });
});
