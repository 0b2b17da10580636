import { describe, expect, it } from "vitest";
import { pcg4d } from "../random.ts";
import { cutWindow, expandWindow } from "../engine/window.ts";
import { rulePresets } from "../rule/presets.ts";
import { type Grid, type Rule, wholeBox } from "../rule/rule.ts";
import { coordinateChannels, coordinateLoss, type CotangentSink, imageLoss, overflowLoss } from "./loss.ts";

const rule: Rule = {
  ...rulePresets.distill,
  channels: 6,
  image: { offset: 1, channels: 4, premultiplied: true },
};
const CELLS = 6;
/** Multiples of 1/16 in [-2, 2): exact in single precision, as is a step of 1/16. */
const dyadic = (length: number, salt: number) =>
  Float32Array.from({ length }, (_, i) => (pcg4d(salt, i, 0, 0) % 64) / 16 - 2);

/** Central differences of step 1/16. Exact for quadratics and straight pieces, but for the rounding of doubles. */
function differences(loss: (state: Float32Array) => number, state: Float32Array): number[] {
  return Array.from(state, (value, i) => {
    const shifted = (by: number) => loss(state.with(i, value + by));
    return (shifted(1 / 16) - shifted(-1 / 16)) * 8;
  });
}

function cotangentOf(loss: (sink: CotangentSink) => number, length: number): Float32Array {
  const data = new Float32Array(length);
  loss({ data, scale: 1 });
  return data;
}

describe("imageLoss", () => {
  const state = dyadic(CELLS * rule.channels, 1);
  const target = dyadic(CELLS * 4, 2);

  it("is the mean square error of the image channels", () => {
    const one = { ...rule, channels: 5, image: { ...rule.image, offset: 0 } };
    expect(imageLoss(Float32Array.of(1, 0, 0, 3, 9), Float32Array.of(0, 0, 0, 1), one)).toBe((1 + 4) / 4);
  });

  it("has the gradient of finite differences", () => {
    const cotangent = cotangentOf((sink) => imageLoss(state, target, rule, sink), state.length);
    // Cotangents are below 0.5 and stored in single precision: 3e-8 absolute.
    differences((s) => imageLoss(s, target, rule), state).forEach((slope, i) =>
      expect(cotangent[i]).toBeCloseTo(slope, 7),
    );
    expect(cotangent.some((value) => value !== 0)).toBe(true);
  });

  it("compares the first channels of a target that has more", () => {
    const rgb: Rule = { ...rule, image: { ...rule.image, channels: 3 } };
    const onlyRgb = target.filter((_, i) => i % 4 < 3);
    expect(imageLoss(state, target, rgb)).toBe(imageLoss(state, onlyRgb, rgb));
  });

  it("adds its scaled cotangent to what is there", () => {
    const data = new Float32Array(state.length).fill(1);
    imageLoss(state, target, rule, { data, scale: 0.5 });
    const whole = cotangentOf((sink) => imageLoss(state, target, rule, sink), state.length);
    // 1 + x rounds to 6e-8.
    data.forEach((value, i) => expect(value).toBeCloseTo(1 + whole[i] / 2, 6));
  });
});

describe("coordinateChannels", () => {
  it("are the last two that neither show the picture nor live", () => {
    expect(coordinateChannels(rulePresets.distill)).toEqual([14, 15]);
    expect(coordinateChannels(rulePresets.cax)).toEqual([10, 11]);
    const rgb = { ...rule, image: { offset: 1, channels: 3, premultiplied: true } as const };
    expect(coordinateChannels({ ...rgb, alive: { ...rule.alive, channel: 4 } })).toEqual([0, 5]);
    expect(coordinateChannels({ ...rule, channels: 5 })).toEqual([0]);
  });
});

