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
    expect(depthwiseOffsets(rule).slice(0, 4)).toEqual([
      [-1, -1],
      [-1, 0],
      [-1, 1],
      [0, -1],
    ]);
    expect(depthwiseOffsets({ perceive: { kind: "depthwise", size: 5, kernels: 1 } }).at(-1)).toEqual([2, 2]);
  });

  it("has as many axes as the rule's grids, and begins with a Sobel filter along each", () => {
    const line: Rule = { ...rule, axes: 1 };
    const space: Rule = { ...rule, axes: 3, perceive: { kind: "depthwise", size: 3, kernels: 5 } };
    expect(parameterTable(line)[0]).toMatchObject({ shape: [4, 3, 4], size: 48 });
    expect(parameterTable(space)[0]).toMatchObject({ shape: [5, 3, 3, 3, 4], size: 540 });
    expect(depthwiseOffsets(line)).toEqual([[-1], [0], [1]]);
    expect(depthwiseOffsets(space).slice(0, 2)).toEqual([
      [-1, -1, -1],
      [-1, -1, 0],
    ]);
    const flat = initialParameters(line, 3);
    const kernel = (k: number) => Array.from({ length: 3 }, (_, tap) => flat[(k * 3 + tap) * 4]);
    expect([kernel(0), kernel(1)]).toEqual([
      [0, 1, 0],
      [-0.5, 0, 0.5],
    ]);
    expect(Math.max(...kernel(2).map(Math.abs))).toBeLessThanOrEqual(Math.fround(1 / 3));
    const along = initialParameters(space, 3);
    const sums = (k: number, axis: number) =>
      depthwiseOffsets(space).reduce((sum, offset, tap) => sum + offset[axis] * along[(k * 27 + tap) * 4], 0);
    for (const k of [1, 2, 3])
      expect([sums(k, 0), sums(k, 1), sums(k, 2)]).toEqual([+(k === 3), +(k === 2), +(k === 1)]);
  });

  it("cannot be turned", () => {
    expect(turnedRule(rule, 360)).toBe(rule);
    expect(() => turnedRule(rule, 90)).toThrow(
      new RangeError("cells whose kernels are trained cannot be turned"),
    );
  });
});
