import { expect, it } from "vitest";
import { multiply, transpose } from "./matrix.ts";

it("multiplies, four rows at a time and the rest", () => {
  const a = Float32Array.from({ length: 3 * 7 }, (_, i) => (i % 5) - 2);
  const b = Float32Array.from({ length: 7 * 2 }, (_, i) => (i % 3) - 1);
  const expected = Float32Array.from({ length: 6 }, (_, at) => {
    const [row, column] = [Math.floor(at / 2), at % 2];
    let sum = 0;
    for (let l = 0; l < 7; l++) sum += a[row * 7 + l] * b[l * 2 + column];
    return sum;
  });
  expect(multiply(a, b, 3, 7, 2)).toEqual(expected);
});

it("transposes", () => {
  expect(transpose(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
});
