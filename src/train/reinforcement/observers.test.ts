import { describe, expect, it } from "vitest";
import type { StateWindow } from "../../engine/window.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { CELLS, fakeAutoencoder, GRID } from "./fakes.case.ts";
import { latentObserver, pixelObserver, stateObserver, type Observer } from "./observers.ts";

const first = splitRule({ ...picturePresets.distill, channels: 6 });
const cax = { ...picturePresets.cax, channels: 6 };
/** RGBA last. */
const last = splitRule({ ...cax, image: { ...cax.image, offset: 2 } });
const grey = splitRule({ ...cax, image: { offset: 5, channels: 1, premultiplied: false } });

/** Whole numbers, so that sums are exact. */
const wholes = (count: number, factor: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * factor) % 13) - 6);
/** Rows 1 and 2, columns 3 to 5. */
const state: StateWindow = { top: 1, left: 3, height: 2, width: 3, data: wholes(36, 5) };
const other: StateWindow = { top: 0, left: 0, height: 6, width: 6, data: wholes(216, 7) };
const empty: StateWindow = { top: 0, left: 0, height: 0, width: 0, data: new Float32Array(0) };
const target = wholes(CELLS * 4, 3);

/** A state's number; 0 outside the window. */
function numberOf({ top, left, height, width, data }: StateWindow, y: number, x: number, channel: number) {
  const [row, column] = [y - top, x - left];
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  return inside ? data[(row * width + column) * 6 + channel] : 0;
}

/** An array (H, W, K) as a function of row, column and channel. */
const arrayOf = (channels: number, at: (y: number, x: number, k: number) => number) =>
  Float32Array.from({ length: CELLS * channels }, (_, i) => {
    const cell = Math.floor(i / channels);
    return at(Math.floor(cell / 6), cell % 6, i % channels);
  });

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

describe("pixelObserver", () => {
  it.each([
    ["first", first, 0, 4],
    ["last", last, 2, 4],
    ["of one grey channel", grey, 5, 1],
  ] as const)("shows image channels that are %s", async (_, layout, offset, width) => {
    const pictures = await pixelObserver(layout, GRID, null).observe([state, other, empty]);
    for (const [i, own] of [state, other, empty].entries()) {
      expect(pictures[i]).toEqual(arrayOf(width, (y, x, k) => numberOf(own, y, x, offset + k)));
    }
  });

  it.each([
    ["RGBA", last, 2, 4],
    ["the first of RGBA", grey, 5, 1],
  ] as const)("takes away the target: %s", async (_, layout, offset, width) => {
    const pictures = await pixelObserver(layout, GRID, target).observe([state, empty]);
    for (const [i, own] of [state, empty].entries()) {
      const expected = arrayOf(
        width,
        (y, x, k) => numberOf(own, y, x, offset + k) - target[(y * 6 + x) * 4 + k],
      );
      expect(pictures[i]).toEqual(expected);
    }
  });
});

describe("stateObserver", () => {
  it("shows all channels", async () => {
    const [seen] = await stateObserver(last, GRID, null).observe([state]);
    expect(seen).toEqual(arrayOf(6, (y, x, k) => numberOf(state, y, x, k)));
  });

  it("takes the target from the picture alone, and leaves the state", async () => {
    const before = other.data.slice();
    const [, seen] = await stateObserver(last, GRID, target).observe([state, other]);
    const picture = (y: number, x: number, k: number) => (k < 2 ? 0 : target[(y * 6 + x) * 4 + k - 2]);
    expect(seen).toEqual(arrayOf(6, (y, x, k) => numberOf(other, y, x, k) - picture(y, x, k)));
    expect(other.data).toEqual(before);
  });
});

describe("pullback", () => {
  it.each<[string, Observer, number]>([
    ["pixels", pixelObserver(first, GRID, null), 4],
    ["pixels that come last", pixelObserver(last, GRID, null), 4],
    ["pixels less the target", pixelObserver(last, GRID, target), 4],
    ["one grey channel", pixelObserver(grey, GRID, target), 1],
    ["states", stateObserver(last, GRID, null), 6],
    ["states less the target", stateObserver(last, GRID, target), 6],
  ])("is the adjoint of seeing: %s", async (_, view, width) => {
    const cotangents = [wholes(CELLS * width, 11), wholes(CELLS * width, 4)];
    const pulled = await view.pullback([other, state], cotangents);
    const move = wholes(216, 8);
    const moved = { ...other, data: other.data.map((value, i) => value + move[i]) };
    const [from] = await view.observe([other]);
    const [to] = await view.observe([moved]);
    const seen = to.map((value, i) => value - from[i]);
    expect(Math.abs(dot(seen, cotangents[0]))).toBeGreaterThan(10);
    // Sums of whole numbers are exact.
    expect(dot(seen, cotangents[0])).toBe(dot(move, pulled[0]));
    // Of a window, the whole grid is looked at.
    expect(pulled[1]).toHaveLength(216);
    expect(dot(move, pulled[1])).toBe(dot(seen, cotangents[1]));
  });
});

describe("latentObserver", () => {
  it("encodes pictures with the numbers of the moment, and pulls back through them", async () => {
    const { network } = fakeAutoencoder(3);
    let parameters = network.initial;
    const view = latentObserver(last, GRID, network, () => parameters);
    const pictures = await pixelObserver(last, GRID, null).observe([state, other]);
    const cotangents = [wholes(3, 5), wholes(3, 7)];
    for (const factor of [1, 2]) {
      parameters = network.initial.map((value) => value * factor);
      expect(await view.observe([state, other])).toEqual(await network.encode(parameters, pictures));
      const inPictures = await network.pullback(parameters, pictures, cotangents);
      const pulled = await view.pullback([state, other], cotangents);
      for (const [i, slopes] of inPictures.entries()) {
        const expected = arrayOf(6, (y, x, k) => (k < 2 ? 0 : slopes[(y * 6 + x) * 4 + k - 2]));
        expect(pulled[i]).toEqual(expected);
      }
    }
  });
});
