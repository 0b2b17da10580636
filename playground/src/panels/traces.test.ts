import { expect, it } from "vitest";
import { Traces } from "./traces.ts";

/** A state of 2 x 3 cells and 2 channels that counts up. */
const state = Float32Array.from({ length: 12 }, (_, i) => i);
const followed = (traces: Traces) => traces.cells.map(({ cell }) => cell.join());

it("notes all channels of each cell, from when it is followed", () => {
  const traces = new Traces();
  traces.toggle([1, 2], 2);
  traces.add(4, state, 3, 2);
  traces.toggle([0, 1], 2);
  traces.add(
    5,
    state.map((value) => -value),
    3,
    2,
  );
  expect(traces.steps).toEqual([4, 5]);
  expect(traces.cells.map(({ channels }) => channels)).toEqual([
    [
      [10, -10],
      [11, -11],
    ],
    [
      [null, -2],
      [null, -3],
    ],
  ]);
});

it("follows four at most, in four colours, and leaves those that are chosen again", () => {
  const traces = new Traces();
  for (const column of [0, 1, 2, 3, 4]) traces.toggle([0, column], 2);
  expect(followed(traces)).toEqual(["0,1", "0,2", "0,3", "0,4"]);
  expect(new Set(traces.cells.map(({ colour }) => colour)).size).toBe(4);
  const { colour } = traces.cells[1];
  traces.toggle([0, 2], 2);
  expect(followed(traces)).toEqual(["0,1", "0,3", "0,4"]);
  traces.toggle([1, 1], 2);
  expect(traces.cells[3].colour).toBe(colour);
});

it("starts over when steps go back, or where the model is another", () => {
  const traces = new Traces();
  traces.toggle([0, 0], 2);
  traces.toggle([1, 2], 2);
  for (const step of [7, 8, 8, 3]) traces.add(step, state, 3, 2);
  expect([traces.steps, traces.cells[0].channels[1]]).toEqual([[3], [1]]);
  traces.clear(3, ([row]) => row < 1);
  expect([traces.steps, followed(traces), traces.cells[0].channels]).toEqual([[], ["0,0"], [[], [], []]]);
});

it("keeps the last few hundred samples", () => {
  const traces = new Traces();
  traces.toggle([0, 0], 2);
  for (let step = 0; step < 1000; step++) traces.add(step, state, 3, 2);
  expect([traces.steps.length, traces.steps.at(-1), traces.cells[0].channels[0].length]).toEqual([
    400, 999, 400,
  ]);
});
