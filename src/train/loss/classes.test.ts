import { describe, expect, it } from "vitest";
import { smallRule } from "../../conformance/cases.ts";
import { cutWindow } from "../../engine/window.ts";
import { type Plane, wholeBox } from "../../rule/grid.ts";
import { classAccuracy, classLoss } from "./classes.ts";
import { cotangentOf, differences, dyadic } from "./loss.case.ts";

const GRID: Plane = [3, 4];
const CHANNELS = 6;
const rule = smallRule({ alive: { mask: "both", channel: 1, threshold: 0.1, reach: 0 } });
const classes = { offset: 3, count: 3 };
const labels = [2, 0];
const loss = classLoss(rule, GRID, classes, (goal) => labels[goal]);
const accuracy = classAccuracy(rule, classes, (goal) => labels[goal]);

/** Every third cell is dead. */
const state = dyadic(12 * CHANNELS, 3);
for (let cell = 0; cell < 12; cell++) state[cell * CHANNELS + 1] = cell % 3 === 0 ? 0 : 1;
const whole = (data: Float32Array) => ({ ...wholeBox(GRID), data });
const sample = (goal: number) => ({ goal, trainingStep: 0 });

describe("classLoss", () => {
  it("is half the squared distance from one-hot in living cells, over the cells of the grid", () => {
    const one = new Float32Array(12 * CHANNELS);
    one.set([9, 1, 9, 0.5, 0, 3], 5 * CHANNELS);
    expect(loss(whole(one), sample(0))).toBe((0.25 + 0 + 4) / 2 / 12);
    expect(loss(whole(one), sample(1))).toBe((0.25 + 0 + 9) / 2 / 12);
    one[5 * CHANNELS + 1] = 0;
    expect(loss(whole(one), sample(0))).toBe(0);
  });

  it.each([0, 1])("has the gradient of finite differences, for goal %i", (goal) => {
    const cotangent = cotangentOf((sink) => loss(whole(state), sample(goal), sink), state.length);
    const slopes = differences((s) => loss(whole(s), sample(goal)), state);
    for (const [i, slope] of slopes.entries()) {
      // The alive channel is compared, not weighed: its differences may cross the threshold.
      if (i % CHANNELS === 1) expect(cotangent[i]).toBe(0);
      // Cotangents are below 0.3 and stored in single precision: 2e-8 absolute.
      else expect(cotangent[i]).toBeCloseTo(slope, 7);
    }
    expect(cotangent.some((value) => value !== 0)).toBe(true);
  });

  it("looks at a window as at the state around it, and scales its cotangent", () => {
    const inside = state.slice();
    for (let i = 0; i < inside.length; i++) {
      const [y, x] = [Math.floor(i / CHANNELS / 4), Math.floor(i / CHANNELS) % 4];
      if (y === 0 || x === 3) inside[i] = 0;
    }
    const box = { top: 1, left: 0, height: 2, width: 3 };
    const window = { ...box, data: cutWindow(inside, GRID, CHANNELS, box).data };
    expect(loss(window, sample(1))).toBe(loss(whole(inside), sample(1)));
    const data = new Float32Array(window.data.length);
    loss(window, sample(1), { data, scale: 4 });
    const once = cotangentOf((sink) => loss(window, sample(1), sink), data.length);
    expect(data).toEqual(once.map((value) => 4 * value));
  });
});

describe("classAccuracy", () => {
  it("is the share of living cells whose highest score is their class's", () => {
    const two = new Float32Array(12 * CHANNELS);
    two.set([0, 1, 0, -3, -2, -1], 0);
    two.set([0, 1, 0, 2, 2, 1], CHANNELS);
    two.set([0, 0, 0, 0, 0, 5], 2 * CHANNELS);
    expect(accuracy(whole(two), sample(0))).toBe(0.5);
    // Of equals the first counts.
    expect(accuracy(whole(two), sample(1))).toBe(0.5);
    // Who says nothing is not right by chance.
    two.fill(0, 3, CHANNELS);
    two.fill(0, CHANNELS + 3, 2 * CHANNELS);
    expect(accuracy(whole(two), sample(1))).toBe(0);
    expect(accuracy(whole(new Float32Array(12 * CHANNELS)), sample(1))).toBe(1);
  });
});
