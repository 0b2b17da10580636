import { describe, expect, it } from "vitest";
import {
  damageAt,
  type Kind,
  listOf,
  number,
  oneOf,
  orAuto,
  positive,
  range,
  repeatable,
  whole,
} from "./values.ts";

const cases: [name: string, kind: Kind<unknown>, good: [string, unknown][], bad: string[]][] = [
  [
    "whole",
    whole(1, 1000),
    [
      ["1", 1],
      ["1000", 1000],
      ["+7", 7],
      ["1e3", 1000],
      ["8.0", 8],
    ],
    [
      "0",
      "1001",
      "-3",
      "7.5",
      "12x",
      "x12",
      "0x10",
      "NaN",
      "Infinity",
      "1e999",
      "",
      " ",
      "5 6",
      "1_000",
      "٣",
    ],
  ],
  [
    "number",
    number(-1, 1),
    [
      ["0.25", 0.25],
      [".5", 0.5],
      ["-1", -1],
      ["1e-3", 1e-3],
      ["-0", 0],
    ],
    ["1.0001", "-2", "1e", "--1", "1,5", "NaN", ""],
  ],
  [
    "positive",
    positive(100),
    [
      ["1e-9", 1e-9],
      ["100", 100],
    ],
    ["0", "-0", "100.1", "-1", "x"],
  ],
  [
    "orAuto",
    orAuto(whole(1, 4)),
    [
      ["auto", "auto"],
      ["4", 4],
    ],
    ["5", "Auto", "two"],
  ],
  [
    "range",
    range(1, 100),
    [
      ["48..64", [48, 64]],
      ["7", [7, 7]],
    ],
    ["64..48", "0..4", "1..101", "1..x", "x..1", "1..2..3", "1...2", "..", "1-2"],
  ],
  [
    "listOf",
    listOf(whole(0, 9)),
    [
      ["7", [7]],
      ["3,1, 3", [3, 1, 3]],
    ],
    ["", ",", "1,", "1,,2", "1;2", "1,10"],
  ],
  ["oneOf", oneOf(["a", "b"]), [["b", "b"]], ["c", "A", ""]],
  [
    "damageAt",
    damageAt,
    [
      ["circle@0", { kind: "circle", step: 0 }],
      ["half-left@200", { kind: "half-left", step: 200 }],
    ],
    ["circle", "circle@", "circle@-1", "circle@1.5", "square@3", "circle@3@4", "@3"],
  ],
];

describe.each(cases)("%s", (_name, kind, good, bad) => {
  it.each(good)("reads %j", (text, value) => expect(kind.parse(text)).toStrictEqual(value));
  it.each(bad)("refuses %j", (text) => expect(kind.parse(text)).toBeUndefined());
});

describe("an option", () => {
  it("says what is wrong and what would be right", () => {
    const parse = repeatable("--size <cells>", "", whole(4, 512)).parseArg!;
    expect(parse("4", undefined)).toEqual([4]);
    expect(parse("5", [4])).toEqual([4, 5]);
    expect(() => parse("3", undefined)).toThrow("--size is 3; it must be a whole number from 4 to 512");
    expect(() => parse("x", undefined)).toThrow('--size is "x"; it must be a whole number from 4 to 512');
  });
});
