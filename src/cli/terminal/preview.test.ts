import { describe, expect, it } from "vitest";
import type { Raster } from "../../data/image.ts";
import { beside, halfBlocks, reduce, trim } from "./preview.ts";

const RED = [255, 0, 0, 255];
const BLUE = [0, 0, 255, 255];
const NONE = [0, 0, 0, 0];

function raster(width: number, pixels: number[][]): Raster {
  return { width, height: pixels.length / width, data: Uint8ClampedArray.from(pixels.flat()) };
}

describe("halfBlocks", () => {
  it("shows two pixels a character, and the terminal's background where there is nothing", () => {
    const picture = raster(4, [RED, NONE, RED, NONE, BLUE, BLUE, NONE, NONE]);
    const reset = "\x1b[0m";
    const blue = "\x1b[38;2;0;0;255m";
    const red = "\x1b[38;2;255;0;0m";
    expect(halfBlocks(picture)).toEqual([
      `${reset}${red}\x1b[48;2;0;0;255m▀${reset}${blue}▄${reset}${red}▀${reset} ${reset}`,
    ]);
  });

  it("changes colours only where they change, darkens by alpha, and pads an odd height", () => {
    const faint = [200, 100, 0, 51];
    expect(halfBlocks(raster(2, [faint, faint]))).toEqual(["\x1b[0m\x1b[38;2;40;20;0m▀▀\x1b[0m"]);
  });
});

describe("reduce", () => {
  it("leaves what fits alone", () => {
    const picture = raster(2, [RED, BLUE]);
    expect(reduce(picture, 2, 1)).toBe(picture);
  });

  it("keeps the aspect and averages, colours by alpha", () => {
    const picture = raster(4, [RED, RED, RED, NONE, RED, BLUE, NONE, NONE]);
    const { width, height, data } = reduce(picture, 2, 9);
    expect([width, height]).toEqual([2, 1]);
    expect([...data]).toEqual([191, 0, 64, 255, 255, 0, 0, 64]);
  });
});

it("trims a border", () => {
  const rows = [NONE, NONE, NONE, NONE, RED, NONE, NONE, NONE, NONE];
  expect(trim(raster(3, rows), 1)).toEqual(raster(1, [RED]));
});

it("puts blocks side by side", () => {
  expect(
    beside(
      [
        ["a", "b"],
        ["c", "d"],
      ],
      "  ",
    ),
  ).toEqual(["a  c", "b  d"]);
});
