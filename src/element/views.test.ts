import { expect, it } from "vitest";
import { rulePresets } from "../rule/presets.ts";
import type { Grid } from "../rule/rule.ts";
import { seedState } from "../rule/seed.ts";
import { picture, views } from "./views.ts";

const rule = rulePresets.distill;
const grid: Grid = [3, 4];
const state = seedState(rule, grid, [0, 0]);
for (const [cell, value] of [1, 1, -0.5].entries()) state[(cell + 1) * 16 + 9] = value;

const pixels = (view: typeof picture) => {
  const { width, height, data } = view(state, rule, grid);
  expect([width, height]).toEqual([4, 3]);
  return Array.from({ length: 12 }, (_, n) => [...data.subarray(4 * n, 4 * n + 4)]);
};

const ZERO = [245, 244, 240, 255];

it("draws the picture, clear where there is none", () => {
  expect(pixels(picture)).toEqual([[0, 0, 0, 255], ...Array.from({ length: 11 }, () => [0, 0, 0, 0])]);
});

it("draws kinds of cells", () => {
  const growing = [236, 146, 106, 255];
  const expected = Array.from({ length: 12 }, () => ZERO);
  expected[0] = [12, 92, 83, 255];
  for (const n of [1, 4, 5]) expected[n] = growing;
  expect(pixels(views.alive(""))).toEqual(expected);
});

it.each([
  ["9", 1, -0.5],
  ["4", 1, 0],
  ["0", 0, 0],
  ["99", 1, 0],
  ["none", 0, 0],
])("draws channel %s by its own magnitude", (name, first, fourth) => {
  const colours = new Map([
    [1, [112, 10, 30, 255]],
    [0, ZERO],
    // Half of the largest, two stops of four from the middle.
    [-0.5, [122, 173, 214, 255]],
  ]);
  const drawn = pixels(views.channel(name));
  expect([drawn[0], drawn[3]]).toEqual([colours.get(first), colours.get(fourth)]);
});
