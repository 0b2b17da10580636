import { describe, expect, it } from "vitest";
import { turnTarget } from "../data/turn.ts";
import { type PictureRule, splitRule } from "./pictureRule.ts";
import { picturePresets } from "./presets.ts";
import type { Plane } from "../rule/grid.ts";
import { seedState } from "./seed.ts";
import {
  goalOfInput,
  isOneSeed,
  ONE_SEED,
  placeChannels,
  plantSeeds,
  seedOutside,
  type Seeds,
  startState,
  turnedSeeds,
  turnedStart,
} from "./start.ts";

const { distill, cax, tutorial } = picturePresets;
const GRID: Plane = [5, 8];

/** The channels of a cell. */
const cellOf = (state: Float32Array, [, width]: Plane, y: number, x: number, channels = 16) => [
  ...state.subarray((y * width + x) * channels, (y * width + x + 1) * channels),
];
/** Signs of the hidden channels of the seeds of a start, in letters. */
function signsOf(rule: PictureRule, count: number): string[] {
  const seeds = Array.from({ length: count }, (_, i): Seeds[number] => [0, i]);
  const state = startState(splitRule(rule, seeds), [1, 2 * count]);
  return seeds.map(([, right]) =>
    cellOf(state, [1, 2 * count], 0, count + right, rule.channels)
      .map((value) => (value === 0 ? "." : value > 0 ? "+" : "-"))
      .join(""),
  );
}

describe("startState", () => {
  it.each([distill, cax, tutorial])("of one seed is the seed in the centre, bit for bit", (rule) => {
    expect(startState(splitRule(rule), GRID)).toEqual(seedState(splitRule(rule), GRID));
  });

  it("numbers its seeds by their signs, but for alpha", () => {
    expect(signsOf(distill, 5)).toEqual([
      "...+++++++++++++",
      "...+-+-+-+-+-+-+",
      "...++--++--++--+",
      "...+--++--++--++",
      "...++++----++++-",
    ]);
  });

  it("tells sixteen seeds of the article's rule apart, whose seventeenth is the first again", () => {
    const signs = signsOf(distill, 17);
    expect(new Set(signs).size).toBe(16);
    expect(signs[16]).toBe(signs[0]);
  });

  it("lays the picture of a goal around the centre cell, clipped, beneath its seeds", () => {
    const { start, ...rest } = splitRule({ ...distill, channels: 5, seed: { from: 3, to: 5 } });
    const pictures = {
      grid: [3, 3] as const,
      offset: 1,
      channels: 2,
      data: [3, 7].map((first) => Float32Array.from({ length: 18 }, (_, i) => first + i)),
    };
    const layout = { ...rest, start: { ...start, pictures } };
    const larger = startState(layout, GRID);
    // The picture's middle, cell 4 of 9, is under the seed of the centre cell [2, 4].
    expect(cellOf(larger, GRID, 2, 4, 5)).toEqual([0, 0, 0, 1, 1]);
    expect(cellOf(larger, GRID, 1, 3, 5)).toEqual([0, 3, 4, 0, 0]);
    expect(cellOf(larger, GRID, 3, 5, 5)).toEqual([0, 19, 20, 0, 0]);
    expect(larger.filter((value) => value !== 0)).toHaveLength(8 * 2 + 2);
    expect(cellOf(startState(layout, GRID, undefined, 1), GRID, 1, 3, 5)).toEqual([0, 7, 8, 0, 0]);
    // Of goals that have none of their own, the last.
    expect(startState(layout, GRID, undefined, 5)).toEqual(startState(layout, GRID, undefined, 1));
    expect(startState(layout, [1, 2]).filter((value) => value !== 0)).toEqual(Float32Array.of(9, 10, 1, 1));
    expect([[0, 1, 0], [0.5, 0.5], []].map((input) => goalOfInput(Float32Array.from(input)))).toEqual([
      1, 0, 0,
    ]);
  });

  it("leaves alpha and the picture positive wherever they are", () => {
    const rule: PictureRule = {
      ...distill,
      channels: 6,
      image: { ...distill.image, channels: 3 },
      seed: { from: 0, to: 6 },
    };
    expect(signsOf(rule, 4)).toEqual(["++++++", "++++-+", "+++++-", "++++--"]);
    expect(new Set(signsOf(cax, 3))).toEqual(new Set(["...............+"]));
  });

  it("leaves out what lies outside, and keeps the numbers of the others", () => {
    const seeds = [
      [5, 0],
      [-1, 1],
    ] as const;
    const state = startState(splitRule(distill, seeds), [3, 3]);
    expect(state.filter((value) => value !== 0)).toHaveLength(13);
    expect(cellOf(state, [3, 3], 0, 2)).toEqual([0, 0, 0, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1]);
  });
});

/** Channels 4 and 5 of all cells of six channels, by rows. */
function laid(state: Float32Array, grid: Plane): number[][][] {
  return Array.from({ length: grid[0] }, (_, y) =>
    Array.from({ length: grid[1] }, (_unused, x) => cellOf(state, grid, y, x, 6).slice(4)),
  );
}

