import { describe, expect, it } from "vitest";
import { perceive } from "../../step/perception.ts";
import { turnedRule } from "../kernels.ts";
import { initialParameters, networkTable, parameterTable, parameterViews } from "../parameters.ts";
import { rulePresets } from "../presets.ts";
import type { Rule } from "../rule.ts";
import { ruleSchema } from "../schema.ts";
import { featureCount, perceptionRadius } from "./perceive.ts";

const rule: Rule = {
  ...rulePresets.distill,
  channels: 4,
  hidden: [5],
  perceive: { kind: "attention", heads: 2, size: 3 },
};

describe("attention over the neighbourhood", () => {
  it("has queries, keys and places before the network, and a feature for each head beside a cell's own", () => {
    expect(
      parameterTable(rule)
        .slice(0, 3)
        .map(({ name, shape }) => [name, shape]),
    ).toEqual([
      ["perceive.query", [4, 2, 3]],
      ["perceive.key", [4, 2, 3]],
      ["perceive.place", [2, 9]],
    ]);
    expect(networkTable(rule)[0]).toMatchObject({ name: "update.0.weight", shape: [12, 5], offset: 66 });
    expect([featureCount(rule), perceptionRadius(rule)]).toEqual([12, 1]);
    expect(parameterTable({ ...rule, axes: 1 })[2].shape).toEqual([2, 3]);
    expect(ruleSchema.safeParse({ ...rule, axes: 1 }).success).toBe(true);
    expect(
      ruleSchema.safeParse({ ...rule, perceive: { kind: "attention", heads: 9, size: 3 } }).success,
    ).toBe(false);
  });

  it("begins with heads that differ", () => {
    const { "perceive.place": place, "perceive.query": query } = parameterViews(
      rule,
      initialParameters(rule, 3),
    );
    expect(new Set(place).size).toBe(18);
    expect(Math.max(...place.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(Math.max(...query.map(Math.abs))).toBeLessThanOrEqual(Math.fround(Math.sqrt(3 / 4)));
  });

  it("is the mean of the neighbourhood where nothing is attended to more, and one neighbour where it is", () => {
    const flat = new Float32Array(66 + 12 * 5 + 5 + 5 * 4 + 4);
    const grid = [3, 3] as const;
    const state = Float32Array.from({ length: 36 }, (_, i) => i);
    const middle = (parameters: Float32Array) => {
      const seen = perceive(rule, grid, state, undefined, parameters).subarray(4 * 12, 5 * 12);
      return Array.from({ length: 3 }, (_, k) => [0, 1, 2, 3].map((c) => seen[c * 3 + k]));
    };
    const own = [16, 17, 18, 19];
    expect(middle(flat)).toEqual([own, own, own]);
    // The second head attends to the place above: cell 1 of 9.
    flat[48 + 9 + 1] = 60;
    expect(middle(flat)[2].map(Math.round)).toEqual([4, 5, 6, 7]);
    // Its query is the first channel, and so is its key: of neighbours, that of the largest number, the last.
    flat.fill(0, 48 + 9, 66);
    flat[1 * 3] = flat[24 + 1 * 3] = 2;
    expect(middle(flat)[2].map(Math.round)).toEqual([32, 33, 34, 35]);
    expect(middle(flat)[1]).toEqual(own);
    // Beyond the edge there is nothing, which counts among nine.
    flat.fill(0);
    expect(perceive(rule, grid, state, undefined, flat)[1]).toBeCloseTo((0 + 4 + 12 + 16) / 9, 5);
  });

  it("does not turn", () => {
    expect(() => turnedRule(rule, 90)).toThrow("cells that attend to their neighbours cannot be turned");
  });
});
