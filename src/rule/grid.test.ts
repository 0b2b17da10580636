import { expect, it } from "vitest";
import { cropState } from "../engine/window.ts";
import { cellNumber, centreOf, planeOf, positionOf, wholeBox } from "./grid.ts";

it("planeOf lays the cells of any grid out in rows, without any, too", () => {
  expect(planeOf([7])).toEqual([1, 7]);
  expect(planeOf([3, 4])).toEqual([3, 4]);
  expect(planeOf([2, 3, 4])).toEqual([6, 4]);
  expect(planeOf([0, 0])).toEqual([0, 0]);
  expect(wholeBox([2, 3, 4])).toEqual({ top: 0, left: 0, height: 6, width: 4 });
  expect(cropState(new Float32Array(0), [0, 0], 5)).toMatchObject({ height: 0, width: 0 });
});

it("cells have numbers and positions, the last axis fastest", () => {
  expect(cellNumber([2, 3, 4], [1, 2, 3])).toBe(23);
  expect(positionOf([2, 3, 4], 23)).toEqual([1, 2, 3]);
  expect(positionOf([5], 3)).toEqual([3]);
  expect(cellNumber([2, 3], [1, 3])).toBe(-1);
  expect(cellNumber([2, 3], [-1, 0])).toBe(-1);
  expect(centreOf([4, 5, 1])).toEqual([2, 2, 0]);
});
