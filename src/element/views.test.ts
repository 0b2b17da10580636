import { describe, expect, it } from "vitest";
import { parameterCount, parameterTable } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { seedState } from "../model/seed.ts";
import { picture, views } from "./views.ts";

const conventions = splitRule(picturePresets.distill);
const { rule, readout } = conventions;
const grid: Plane = [3, 4];
const state = seedState(conventions, grid, [0, 0]);
for (const [cell, value] of [1, 1, -0.5].entries()) state[(cell + 1) * 16 + 9] = value;

const pixels = (view: typeof picture) => {
  const { width, height, data } = view(state, rule, grid, { parameters: new Float32Array(), readout });
  expect([width, height]).toEqual([4, 3]);
  return Array.from({ length: 12 }, (_, n) => [...data.subarray(4 * n, 4 * n + 4)]);
};

const ZERO = [245, 244, 240, 255];

it("draws the picture, clear where there is none", () => {
  expect(pixels(picture)).toEqual([[0, 0, 0, 255], ...Array.from({ length: 11 }, () => [0, 0, 0, 0])]);
});

it("draws the alive channel of a model without a picture", () => {
  const { data } = picture(state, rule, grid, { parameters: new Float32Array(), readout: null });
  const black = [0, 0, 0, 255];
  const expected = [[255, 255, 255, 255], ...Array.from({ length: 11 }, () => black)];
  expect([...data]).toEqual(expected.flat());
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

describe("views of what cells compute", () => {
  /** Two channels that see themselves and nothing else; three hidden units. */
  const small: Rule = {
    ...rule,
    channels: 2,
    kernels: ["identity", "laplacian"],
    hidden: [3],
    alive: { mask: "none", channel: 0, threshold: 0.1 },
  };
  const count = parameterCount(small);
  /** Units 0 and 1 hold channel 0, once and twice; the step adds minus their sum to channel 1. */
  const parameters = new Float32Array(count);
  parameters[0] = 1;
  parameters[1] = 2;
  const last = parameterTable(small).find(({ name }) => name === "update.1.weight")!;
  parameters[last.offset + 1] = parameters[last.offset + 3] = -1;
  const cells = new Float32Array(24);
  cells[2 * 5] = 1;
  cells[2 * 6 + 1] = -2;

  const draw = (name: string, shown = cells) => {
    const [view, ...argument] = name.split(":");
    const { width, height, data, tiles } = views[view](argument.join(":"))(shown, small, grid, {
      parameters,
      readout: null,
    });
    const at = (x: number, y: number) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
    return { size: [width, height, tiles], at };
  };
  const [BLUE, RED, DARK] = [
    [8, 48, 107, 255],
    [112, 10, 30, 255],
    [6, 44, 46, 255],
  ];

  it("lays channels out in a square, each on its own scale, and leaves the rest clear", () => {
    const { size, at } = draw("channels");
    expect(size).toEqual([8, 6, 2]);
    expect([at(1, 1), at(4 + 2, 1), at(4 + 1, 1), at(2, 1)]).toEqual([RED, BLUE, ZERO, ZERO]);
    expect([at(0, 3), at(7, 5)]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("draws perception by kernel and channel", () => {
    const all = draw("perception");
    expect(all.size).toEqual([8, 6, 2]);
    // The identity of both channels, and below the Laplacian of both: 0.75 times as much, negative, and a scale of its own.
    expect([all.at(1, 1), all.at(4 + 2, 1), all.at(1, 3 + 1), all.at(4 + 2, 3 + 1)]).toEqual([
      RED,
      BLUE,
      BLUE,
      RED,
    ]);
    const one = draw("perception:1");
    expect([one.size, one.at(1, 1), one.at(6, 1)]).toEqual([[8, 6, 2], BLUE, RED]);
    const single = draw("perception:1:1");
    expect([single.size, single.at(2, 1), single.at(0, 1)]).toEqual([[4, 3, 1], RED, ZERO]);
  });

  it("draws hidden units on one scale", () => {
    // Two cells in three, so that the largest number is no outlier.
    const some = cells.map((_, i) => Number(i % 2 === 0 && i % 6 > 0));
    const { size, at } = draw("hidden", some);
    expect(size).toEqual([8, 6, 2]);
    // Half of the largest lies half way between two of the scale's six colours.
    expect([at(5, 1), at(1, 1), at(1, 4), at(0, 0)]).toEqual([DARK, [82, 169, 148, 255], ZERO, ZERO]);
    expect(at(5, 4)).toEqual([0, 0, 0, 0]);
    expect(draw("hidden:1", some).at(1, 1)).toEqual(DARK);
    expect(draw("hidden:99", some).at(1, 1)).toEqual(ZERO);
  });

  it("draws the update", () => {
    const all = draw("update");
    expect([all.size, all.at(5, 1), all.at(1, 1)]).toEqual([[8, 6, 2], BLUE, ZERO]);
    expect(draw("update:1").at(1, 1)).toEqual(BLUE);
  });

  it("draws nothing where there is no hidden layer", () => {
    const flat: Rule = { ...small, hidden: [] };
    const none = new Float32Array(parameterCount(flat));
    const { width, data } = views.hidden("")(cells, flat, grid, { parameters: none, readout: null });
    expect([width, data.every((byte) => byte === 0)]).toEqual([4, true]);
  });
});
