import { describe, expect, it } from "vitest";
import { drawing, randomArray } from "../../conformance/scenario.ts";
import { multiply, transpose } from "./matrix.ts";

const draw = drawing(8);

describe("multiply", () => {
  it.each([
    [1, 1, 1],
    [2, 4, 3],
    [3, 5, 4],
    [7, 9, 2],
  ])("(%i, %i) times (.., %i) is the sum of products", (m, k, n) => {
    const [a, b] = [randomArray(m * k, draw), randomArray(k * n, draw)];
    const product = multiply(a, b, m, k, n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a[i * k + l] * b[l * n + j];
        expect(product[i * n + j]).toBeCloseTo(sum, 6);
      }
    }
  });

  it.each([1, 2, 5, 16])("has the same bits where half of a symmetric product of side %i is copied", (m) => {
    const x = randomArray(m * 11, draw);
    const xx = multiply(x, transpose(x, m, 11), m, 11, m);
    expect(multiply(x, transpose(x, m, 11), m, 11, m, true)).toEqual(xx);
    expect(multiply(xx, xx, m, m, m, true)).toEqual(multiply(xx, xx, m, m, m));
  });
});

it("transposes", () => {
  expect(transpose(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
});
