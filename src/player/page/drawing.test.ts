import { describe, expect, it } from "vitest";
import { centreStrokes, drawStrokes, type Stroke, unpremultiply } from "./drawing.ts";

const GRID = [28, 28] as const;
const stroke = (...places: [number, number][]): Stroke => ({
  points: places.map(([x, y]) => ({ x, y })),
  colour: [1],
});

const range = (values: number[]) => [Math.min(...values), Math.max(...values)];

/** Rows and columns that are drawn on: [first, last] of each. */
function box(picture: Float32Array, width: number) {
  const drawn = [...picture.keys()].filter((i) => picture[i] > 0.5);
  return {
    rows: range(drawn.map((i) => Math.floor(i / width))),
    columns: range(drawn.map((i) => i % width)),
  };
}

function centreOfMass(picture: Float32Array, width: number): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of picture.entries()) {
    mass += value;
    x += value * ((i % width) + 0.5);
    y += value * (Math.floor(i / width) + 0.5);
  }
  return [x / mass, y / mass];
}

describe("drawStrokes", () => {
  it("covers cells by how far they lie within the pen", () => {
    const picture = drawStrokes([stroke([4, 14.5], [24, 14.5])], GRID, 1);
    // Radius 1.25, edge 1.4: at distance d a cell is covered by (1.25 - d) / 1.4 + 1/2.
    const column = [12, 13, 14, 15, 16, 17].map((y) => picture[y * 28 + 14]);
    const expected = [0, 0.75 - 0.071428571, 1, 0.678571429, 0, 0];
    for (const [i, value] of column.entries()) expect(value).toBeCloseTo(expected[i], 6);
    expect(box(picture, 28)).toEqual({ rows: [13, 15], columns: [3, 24] });
  });

  it("dots a single point, and cuts at the edges", () => {
    const dot = drawStrokes([stroke([0.5, 0.5])], GRID, 1);
    expect([dot[0], dot[1], dot[28]].map((value) => value.toFixed(3))).toEqual(["1.000", "0.679", "0.679"]);
    expect(dot.reduce((sum, value) => sum + value)).toBeCloseTo(1 + 2 * 0.678571 + 0.382705, 4);
  });

  it("does not thicken where a stroke lies over itself, and lays the last stroke uppermost", () => {
    const once = stroke([4, 14.5], [24, 14.5]);
    expect(drawStrokes([stroke([4, 14.5], [24, 14.5], [4, 14.5])], GRID, 1)).toEqual(
      drawStrokes([once], GRID, 1),
    );
    const red = { ...once, colour: [1, 0, 0, 1] };
    const blue = { ...stroke([14.5, 4], [14.5, 24]), colour: [0, 0, 1, 1] };
    const picture = drawStrokes([red, blue], GRID, 4);
    const cell = (y: number, x: number) => [...picture.subarray((y * 28 + x) * 4, (y * 28 + x) * 4 + 4)];
    expect([cell(14, 14), cell(14, 8), cell(8, 14), cell(8, 8)]).toEqual([
      [0, 0, 1, 1],
      [1, 0, 0, 1],
      [0, 0, 1, 1],
      [0, 0, 0, 0],
    ]);
    const edge = cell(13, 8);
    expect(edge[0]).toBe(edge[3]);
    expect(edge[3]).toBeCloseTo(0.678571, 5);
    expect([...unpremultiply(Float32Array.from(edge))]).toEqual([1, 0, 0, edge[3]]);
  });
});

describe("centreStrokes", () => {
  it("sizes a drawing to 20 of 28 cells, in place and in size whatever it was", () => {
    const one = centreStrokes([stroke([2, 3], [2, 10])], GRID);
    const other = centreStrokes([stroke([20, 0], [20, 28])], GRID);
    const picture = drawStrokes(one, GRID, 1);
    expect(box(picture, 28).rows).toEqual([4, 23]);
    for (const [i, value] of drawStrokes(other, GRID, 1).entries()) expect(value).toBeCloseTo(picture[i], 4);
  });

  it("puts the centre of mass in the middle", () => {
    const seven = [stroke([5, 5], [15, 5], [8, 22]), stroke([5, 20], [6, 21])];
    const picture = drawStrokes(centreStrokes(seven, GRID), GRID, 1);
    const [x, y] = centreOfMass(picture, 28);
    // Cells are covered by where their centres lie: moved by a fraction of a cell, the drawing is not wholly the same.
    expect(Math.abs(x - 14)).toBeLessThan(0.2);
    expect(Math.abs(y - 14)).toBeLessThan(0.2);
    const raw = drawStrokes(seven, GRID, 1);
    expect(Math.abs(centreOfMass(raw, 28)[0] - 14)).toBeGreaterThan(2);
  });

  it("does not enlarge a dot, and takes an empty drawing", () => {
    expect(centreStrokes([], GRID)).toEqual([]);
    const [{ points }] = centreStrokes([stroke([3, 4])], GRID);
    expect(points[0].x).toBeCloseTo(14, 6);
    expect(points[0].y).toBeCloseTo(14, 6);
    // A tap that trembled by a tenth of a cell grows to three tenths.
    const [trembling] = centreStrokes([stroke([3, 4], [3.1, 4])], GRID);
    expect(trembling.points[1].x - trembling.points[0].x).toBeCloseTo(0.3, 6);
  });

  it("takes grids of other sizes and shapes", () => {
    const grid = [8, 16] as const;
    const picture = drawStrokes(centreStrokes([stroke([1, 1], [1, 5])], grid), grid, 1);
    const [x, y] = centreOfMass(picture, 16);
    expect(x).toBeCloseTo(8, 1);
    expect(y).toBeCloseTo(4, 1);
  });
});
