import { describe, expect, it } from "vitest";
import { fromBrainFloat, fromHalf, HALF_OVERFLOW, toHalf } from "./half.ts";

const every = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
const isNaNOf16 = (bits: number) => (bits & 0x7fff) > 0x7c00;

describe("binary16", () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])("%i is %d", (bits, value) => {
    expect(fromHalf(Uint16Array.of(bits))[0]).toBe(value);
    expect(toHalf(Float32Array.of(value))[0]).toBe(bits);
  });

  it("holds every number that it was read from", () => {
    const numbers = fromHalf(every);
    const halves = toHalf(numbers);
    const wrong = every.filter((bits) => !isNaNOf16(bits) && halves[bits] !== bits);
    expect([...wrong]).toEqual([]);
    expect(every.filter((bits) => Number.isNaN(numbers[bits]) !== isNaNOf16(bits)).length).toBe(0);
    expect(every.filter((bits) => isNaNOf16(halves[bits]) !== isNaNOf16(bits)).length).toBe(0);
  });

  it("rounds to the nearest, halfway to the even one, on both sides of zero", () => {
    const finite = fromHalf(every.subarray(0, 0x7c00));
    for (const sign of [1, -1]) {
      const high = sign < 0 ? 0x8000 : 0;
      for (let bits = 0; bits < 0x7bff; bits++) {
        const middle = (finite[bits] + finite[bits + 1]) / 2;
        const gap = finite[bits + 1] - finite[bits];
        const numbers = Float32Array.of(middle - gap / 64, middle, middle + gap / 64).map((x) => sign * x);
        const even = bits % 2 === 0 ? bits : bits + 1;
        const expected = [bits, even, bits + 1].map((half) => high | half);
        const halves = toHalf(numbers);
        if (expected.some((half, i) => half !== halves[i])) expect([...halves]).toEqual(expected);
      }
    }
  });

  it("overflows from halfway beyond the largest number on", () => {
    const below = Math.fround(HALF_OVERFLOW - 2 ** -8);
    expect([...toHalf(Float32Array.of(below, HALF_OVERFLOW, -1e30))]).toEqual([0x7bff, 0x7c00, 0xfc00]);
  });

  it("takes numbers that begin anywhere in a buffer", () => {
    expect([...toHalf(new Float32Array([9, 1, 2]).subarray(1))]).toEqual([0x3c00, 0x4000]);
  });
});

it("reads brain floats as the upper half of float32", () => {
  const bits = Uint16Array.of(0x3f80, 0xc049, 0x0001, 0x7f80, 0x8000);
  expect([...fromBrainFloat(bits)]).toEqual([1, -3.140625, 2 ** -133, Infinity, -0]);
});
