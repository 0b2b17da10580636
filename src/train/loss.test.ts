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
  const grid: Grid = [11, 15];
  const cells = 11 * 15;
  const size = cells * rule.channels;
  /** A body of 9 x 9 cells around the seed's, which is in row 5 and column 7, and a limb to its right. */
  const target = new Float32Array(cells * 4);
  for (let cell = 0; cell < cells; cell++) {
    const [y, x] = [Math.floor(cell / 15), cell % 15];
    const opaque = (y >= 1 && y <= 9 && x >= 3 && x <= 11) || (y === 5 && x > 11);
    target[4 * cell + 3] = opaque ? 0.5 : 0.05;
  }
  const body = Array.from({ length: 81 }, (_, i) => [1 + Math.floor(i / 9), 3 + (i % 9)]);
  const loss = coordinateLoss(rule, grid, target);
  const whole = (data: Float32Array) => ({ ...wholeBox(grid), data });

  it("is zero where channels hold row and column from the seed, and anything elsewhere", () => {
    const state = dyadic(size, 4);
    for (const [y, x] of body) {
      state[(y * 15 + x) * 6] = (y - 5) / 4;
      state[(y * 15 + x) * 6 + 5] = (x - 7) / 4;
    }
    expect(loss(whole(state))).toBe(0);
    state[(1 * 15 + 11) * 6 + 5] = 0.5;
    expect(loss(whole(state))).toBe(0.25 / (cells * 4));
  });

  it("has the gradient of finite differences, in two channels of the body", () => {
    const state = dyadic(size, 5);
    const cotangent = cotangentOf((sink) => loss(whole(state), sink), size);
    // Cotangents are below 0.02 and stored in single precision.
    differences((s) => loss(whole(s)), state).forEach((slope, i) =>
      expect(cotangent[i]).toBeCloseTo(slope, 8),
    );
    const asked = new Set(body.flatMap(([y, x]) => [(y * 15 + x) * 6, (y * 15 + x) * 6 + 5]));
    const moved = [...cotangent.keys()].filter((i) => cotangent[i] !== 0);
    expect(moved.length).toBeGreaterThan(140);
    expect(moved.filter((i) => !asked.has(i))).toEqual([]);
  });

  it("takes what lies outside a window for dead", () => {
    const box = { top: 4, left: 2, height: 3, width: 5 };
    const window = cutWindow(dyadic(size, 6), grid, rule.channels, box);
    const rest = expandWindow(window, grid, rule.channels);
    expect(loss(window)).toBe(loss(whole(rest)));
    const part = cotangentOf((sink) => loss(window, sink), window.data.length);
    const all = cotangentOf((sink) => loss(whole(rest), sink), size);
    expect(part).toEqual(cutWindow(all, grid, rule.channels, box).data);
  });

  it("asks nothing of a picture that is thin all over", () => {
    const thin = new Float32Array(cells * 4).fill(1, 0, 4 * 8 * 15);
    expect(coordinateLoss(rule, grid, thin)(whole(dyadic(size, 7)))).toBe(0);
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
