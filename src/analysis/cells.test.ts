import { describe, expect, it } from "vitest";
import { drawing } from "../conformance/scenario.ts";
import { corners, disc, empty } from "../conformance/starts.ts";
import { aliveMask } from "../step/masks.ts";
import { rulePresets } from "../rule/presets.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { cellKinds, patternBox, representativeCells } from "./cells.ts";

const { distill, tutorial } = rulePresets;

/** A state whose cells have these alphas, and ones in all other channels. */
function withAlpha(rule: Rule, alphas: readonly number[]): Float32Array {
  return Float32Array.from({ length: alphas.length * rule.channels }, (_, i) =>
    i % rule.channels === rule.alive.channel ? alphas[Math.floor(i / rule.channels)] : 1,
  );
}

describe("cellKinds", () => {
  // prettier-ignore
  const alphas = [
    0, 0,   0,   0, 0,
    0, 0.1, 0.5, 0, 0,
    0, 0,   NaN, 0, 0,
    0, 0,   0,   0, 0,
    0, 0,   0,   0, 1,
  ];

  it("distinguishes mature, growing and empty cells; the threshold itself is not above it", () => {
    // prettier-ignore
    expect([...cellKinds(distill, [5, 5], withAlpha(distill, alphas))]).toEqual([
      0, 1, 1, 1, 0,
      0, 1, 2, 1, 0,
      0, 1, 1, 1, 0,
      0, 0, 0, 1, 1,
      0, 0, 0, 1, 2,
    ]);
  });

  it("counts neighbours beyond the edge where the grid wraps", () => {
    // prettier-ignore
    expect([...cellKinds(tutorial, [5, 5], withAlpha(tutorial, alphas))]).toEqual([
      1, 1, 1, 1, 1,
      0, 1, 2, 1, 0,
      0, 1, 1, 1, 0,
      1, 0, 0, 1, 1,
      1, 0, 0, 1, 2,
    ]);
  });

  it.each([distill, tutorial])("lives exactly where the engine's mask does", (rule) => {
    for (const start of [disc, corners, empty]) {
      const state = start(rule, [9, 12], drawing(3));
      const lives = cellKinds(rule, [9, 12], state).map((kind) => Math.min(kind, 1));
      expect(lives).toEqual(aliveMask(rule, [9, 12], state));
    }
  });
});

describe("representativeCells", () => {
  const grid: Plane = [5, 9];
  const at = (...places: readonly (readonly [number, number])[]) => {
    const alphas = Array.from({ length: 45 }, () => 0);
    for (const [row, column] of places) alphas[row * 9 + column] = 1;
    return representativeCells(distill, grid, withAlpha(distill, alphas));
  };

  it("are the middle of the pattern, its left edge, and half way between", () => {
    const bar = Array.from({ length: 8 }, (_, column) => [2, column + 1] as const);
    expect(at(...bar)).toEqual([
      [2, 4],
      [2, 2],
      [2, 1],
    ]);
  });

  it("are mature, wherever the pattern has gaps", () => {
    expect(at([0, 0], [4, 8], [3, 1])).toEqual([[3, 1]]);
    expect(at([2, 1], [2, 7], [1, 6], [0, 8])).toEqual([[1, 6]]);
  });

  it("are the centre of the grid where nothing lives", () => {
    expect(at()).toEqual([[2, 4]]);
  });
});

const wide: Plane = [20, 30];

/** A grid on which these cells grow. */
function growingAt(...cells: readonly (readonly [number, number])[]): Uint8Array {
  const kinds = new Uint8Array(600);
  for (const [row, column] of cells) kinds[row * 30 + column] = 1;
  return kinds;
}

describe("patternBox", () => {
  it("holds all that lives in any state, and three cells around", () => {
    expect(patternBox([growingAt([8, 12]), growingAt([10, 20], [9, 6])], wide)).toEqual({
      top: 5,
      left: 3,
      height: 9,
      width: 21,
    });
  });

  it("ends at the edges of the grid, and is all of it where nothing lives", () => {
    expect(patternBox([growingAt([0, 1], [19, 28])], wide)).toEqual({
      top: 0,
      left: 0,
      height: 20,
      width: 30,
    });
    expect(patternBox([growingAt()], wide)).toEqual({ top: 0, left: 0, height: 20, width: 30 });
  });
});
