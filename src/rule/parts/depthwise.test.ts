import { describe, expect, it } from "vitest";
import { turnedRule } from "../kernels.ts";
import { initialParameters, networkTable, parameterTable } from "../parameters.ts";
import { rulePresets } from "../presets.ts";
import type { Rule } from "../rule.ts";
import { depthwiseOffsets } from "./depthwise.ts";
import { featureCount, kernelCount, perceptionRadius } from "./perceive.ts";

const rule: Rule = {
  ...rulePresets.distill,
  channels: 4,
  hidden: [5],
  perceive: { kind: "depthwise", size: 3, kernels: 4 },
};

describe("a depthwise perception", () => {
  it("has the first tensor, and features as many as kernels on channels", () => {
    expect(parameterTable(rule)[0]).toEqual({
      name: "perceive.weight",
      shape: [4, 3, 3, 4],
      offset: 0,
      size: 144,
    });
    expect(networkTable(rule)).toEqual(parameterTable(rule).slice(1));
    expect(networkTable(rule)[0]).toMatchObject({ name: "update.0.weight", shape: [16, 5], offset: 144 });
    const wide: Rule = { ...rule, inputSize: 3, perceive: { kind: "depthwise", size: 5, kernels: 2 } };
    expect([kernelCount(wide), featureCount(wide), perceptionRadius(wide)]).toEqual([2, 11, 2]);
    expect(perceptionRadius(rule)).toBe(1);
  });

  it("begins as identity, Sobel x and Sobel y of every channel, and small numbers", () => {
    const flat = initialParameters(rule, 3);
    const kernel = (k: number, channel: number) =>
      Array.from({ length: 9 }, (_, tap) => flat[(k * 9 + tap) * 4 + channel] * 8);
    for (const channel of [0, 3]) {
      expect(kernel(0, channel)).toEqual([0, 0, 0, 0, 8, 0, 0, 0, 0]);
      expect(kernel(1, channel)).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1]);
      expect(kernel(2, channel)).toEqual([-1, -2, -1, 0, 0, 0, 1, 2, 1]);
    }
    const rest = [...flat.subarray(108, 144)];
    expect(new Set(rest).size).toBe(36);
    expect(Math.max(...rest.map(Math.abs))).toBeLessThanOrEqual(Math.fround(1 / 9));
    expect(initialParameters(rule, 4).subarray(108, 144)).not.toEqual(flat.subarray(108, 144));
    const wide = initialParameters({ ...rule, perceive: { kind: "depthwise", size: 5, kernels: 1 } }, 3);
    expect(wide.subarray(0, 100).reduce((sum, value) => sum + value, 0)).toBe(4);
    expect([...wide.subarray(48, 52)]).toEqual([1, 1, 1, 1]);
  });

  it("names its taps row by row", () => {
    expect(depthwiseOffsets(3).slice(0, 4)).toEqual([
      [-1, -1],
      [-1, 0],
      [-1, 1],
      [0, -1],
    ]);
    expect(depthwiseOffsets(5).at(-1)).toEqual([2, 2]);
  });

  it("cannot be turned", () => {
    expect(turnedRule(rule, 360)).toBe(rule);
    expect(() => turnedRule(rule, 90)).toThrow(
      new RangeError("cells whose kernels are trained cannot be turned"),
    );
  });
});
