import { describe, expect, it } from "vitest";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { imageLoss } from "./loss.ts";
import { cotangentOf, differences, dyadic } from "./loss.case.ts";

const rule: PictureRule = {
  ...picturePresets.distill,
  channels: 6,
  image: { offset: 1, channels: 4, premultiplied: true },
};
const layout = splitRule(rule);
const CELLS = 6;

describe("imageLoss", () => {
  const state = dyadic(CELLS * rule.channels, 1);
  const target = dyadic(CELLS * 4, 2);

  it("is the mean square error of the image channels", () => {
    const one = { ...rule, channels: 5, image: { ...rule.image, offset: 0 } };
    expect(imageLoss(Float32Array.of(1, 0, 0, 3, 9), Float32Array.of(0, 0, 0, 1), splitRule(one))).toBe(
      (1 + 4) / 4,
    );
  });

  it("has the gradient of finite differences", () => {
    const cotangent = cotangentOf((sink) => imageLoss(state, target, layout, sink), state.length);
    // Cotangents are below 0.5 and stored in single precision: 3e-8 absolute.
    differences((s) => imageLoss(s, target, layout), state).forEach((slope, i) =>
      expect(cotangent[i]).toBeCloseTo(slope, 7),
    );
    expect(cotangent.some((value) => value !== 0)).toBe(true);
  });

  it("compares the first channels of a target that has more", () => {
    const rgb = splitRule({ ...rule, image: { ...rule.image, channels: 3 } });
    const onlyRgb = target.filter((_, i) => i % 4 < 3);
    expect(imageLoss(state, target, rgb)).toBe(imageLoss(state, onlyRgb, rgb));
  });

  it("adds its scaled cotangent to what is there", () => {
    const data = new Float32Array(state.length).fill(1);
    imageLoss(state, target, layout, { data, scale: 0.5 });
    const whole = cotangentOf((sink) => imageLoss(state, target, layout, sink), state.length);
    // 1 + x rounds to 6e-8.
    data.forEach((value, i) => expect(value).toBeCloseTo(1 + whole[i] / 2, 6));
  });
});
