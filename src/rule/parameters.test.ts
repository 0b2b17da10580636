import { describe, expect, it } from "vitest";
import {
  initialParameters,
  layerSizes,
  parameterCount,
  parameterTable,
  parameterViews,
} from "./parameters.ts";
import { rulePresets } from "./presets.ts";
import type { Rule } from "./rule.ts";

const { distill, cax, tutorial } = rulePresets;

const tableOf = (rule: Rule) => parameterTable(rule).map(({ name, shape, offset }) => [name, shape, offset]);

describe("parameterTable", () => {
  it("of the Distill automaton: 8336 numbers", () => {
    expect(tableOf(distill)).toEqual([
      ["update.0.weight", [48, 128], 0],
      ["update.0.bias", [128], 6144],
      ["update.1.weight", [128, 16], 6272],
      ["update.1.bias", [16], 8320],
    ]);
    expect(parameterCount(distill)).toBe(8336);
    expect([parameterCount(cax), parameterCount(tutorial)]).toEqual([8336, 8320]);
  });

  it("of several layers, with an input, without an output bias", () => {
    const rule: Rule = { ...distill, channels: 12, hidden: [24, 40], inputSize: 5, outputBias: false };
    expect(layerSizes(rule)).toEqual([41, 24, 40, 12]);
    expect(tableOf(rule)).toEqual([
      ["update.0.weight", [41, 24], 0],
      ["update.0.bias", [24], 984],
      ["update.1.weight", [24, 40], 1008],
      ["update.1.bias", [40], 1968],
      ["update.2.weight", [40, 12], 2008],
    ]);
    expect(parameterCount(rule)).toBe(2488);
  });

  it("of a linear automaton", () => {
    const rule: Rule = { ...distill, channels: 4, kernels: ["identity"], hidden: [], outputBias: false };
    expect(tableOf(rule)).toEqual([["update.0.weight", [4, 4], 0]]);
    expect(tableOf({ ...rule, outputBias: true })).toEqual([
      ["update.0.weight", [4, 4], 0],
      ["update.0.bias", [4], 16],
    ]);
  });

  it("covers the buffer without gaps", () => {
    for (const rule of [distill, cax, tutorial, { ...distill, hidden: [3, 1, 7] }]) {
      let end = 0;
      for (const { offset, shape, size } of parameterTable(rule)) {
        expect([offset, size]).toEqual([end, shape.reduce((a, b) => a * b)]);
        end += size;
      }
      expect(parameterCount(rule)).toBe(end);
    }
  });
});

describe("parameterViews", () => {
  it("shares the buffer", () => {
    const flat = new Float32Array(parameterCount(distill));
    const views = parameterViews(distill, flat);
    views["update.1.weight"][0] = 3;
    expect(flat[6272]).toBe(3);
    expect(Object.keys(views)).toEqual(parameterTable(distill).map(({ name }) => name));
  });
});

describe("initialParameters", () => {
  const rule: Rule = { ...distill, hidden: [128, 64] };
  const views = parameterViews(rule, initialParameters(rule, 4));

  it("draws hidden weights evenly within Glorot's bound", () => {
    for (const [name, inputs, outputs] of [
      ["update.0.weight", 48, 128],
      ["update.1.weight", 128, 64],
    ] as const) {
      const bound = Math.sqrt(6 / (inputs + outputs));
      const weight = views[name];
      const mean = weight.reduce((sum, value) => sum + value, 0) / weight.length;
      const variance = weight.reduce((sum, value) => sum + value * value, 0) / weight.length;
      const largest = weight.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // Over 6,000 draws: five standard deviations of the mean, 0.037 bounds; of the variance, 6%.
      expect(Math.abs(mean)).toBeLessThan(0.04 * bound);
      expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(0.06);
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(0.99 * bound);
    }
  });

  it("leaves biases and the last layer zero, so that the automaton stands still", () => {
    for (const name of ["update.0.bias", "update.1.bias", "update.2.weight", "update.2.bias"]) {
      expect(views[name].every((value) => value === 0)).toBe(true);
    }
    expect(initialParameters({ ...rule, hidden: [] }, 4).every((value) => value === 0)).toBe(true);
  });

  it("is a function of the seed, and draws other numbers for each layer", () => {
    expect(initialParameters(rule, 4)).toEqual(initialParameters(rule, 4));
    expect(initialParameters(rule, 5)).not.toEqual(initialParameters(rule, 4));
    const square: Rule = { ...distill, channels: 4, kernels: ["identity"], hidden: [4, 4] };
    const same = parameterViews(square, initialParameters(square, 4));
    expect(same["update.0.weight"]).not.toEqual(same["update.1.weight"]);
  });
});
