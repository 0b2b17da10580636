import { describe, expect, it } from "vitest";
import { drawing, randomArray } from "../../conformance/scenario.ts";
import { orthogonalized } from "./orthogonalize.ts";

const draw = drawing(8);

/** a (m, k) times b (k, n), added up four terms at a time, in double precision. */
function multiply(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array {
  return Float32Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const term = (l: number) => a[i * k + l] * b[l * n + j];
    let sum = 0;
    let l = 0;
    for (; l + 4 <= k; l += 4) sum += term(l) + term(l + 1) + term(l + 2) + term(l + 3);
    for (; l < k; l++) sum += term(l);
    return sum;
  });
}

function transpose(a: Float32Array, m: number, n: number): Float32Array {
  return Float32Array.from(a, (_, at) => a[(at % m) * n + Math.floor(at / m)]);
}

/** The definition, in plain loops. */
function plainly(g: Float32Array, rows: number, columns: number, iterations: number): Float32Array {
  const tall = rows > columns;
  const [m, n] = tall ? [columns, rows] : [rows, columns];
  const wide = tall ? transpose(g, rows, columns) : g;
  const size = Math.sqrt(wide.reduce((sum, value) => sum + value * value, 0)) + 1e-12;
  let x = wide.map((value) => value / size);
  for (let i = 0; i < iterations; i++) {
    const xx = multiply(x, transpose(x, m, n), m, n, m);
    const xxxx = multiply(xx, xx, m, m, m);
    const sum = xx.map((value, at) => -4.775 * value + 2.0315 * xxxx[at]);
    const change = multiply(sum, x, m, m, n);
    x = x.map((value, at) => 3.4445 * value + change[at]);
  }
  return tall ? transpose(x, m, n) : x;
}

describe("orthogonalized", () => {
  it.each([
    [1, 1],
    [1, 9],
    [2, 3],
    [5, 4],
    [7, 7],
    [16, 48],
    [37, 18],
    // More than a page of memory, and less again.
    [40, 120],
    [6, 10],
  ])("(%i, %i) has the bits of plain loops", (rows, columns) => {
    const matrix = randomArray(rows * columns, draw);
    const before = matrix.slice();
    for (const iterations of [0, 1, 3]) {
      expect(orthogonalized(matrix, rows, columns, iterations)).toEqual(
        plainly(matrix, rows, columns, iterations),
      );
    }
    expect(matrix).toEqual(before);
  });

  it("draws singular values towards 1", () => {
    // Of a diagonal matrix they are its numbers.
    const sizes = [3, 0.5, 1, 0.2];
    const matrix = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? sizes[i / 5] : 0));
    const result = orthogonalized(matrix, 4, 4, 5);
    result.forEach((value, i) => {
      if (i % 5 > 0) expect(value).toBe(0);
      else expect(Math.abs(value - 1)).toBeLessThan(0.35);
    });
  });

  it("passes on what is no number", () => {
    expect(orthogonalized(Float32Array.of(1, NaN), 1, 2, 3).every(Number.isNaN)).toBe(true);
  });
});