describe("coordinateLoss", () => {
  const grid: Grid = [8, 9];
  const size = 72 * rule.channels;
  /** 6 x 7 opaque cells, of which 2 x 3 are inner ones; beside them, one clear cell makes the first of those an outer one. */
  const target = new Float32Array(72 * 4);
  for (let y = 1; y < 7; y++) {
    for (let x = 1; x < 8; x++) target[4 * (y * 9 + x) + 3] = y === 1 && x === 1 ? 0.05 : 0.5;
  }
  /** Row and column of inner cells, and how far they are from the seed's: at most 1. */
  const inner = [
    [3, 4, -1, 0],
    [3, 5, -1, 1],
    [4, 3, 0, -1],
    [4, 4, 0, 0],
    [4, 5, 0, 1],
  ];
  const loss = coordinateLoss(rule, grid, target);
  const whole = (data: Float32Array) => ({ ...wholeBox(grid), data });

  it("is zero where channels hold row and column from the seed, and anything elsewhere", () => {
    const state = dyadic(size, 4);
    for (const [y, x, down, right] of inner) {
      state[(y * 9 + x) * 6] = down;
      state[(y * 9 + x) * 6 + 5] = right;
    }
    expect(loss(whole(state))).toBe(0);
    state[(4 * 9 + 5) * 6 + 5] = 0.5;
    expect(loss(whole(state))).toBe(0.25 / (72 * 4));
  });

  it("has the gradient of finite differences", () => {
    const state = dyadic(size, 5);
    const cotangent = cotangentOf((sink) => loss(whole(state), sink), size);
    differences((s) => loss(whole(s)), state).forEach((slope, i) =>
      expect(cotangent[i]).toBeCloseTo(slope, 7),
    );
    expect([...cotangent.keys()].filter((i) => cotangent[i] !== 0)).toEqual(
      inner.flatMap(([y, x]) => [(y * 9 + x) * 6, (y * 9 + x) * 6 + 5]),
    );
  });

  it("takes what lies outside a window for dead", () => {
    const box = { top: 4, left: 2, height: 3, width: 3 };
    const state = dyadic(size, 6);
    const window = cutWindow(state, grid, rule.channels, box);
    const rest = expandWindow(window, grid, rule.channels);
    expect(loss(window)).toBe(loss(whole(rest)));
    const part = cotangentOf((sink) => loss(window, sink), window.data.length);
    const all = cotangentOf((sink) => loss(whole(rest), sink), size);
    expect(part).toEqual(cutWindow(all, grid, rule.channels, box).data);
  });

  it("asks nothing of a picture without inner cells", () => {
    const line = new Float32Array(72 * 4).fill(1, 4 * 27, 4 * 45);
    expect(coordinateLoss(rule, grid, line)(whole(dyadic(size, 7)))).toBe(0);
  });

  it("takes a large picture", () => {
    const large: Grid = [600, 600];
    const picture = new Float32Array(600 * 600 * 4).fill(1);
    const one = new Float32Array(rule.channels);
    const state = { top: 300, left: 300, height: 1, width: 1, data: one };
    // Squares of i / 300 - 1 for the inner rows and columns, 2 to 597: one in three of as many cells, twice.
    expect(coordinateLoss(rule, large, picture)(state)).toBeCloseTo(2 / 3 / 4, 2);
  });

  it("refuses a rule without room", () => {
    expect(() => coordinateLoss({ ...rule, channels: 5 }, grid, target)).toThrow(/two hidden channels/);
  });
});

describe("overflowLoss", () => {
  it("is the mean distance from [-1, 1]", () => {
    expect(overflowLoss(Float32Array.of(0.5, -1, 1, 3, -1.5, 0, 0, 0, 0, 0))).toBe((2 + 0.5) / 10);
  });

  it("has the gradient of finite differences off the corners", () => {
    const state = dyadic(40, 3).map((value) => (Math.abs(value) === 1 ? 0 : value));
    const cotangent = cotangentOf((sink) => overflowLoss(state, sink), state.length);
    differences((s) => overflowLoss(s), state).forEach((slope, i) =>
      expect(cotangent[i]).toBeCloseTo(slope, 7),
    );
  });

  it("is NaN where the state is", () => {
    expect(overflowLoss(Float32Array.of(0, NaN))).toBeNaN();
  });
});
