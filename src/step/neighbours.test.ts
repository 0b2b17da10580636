import { describe, expect, it } from "vitest";
import { neighboursAt } from "./neighbours.ts";

describe("neighboursAt", () => {
  it("finds nothing beyond the edge, or the cell on the other side, however far", () => {
    expect([...neighboursAt("zero", [2, 3], [1, -1])]).toEqual([-1, 3, 4, -1, -1, -1]);
    expect([...neighboursAt("wrap", [2, 3], [1, -1])]).toEqual([5, 3, 4, 2, 0, 1]);
    expect([...neighboursAt("wrap", [2, 3], [-3, 7])]).toEqual([4, 5, 3, 1, 2, 0]);
    expect([...neighboursAt("wrap", [1, 1], [-4, 3])]).toEqual([0]);
    expect([...neighboursAt("zero", [1, 1], [0, 0])]).toEqual([0]);
  });

  it("walks one axis or three as well", () => {
    expect([...neighboursAt("zero", [4], [-1])]).toEqual([-1, 0, 1, 2]);
    expect([...neighboursAt("wrap", [4], [5])]).toEqual([1, 2, 3, 0]);
    expect([...neighboursAt("zero", [2, 2, 2], [-1, 0, 1])]).toEqual([-1, -1, -1, -1, 1, -1, 3, -1]);
    expect([...neighboursAt("wrap", [2, 2, 2], [-1, 0, 1])]).toEqual([5, 4, 7, 6, 1, 0, 3, 2]);
  });
});
