import { describe, expect, it } from "vitest";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { colourStroke, eraseStroke, fillStroke, type Place } from "./stroke.ts";

/** Rows of a full 6 x 8 grid of two channels after a stroke: "#" where a cell is still whole. */
function erased(from: Place, to: Place, radius: number): string[] {
  const state = new Float32Array(6 * 8 * 2).fill(1);
  eraseStroke(state, [6, 8], 2, from, to, radius);
  return Array.from({ length: 6 }, (_, y) =>
    Array.from({ length: 8 }, (_unused, x) => {
      const cell = state.slice((y * 8 + x) * 2, (y * 8 + x) * 2 + 2);
      expect(cell[0]).toBe(cell[1]);
      return cell[0] === 1 ? "#" : ".";
    }).join(""),
  );
}

describe("eraseStroke", () => {
  it("leaves channels that are to be kept", () => {
    const state = new Float32Array(3 * 3).fill(1);
    eraseStroke(state, [1, 3], 3, { x: 0.5, y: 0.5 }, { x: 1.5, y: 0.5 }, 0.5, [1]);
    expect([...state]).toEqual([0, 1, 0, 0, 1, 0, 1, 1, 1]);
  });

  it("erases a disc where the brush stands still", () => {
    const at = { x: 3.5, y: 2.5 };
    expect(erased(at, at, 1)).toEqual([
      "########",
      "###.####",
      "##...###",
      "###.####",
      "########",
      "########",
    ]);
  });

  it("erases at least the cell under a brush of one cell", () => {
    const at = { x: 7.99, y: 5.99 };
    expect(erased(at, at, 1)[5]).toBe("#######.");
  });

  it("erases all along a line", () => {
    expect(erased({ x: 1.5, y: 1.5 }, { x: 6.5, y: 4.5 }, 0.8)).toEqual([
      "########",
      "#..#####",
      "##...###",
      "###...##",
      "#####..#",
      "########",
    ]);
  });

  it("may begin and end beyond the grid", () => {
    expect(erased({ x: -50, y: 0.5 }, { x: 80, y: 0.5 }, 0.5)).toEqual([
      "........",
      "########",
      "########",
      "########",
      "########",
      "########",
    ]);
    const far = { x: 90, y: -90 };
    expect(erased(far, far, 3).join("")).toBe("#".repeat(48));
  });
});

describe("fillStroke", () => {
  it("fills a map of cells with a number, and leaves the rest", () => {
    const cells = new Uint8Array(3 * 5).fill(1, 10);
    fillStroke(cells, [3, 5], 1, { x: 1.5, y: 0.5 }, { x: 3.5, y: 0.5 }, 1, 2);
    expect([...cells]).toEqual([2, 2, 2, 2, 2, 0, 2, 2, 2, 0, 1, 1, 1, 1, 1]);
  });
});

const rest = (count: number) => Array.from({ length: count }, () => 0.25);

describe("colourStroke", () => {
  const at = { x: 1.5, y: 0.5 };
  const coloured = (conventions: PictureRule) => {
    const { rule, readout } = splitRule(conventions);
    const state = new Float32Array(3 * rule.channels).fill(0.25);
    colourStroke(state, { rule, readout }, [1, 3], at, at, 0.5, [1, 0.5, 0]);
    const { channels } = rule;
    expect([...state.slice(0, channels), ...state.slice(2 * channels)]).toEqual(rest(2 * channels));
    return Array.from(state.subarray(channels, 2 * channels));
  };

  it("changes the picture, opaque, and leaves hidden channels", () => {
    expect(coloured(picturePresets.distill)).toEqual([1, 0.5, 0, 1, ...rest(12)]);
    expect(coloured(picturePresets.cax)).toEqual([...rest(12), 1, 0.5, 0, 1]);
  });

  it("makes cells live where alpha is no part of the picture, and greys where there are no colours", () => {
    const { image } = picturePresets.distill;
    expect(coloured({ ...picturePresets.distill, image: { ...image, channels: 3 } })).toEqual([
      1,
      0.5,
      0,
      1,
      ...rest(12),
    ]);
    const [grey, ...others] = coloured({ ...picturePresets.distill, image: { ...image, channels: 1 } });
    // 0.299 + 0.5 * 0.587, in single precision.
    expect(grey).toBeCloseTo(0.5925, 6);
    expect(others).toEqual([...rest(2), 1, ...rest(12)]);
  });

  it("paints the picture that cells are given, too", () => {
    const image = { offset: 6, channels: 4, premultiplied: true, given: 1 } as const;
    const alive = { ...picturePresets.distill.alive, channel: 0 };
    const colour = [1, 0.5, 0, 1];
    expect(coloured({ ...picturePresets.distill, image, alive })).toEqual([
      1,
      ...colour,
      0.25,
      ...colour,
      ...rest(6),
    ]);
  });
});
