import { describe, expect, it } from "vitest";
import { alternation } from "./alternation.ts";
import type { Target } from "./image.ts";

const SIZE = 10;

/** A square of opaque cells, one of padding around it. */
function square(light: (y: number, x: number) => number): Target {
  const grid = [SIZE + 2, SIZE + 2] as const;
  const data = new Float32Array(grid[0] * grid[1] * 4);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const value = light(y, x);
      data.set([value, value, value, 1], ((y + 1) * grid[1] + x + 1) * 4);
    }
  }
  return { grid, data };
}

describe("alternation", () => {
  it.each<[string, (y: number, x: number) => number]>([
    ["a chequerboard", (y, x) => (y + x) % 2],
    ["bars of one cell", (_, x) => x % 2],
    ["lines of one cell", (y) => y % 2],
  ])("of %s is what is lost where it is grey", (_, light) => {
    // Of the sum of squares, half of the colours' and all of alpha's; grey differs by a half in each colour.
    const lost = (3 * 0.25) / (3 * 0.5 + 1);
    const actual = alternation(square(light));
    expect(actual).toBeGreaterThan(0.999 * lost);
    // Where the rim is light, it alternates with the padding.
    expect(actual).toBeLessThan(1.21 * lost);
  });

  it.each<[string, (y: number, x: number) => number]>([
    ["one colour", () => 0.5],
    ["a slope", (y, x) => (y + x) / 18],
    ["bars of two cells", (_, x) => (x >> 1) % 2],
    ["an edge", (_, x) => Number(x > 4)],
    ["a line", (_, x) => Number(x === 4)],
  ])("of %s is 0", (_, light) => {
    expect(alternation(square(light))).toBe(0);
  });

  it("is that of the part of a picture that alternates", () => {
    const patch = square((y, x) => (y < 4 && x < 4 ? (y + x) % 2 : 0.5));
    const cells = 16 * 3 * 0.25;
    const size = 16 * (1.5 + 1) + 84 * (0.75 + 1);
    expect(alternation(patch)).toBeGreaterThan((0.999 * cells) / size);
    // And of the padding beside it.
    expect(alternation(patch)).toBeLessThan((1.5 * cells) / size);
  });

  it("of an empty picture is 0", () => {
    expect(alternation({ grid: [3, 3], data: new Float32Array(36) })).toBe(0);
  });
});
