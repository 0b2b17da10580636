import { describe, expect, it } from "vitest";
import type { Plane } from "../rule/grid.ts";
import { turnTarget } from "./turn.ts";

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

function targetOf(grid: Plane, pixels: readonly [row: number, column: number, Pixel][]) {
  const data = new Float32Array(grid[0] * grid[1] * 4);
  for (const [row, column, pixel] of pixels) data.set(pixel, (row * grid[1] + column) * 4);
  return { grid, data };
}

/** Pixels that are not empty, by row and column. */
function filled(data: Float32Array, [height, width]: Plane): Record<string, number[]> {
  const pixels: Record<string, number[]> = {};
  for (let cell = 0; cell < height * width; cell++) {
    const pixel = [...data.subarray(cell * 4, cell * 4 + 4)];
    if (pixel.some((value) => value !== 0)) pixels[`${Math.floor(cell / width)},${cell % width}`] = pixel;
  }
  return pixels;
}

describe("turnTarget", () => {
  const red: Pixel = [0.5, 0, 0, 0.5];
  const blue: Pixel = [0, 0, 0.25, 1];
  // Asymmetric, about the centres [3, 3] of an even and [2, 3] of an odd grid that is not square.
  const grids: [Plane, [number, number][]][] = [
    [
      [6, 6],
      [
        [3, 5],
        [2, 3],
      ],
    ],
    [
      [5, 7],
      [
        [2, 5],
        [1, 3],
      ],
    ],
  ];

  it.each(grids)(
    "turns counter-clockwise about the seed cell, exactly by right angles, on %j",
    (grid, [first, second]) => {
      const target = targetOf(grid, [
        [...first, red],
        [...second, blue],
      ]);
      const [y, x] = [grid[0] >> 1, grid[1] >> 1];
      const expected: Record<number, Record<string, number[]>> = {
        0: { [`${y},${x + 2}`]: [...red], [`${y - 1},${x}`]: [...blue] },
        90: { [`${y - 2},${x}`]: [...red], [`${y},${x - 1}`]: [...blue] },
        180: { [`${y},${x - 2}`]: [...red], [`${y + 1},${x}`]: [...blue] },
        270: { [`${y + 2},${x}`]: [...red], [`${y},${x + 1}`]: [...blue] },
      };
      for (const [degrees, pixels] of Object.entries(expected)) {
        for (const angle of [Number(degrees), Number(degrees) - 360]) {
          const turned = filled(turnTarget(target, angle, true), grid);
          expect(turned).toEqual(pixels);
        }
      }
    },
  );

  it("loses what leaves the grid", () => {
    const grid: Plane = [6, 6];
    // Three cells to the left of the centre, of which there are only two below it.
    const target = targetOf(grid, [[3, 0, red]]);
    expect(filled(turnTarget(target, 90, true), grid)).toEqual({});
    expect(filled(turnTarget(target, -90, true), grid)).toEqual({ "0,3": [...red] });
  });

  it("interpolates bilinearly between right angles", () => {
    const grid: Plane = [7, 7];
    const turned = turnTarget(targetOf(grid, [[3, 5, [1, 1, 1, 1]]]), 30, true);
    // Looking back from a cell by 30 degrees, the pixel lies two columns to the right of the centre.
    const [cos, sin] = [Math.sqrt(3) / 2, 0.5];
    const shareAt = (down: number, right: number) =>
      Math.max(0, 1 - Math.abs(cos * right - sin * down - 2)) *
      Math.max(0, 1 - Math.abs(sin * right + cos * down));
    const shares = Array.from({ length: 49 }, (_, cell) => shareAt(Math.floor(cell / 7) - 3, (cell % 7) - 3));
    expect(shares.filter((share) => share > 0)).toHaveLength(3);
    // Above the row of the centre, for the turn goes to the left.
    expect(shares.indexOf(Math.max(...shares))).toBe(2 * 7 + 5);
    // Float32 holds numbers below 1 to within 6e-8.
    shares.forEach((share, cell) => expect(Math.abs(turned[cell * 4 + 3] - share)).toBeLessThan(1e-7));
  });

  it("keeps a straight colour as it is where alpha varies, and nothing where there is none", () => {
    const grid: Plane = [8, 8];
    const colour = [0.75, 0.5, 0.125] as const;
    const pixels = [2, 3, 4].flatMap((row) =>
      [3, 4, 5].map((column): [number, number, Pixel] => [row, column, [...colour, (row + column) / 10]]),
    );
    const turned = filled(turnTarget(targetOf(grid, pixels), 20, false), grid);
    expect(Object.keys(turned).length).toBeGreaterThan(9);
    for (const pixel of Object.values(turned)) {
      expect(pixel[3]).toBeGreaterThan(0);
      // A quotient of two sums of four products in float64, rounded to float32.
      pixel.slice(0, 3).forEach((value, c) => expect(Math.abs(value - colour[c])).toBeLessThan(1e-7));
    }
    const exact = filled(turnTarget(targetOf(grid, pixels), 180, false), grid);
    expect(exact["6,5"]).toEqual([...colour, Math.fround(0.5)]);
    expect(exact["4,3"]).toEqual([...colour, Math.fround(0.9)]);
  });
});