describe("given coordinates", () => {
  const coordinates = { channels: [4, 5], box: { top: -1, left: -1, height: 2, width: 3 }, unit: 2 } as const;
  const rule = { ...distill, channels: 6, seed: { from: 3, to: 5 } };
  const layout = splitRule(rule, ONE_SEED, coordinates);
  const NONE = [0, 0];

  it("are laid around the centre cell, and pinned", () => {
    expect(laid(startState(layout, [4, 4]), [4, 4])).toEqual([
      [NONE, NONE, NONE, NONE],
      [NONE, [-0.5, -0.5], [-0.5, 0], [-0.5, 0.5]],
      [NONE, [0, -0.5], [0, 0], [0, 0.5]],
      [NONE, NONE, NONE, NONE],
    ]);
    expect(layout.rule.pinned).toEqual([4, 5]);
    expect(placeChannels(layout)).toEqual([4, 5]);
  });

  it("go with seeds that are planted elsewhere, clipped", () => {
    const state = startState(layout, [4, 4]);
    plantSeeds(state, layout, [4, 4], [0, 3]);
    expect(laid(state, [4, 4]).slice(0, 2)).toEqual([
      [NONE, NONE, [0, -0.5], [0, 0]],
      [NONE, [-0.5, -0.5], [-0.5, 0], [-0.5, 0.5]],
    ]);
  });

  it("are none of a seed outside the box", () => {
    const outside = splitRule({ ...rule, seed: { from: 3, to: 6 } }, [[-2, -2]], coordinates);
    expect(cellOf(startState(outside, [4, 4]), [4, 4], 0, 0, 6)).toEqual([0, 0, 0, 1, 0, 0]);
  });

  it("say what is odd where they are asked to", () => {
    const odd = splitRule({ ...rule, channels: 8 }, ONE_SEED, { ...coordinates, parity: [6, 7] });
    const state = startState(odd, [4, 4]);
    expect(cellOf(state, [4, 4], 1, 2, 8).slice(4)).toEqual([-0.5, 0, 1, -1]);
    expect(cellOf(state, [4, 4], 2, 1, 8).slice(4)).toEqual([0, -0.5, -1, 1]);
    expect(cellOf(state, [4, 4], 0, 1, 8).slice(4)).toEqual([0, 0, 0, 0]);
    expect(placeChannels(odd)).toEqual([4, 5, 6, 7]);
  });

  it.each([90, 180, 270])("turn by %d degrees as pictures do", (degrees) => {
    const grid = [7, 7] as const;
    const straight = startState(layout, grid);
    const turned = startState({ ...layout, start: turnedStart(layout.start, degrees) }, grid);
    const picture = (state: Float32Array) => {
      const data = new Float32Array(49 * 4);
      for (let n = 0; n < 49; n++) data.set(state.subarray(n * 6 + 3, n * 6 + 6), n * 4);
      return { grid, data };
    };
    expect(picture(turned).data).toEqual(turnTarget(picture(straight), degrees, true));
  });

  it("turn by any angle with the cells whose centres lie in the box", () => {
    const start = turnedStart(layout.start, 45);
    const state = startState({ ...layout, start }, [7, 7]);
    // What lay right of the centre lies right and up of it now, root two as far away.
    const [down, right] = cellOf(state, [7, 7], 2, 4, 6).slice(4);
    expect(down).toBeCloseTo(0, 6);
    expect(right).toBeCloseTo(Math.SQRT2 / 2, 6);
    // What lay below is no cell of the box, nor is it now.
    expect(cellOf(state, [7, 7], 4, 4, 6).slice(4)).toEqual(NONE);
    expect(turnedStart(start, -45).coordinates?.degrees).toBe(0);
  });
});

describe("plantSeeds", () => {
  it("plants around a cell, clipped, and leaves the other cells", () => {
    const state = new Float32Array(9 * 16).fill(0.5);
    const seeds = [
      [0, 0],
      [1, 1],
      [-1, 0],
    ] as const;
    plantSeeds(state, splitRule(distill, seeds), [3, 3], [0, 0]);
    const kinds = Array.from({ length: 9 }, (_, n) => state[n * 16 + 3]);
    expect(kinds).toEqual([1, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 0.5]);
  });
});

it("turnedSeeds turns as targets are turned", () => {
  const seeds: Seeds = [
    [-3, 1],
    [0, 4],
    [0, 0],
  ];
  const grid: Plane = [11, 11];
  for (const angle of [0, 90, 180, -90, 450]) {
    const data = new Float32Array(11 * 11 * 4);
    for (const [down, right] of seeds) data[((5 + down) * 11 + 5 + right) * 4 + 3] = 1;
    const turned = turnTarget({ grid, data }, angle, true);
    const expected = turnedSeeds(seeds, angle).map(([down, right]) => (5 + down) * 11 + 5 + right);
    const found = Array.from({ length: 121 }, (_, n) => n).filter((n) => turned[n * 4 + 3] === 1);
    expect(found).toEqual(expected.toSorted((a, b) => a - b));
  }
  expect(turnedSeeds(seeds, 0)).toEqual(seeds);
  expect(turnedSeeds(seeds, 90)).toEqual([
    [-1, -3],
    [-4, 0],
    [0, 0],
  ]);
  expect(turnedSeeds([[0, 10]], 30)).toEqual([[-5, 9]]);
});

it.each<[Seeds, Plane, boolean, number]>([
  [[[0, 0]], [1, 1], true, -1],
  [[[0, 1]], [2, 2], false, 0],
  [[[-1, -1]], [2, 2], false, -1],
  [
    [
      [0, 0],
      [1, 0],
    ],
    [3, 1],
    false,
    -1,
  ],
  [
    [
      [0, 0],
      [0, -1],
    ],
    [3, 1],
    false,
    1,
  ],
])("%j on %j", (seeds, grid, one, outside) => {
  expect(isOneSeed(seeds)).toBe(one);
  expect(seedOutside(seeds, grid)).toBe(outside);
});
