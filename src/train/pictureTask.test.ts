import { describe, expect, it } from "vitest";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { StateWindow } from "../engine/window.ts";
import { type Plane, wholeBox } from "../rule/grid.ts";
import { seedState } from "../model/seed.ts";
import { oneGoal } from "./goals.ts";
import { coordinateLoss } from "./loss/coordinates.ts";
import { imageLoss } from "./loss/loss.ts";
import { overflowLoss } from "./loss/overflow.ts";
import { pictureTask } from "./pictureTask.ts";
import type { Visit } from "./task.ts";

const GRID: Plane = [3, 3];
/** No network. */
const NONE = new Float32Array(0);
const conventions = splitRule({ ...picturePresets.distill, channels: 6, seed: { from: 3, to: 6 } });
const { rule } = conventions;
const target = new Float32Array(36).fill(0.5);
const state = Float32Array.from({ length: 54 }, (_, i) => (i - 20) / 8);

/** Where each sample's rollout ended. */
function endsOf(windows: readonly StateWindow[]): Visit[] {
  return windows.map((window, sample) => ({ sample, step: 1, weight: 1, last: true, state: window }));
}

describe("pictureTask", () => {
  it("adds the weighted overflow penalty and its cotangent", async () => {
    const task = pictureTask({
      ...conventions,
      grid: GRID,
      goals: oneGoal(target),
      penalties: { overflow: 0.25 },
      pool: null,
      seed: 0,
    });
    const batch = await task.batch(0, 2, NONE);
    const window = { ...wholeBox(GRID), data: state };
    const { errors, objectives, cotangents } = await batch.evaluate(endsOf([window, window]));
    const expected = new Float32Array(54);
    expect(errors[1]).toBe(imageLoss(state, target, conventions, { data: expected, scale: 0.5 }));
    expect(objectives[1]).toBe(
      errors[1] + 0.25 * overflowLoss(rule, GRID)(window, { data: expected, scale: 0.125 }),
    );
    expect(cotangents[1].data).toEqual(expected);
  });

  it("adds the weighted loss of coordinates, too, and reports neither", async () => {
    const grid: Plane = [5, 5];
    const square = new Float32Array(100).fill(0.5);
    const task = pictureTask({
      ...conventions,
      grid,
      goals: oneGoal(square),
      penalties: { overflow: 0.25, coordinates: 0.5 },
      pool: null,
      seed: 0,
    });
    const batch = await task.batch(0, 1, NONE);
    const data = Float32Array.from({ length: 150 }, (_, i) => (i - 70) / 8);
    const window = { ...wholeBox(grid), data };
    const { errors, objectives, cotangents } = await batch.evaluate(endsOf([window]));
    const expected = new Float32Array(150);
    expect(errors[0]).toBe(imageLoss(data, square, conventions, { data: expected, scale: 1 }));
    const placed = coordinateLoss(conventions, grid, square)(window, { data: expected, scale: 0.5 });
    const overflown = overflowLoss(rule, grid)(window, { data: expected, scale: 0.25 });
    expect(placed).toBeGreaterThan(0);
    expect(objectives[0]).toBe(errors[0] + 0.5 * placed + 0.25 * overflown);
    expect(cotangents[0].data).toEqual(expected);
  });

  it("sees all of a state by its window, and gives the cotangent there", async () => {
    const picture = new Float32Array(36);
    picture.fill(0.5, 4 * 8);
    const cell = new Float32Array(54);
    cell.fill(2, 6 * 3, 6 * 4);
    const task = pictureTask({ ...conventions, grid: GRID, goals: oneGoal(picture), pool: null, seed: 0 });
    const batch = await task.batch(0, 1, NONE);
    const window = { top: 1, left: 0, height: 1, width: 1, data: cell.slice(18, 24) };
    const all = new Float32Array(54);
    const { errors, cotangents } = await batch.evaluate(endsOf([window]));
    expect(errors).toEqual([imageLoss(cell, picture, conventions, { data: all, scale: 1 })]);
    expect(cotangents[0].data).toEqual(all.slice(18, 24));
  });

  it("starts every sample from the seed where there is no pool", async () => {
    const task = pictureTask({ ...conventions, grid: GRID, goals: oneGoal(target), pool: null, seed: 0 });
    const { states } = await task.batch(7, 3, NONE);
    expect(states).toEqual(Array.from({ length: 3 }, () => seedState(conventions, GRID)));
  });

  it("refuses a target of another size", () => {
    const options = { ...conventions, grid: GRID, pool: null, seed: 0 };
    expect(() => pictureTask({ ...options, goals: oneGoal(new Float32Array(27)) })).toThrow(
      "the target has 27 numbers; 3 x 3 x 4 are needed",
    );
  });
});
