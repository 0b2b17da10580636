import { describe, expect, it } from "vitest";
import { drawing, randomArray, randomParameters } from "../conformance/scenario.ts";
import { disc } from "../conformance/starts.ts";
import { stepForward } from "../step/step.ts";
import { rulePresets } from "../rule/presets.ts";
import { type Plane, stateSize } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Cell } from "./cells.ts";
import { hiddenActivations, hiddenCount, mostActiveUnits } from "./hiddenUnits.ts";

const grid: Plane = [6, 7];
const everyCell = Array.from({ length: 42 }, (_, n): Cell => [Math.floor(n / 7), n % 7]);
const distill: Rule = { ...rulePresets.distill, hidden: [10] };

describe("hiddenActivations", () => {
  it.each<[string, Rule]>([
    ["one layer", distill],
    ["two layers on a torus", { ...distill, boundary: "wrap", hidden: [5, 8] }],
    [
      "far taps",
      { ...distill, kernels: ["identity", { taps: [{ offset: [-3, 2], weight: 0.5 }] }], boundary: "wrap" },
    ],
    ["the identity alone", { ...distill, kernels: ["identity"] }],
  ])("are what a step of the reference engine computes: %s", (_, rule) => {
    const draw = drawing(5);
    const parameters = randomParameters(rule, draw);
    const state = randomArray(stateSize(rule, grid), draw);
    const fired = new Uint8Array(42).fill(1);
    const { activations } = stepForward({ rule, grid, parameters }, state, fired);
    for (const [n, cell] of everyCell.entries()) {
      const expected = rule.hidden.flatMap((size, layer) => [
        ...activations[layer + 1].subarray(n * size, (n + 1) * size),
      ]);
      const actual = hiddenActivations(rule, parameters, grid, state, cell);
      // The same sums in the same order.
      expect([...actual]).toEqual(expected);
      expect(actual.length).toBe(hiddenCount(rule));
    }
  });

  it("are none where the rule has no hidden layer", () => {
    const rule: Rule = { ...distill, hidden: [] };
    const parameters = randomParameters(rule, drawing(1));
    const state = new Float32Array(stateSize(rule, grid));
    expect(hiddenActivations(rule, parameters, grid, state, [0, 0]).length).toBe(0);
    expect(mostActiveUnits(rule, parameters, grid, state, 3)).toEqual([]);
  });
});

describe("mostActiveUnits", () => {
  it("maps the units with the largest sums over living cells, in this order", () => {
    const draw = drawing(9);
    const parameters = randomParameters(distill, draw);
    const state = disc(distill, grid, draw);
    const units = mostActiveUnits(distill, parameters, grid, state, 4);
    expect(units.length).toBe(4);
    const sums = units.map(({ activations }) => activations.reduce((sum, value) => sum + value, 0));
    expect(sums).toEqual(sums.toSorted((a, b) => b - a));
    for (const { unit, activations } of units) {
      for (const [n, cell] of everyCell.entries()) {
        const value = hiddenActivations(distill, parameters, grid, state, cell)[unit];
        expect([0, value]).toContain(activations[n]);
      }
      expect(activations.some((value) => value > 0)).toBe(true);
    }
    const all = mostActiveUnits(distill, parameters, grid, state, 99);
    expect(all.slice(0, 4)).toEqual(units);
    expect(all.length).toBeLessThanOrEqual(10);
  });
});
