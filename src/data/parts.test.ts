import { describe, expect, it } from "vitest";
import type { Seeds } from "../model/start.ts";
import type { Target } from "./image.ts";
import { findSeeds, partsOf, reachOf } from "./parts.ts";

const THRESHOLD = 0.1;
const ALPHA: Readonly<Record<string, number>> = { ".": 0, "-": 0.1, "+": 0.11, "#": 1 };

/** A picture drawn in letters: `#` opaque, `+` just above the threshold, `-` at it, `.` empty. */
function drawn(rows: readonly string[]): Target {
  const data = rows.flatMap((row) => row.split("").flatMap((letter) => [0, 0, 0, ALPHA[letter]]));
  return { grid: [rows.length, rows[0].length], data: Float32Array.from(data) };
}

/** The parts of a picture, each in a letter of its own, the largest in `a`. */
function partsIn(rows: readonly string[]): string[] {
  const { grid, ...rest } = drawn(rows);
  const letters = rows.map((row) => Array.from(row, () => "."));
  for (const [i, part] of partsOf({ grid, ...rest }, THRESHOLD).entries()) {
    for (const cell of part) letters[Math.floor(cell / grid[1])][cell % grid[1]] = "abcdefghijklmnopqrst"[i];
  }
  return letters.map((row) => row.join(""));
}

/** A picture with the number of each seed in its cell. */
function seeded(rows: readonly string[]): string[] {
  const target = drawn(rows);
  const [height, width] = target.grid;
  const letters = rows.map((row) => row.split(""));
  for (const [k, [down, right]] of findSeeds(target, THRESHOLD).entries()) {
    letters[(height >> 1) + down][(width >> 1) + right] = k.toString(16);
  }
  return letters.map((row) => row.join(""));
}

describe("partsOf", () => {
  it("joins diagonal neighbours, and counts what exceeds the threshold", () => {
    const rows = ["##.....+", "##....+.", "..#..+..", "-.......", "........", "###.....", "###....."];
    expect(partsIn(rows)).toEqual([
      "bb.....c",
      "bb....c.",
      "..b..c..",
      "........",
      "........",
      "aaa.....",
      "aaa.....",
    ]);
  });

  it("leaves specks out that a larger part is near enough to grow", () => {
    const rows = ["#####...#", "#####....", ".........", "##.......", "......###", ".......##", "#........"];
    expect(partsIn(rows)).toEqual([
      "aaaaa...c",
      "aaaaa....",
      ".........",
      ".........",
      "......bbb",
      ".......bb",
      "d........",
    ]);
  });

  it("keeps a row of dots, none of which is larger than the others", () => {
    expect(partsIn(["#.#.#"])).toEqual(["a.b.c"]);
  });
});

describe("findSeeds", () => {
  it("stays in the centre of a picture that has it", () => {
    const rows = ["........", "...###..", "..#####.", "..#####.", "..####..", "........"];
    expect(findSeeds(drawn(rows), THRESHOLD)).toEqual([[0, 0]]);
  });

  it("has one in each of two bars, the longer one first", () => {
    expect(
      seeded([
        "..........",
        "..##......",
        "..##..##..",
        "..##..##..",
        "..##..##..",
        "..##..##..",
        "..........",
      ]),
    ).toEqual([
      "..........",
      "..##......",
      "..##..##..",
      "..#0..1#..",
      "..##..##..",
      "..##..##..",
      "..........",
    ]);
  });

  it("has one in each part of two exclamation marks", () => {
    expect(
      seeded([
        ".##...##.",
        ".##...##.",
        ".##...##.",
        ".##...##.",
        ".........",
        ".........",
        ".........",
        ".##...##.",
        ".##...##.",
      ]),
    ).toEqual([
      ".##...##.",
      ".##...##.",
      ".#0...1#.",
      ".##...##.",
      ".........",
      ".........",
      ".........",
      ".#2...3#.",
      ".##...##.",
    ]);
  });

  it("lies in the dough of a ring, at no end of it", () => {
    const rows = [
      ".........",
      "..#####..",
      ".#.....#.",
      ".#.....#.",
      ".#.....#.",
      ".#.....#.",
      "..#####..",
      ".........",
    ];
    const seeds = findSeeds(drawn(rows), THRESHOLD);
    expect(seeds).toHaveLength(1);
    const [[down, right]] = seeds;
    expect(rows[4 + down][4 + right]).toBe("#");
    // Half way around the ring of 18 cells, whichever cell that is.
    expect(reachOf(drawn(rows), THRESHOLD, seeds)).toBe(9);
  });

  it("moves to the middle of a long snake, whose end is the centre", () => {
    const rows = [
      "...........",
      ".#########.",
      ".........#.",
      ".....###.#.",
      ".......#.#.",
      ".......###.",
      "...........",
    ];
    expect(seeded(rows)).toEqual([
      "...........",
      ".#######0#.",
      ".........#.",
      ".....###.#.",
      ".......#.#.",
      ".......###.",
      "...........",
    ]);
    const target = drawn(rows);
    expect(reachOf(target, THRESHOLD, [[0, 0]])).toBe(14);
    expect(reachOf(target, THRESHOLD, findSeeds(target, THRESHOLD))).toBe(7);
  });

  it.each([
    [".#####.", [[0, 0]]],
    ["#######.......", [[0, -4]]],
    // 6 cells from the centre to the left end, 4 from the best place: just near enough; then 7, too far.
    ["#########....", [[0, 0]]],
    ["#########.....", [[0, -3]]],
  ] as const)("of a line %j is %j", (row, seeds) => {
    expect(findSeeds(drawn([row]), THRESHOLD)).toEqual(seeds);
  });

  it("has at most 16, in the largest parts", () => {
    const bars = Array.from({ length: 20 }, (_, i) => (i === 19 ? "##" : "#"));
    const seeds = findSeeds(drawn([bars.join("....")]), THRESHOLD);
    expect(seeds).toHaveLength(16);
    // The last part is the largest; of equals, the first come first.
    expect(seeds.slice(0, 3)).toEqual([
      [0, 47],
      [0, -48],
      [0, -43],
    ]);
  });

  it("is one in the centre where nothing is above the threshold", () => {
    expect(findSeeds(drawn(["---", "---"]), THRESHOLD)).toEqual([[0, 0]]);
  });

  it("finds places in a large picture in time that grows with it", () => {
    const side = 200;
    const rows = Array.from({ length: side }, (_, y) =>
      y % 4 === 0
        ? "#".repeat(side)
        : (y % 8 < 4 ? "." : "#").padEnd(side - 1, ".") + (y % 8 < 4 ? "#" : "."),
    );
    const [[down, right]] = findSeeds(drawn(rows), THRESHOLD);
    expect(rows[100 + down][100 + right]).toBe("#");
  });
});

const reach = (rows: readonly string[], seeds: Seeds) => reachOf(drawn(rows), THRESHOLD, seeds);

describe("reachOf", () => {
  it("goes around what is empty, and from the nearest seed", () => {
    const horseshoe = ["#####", "#....", "#####"];
    expect(reach(horseshoe, [[-1, 2]])).toBe(8);
    expect(
      reach(horseshoe, [
        [-1, 2],
        [1, 2],
      ]),
    ).toBe(4);
  });

  it("goes on to parts without a seed, and begins in a hole where the seed lies there", () => {
    expect(reach(["##...##"], [[0, -3]])).toBe(6);
    expect(reach(["#####", "#...#", "#...#", "#...#", "#####"], [[0, 0]])).toBe(2);
  });
});
