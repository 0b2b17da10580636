/** Figures that need no trained automaton. */
import { startState, stepForward } from "neoblast";
import { describe, expect, it } from "vitest";
import { borderOf, withTrial } from "./clock.ts";
import { inWords, signedColour } from "./colours.ts";
import { neighbourhood } from "./cell.ts";
import { countKinds, kindsOf } from "./life.ts";
import { greyOf, greyRule, SOBEL, seenBy, stillPicture, total } from "./sobel.ts";

/** A grey picture by its digits, 9 white. */
const picture = (rows: string) => Float32Array.from(rows.replaceAll(/\s/g, ""), (digit) => Number(digit) / 9);

describe("Sobel filters", () => {
  it("are the weights that the figure shows, divided by 8, in every cell", () => {
    const grey = picture("01000 09990 03990 00900 00000");
    const seen = seenBy(grey, 5);
    for (let n = 0; n < 25; n++) {
      const around = neighbourhood(grey, [5, 5], 1, [Math.floor(n / 5), n % 5]);
      for (const filter of ["x", "y"] as const) {
        const sum = around.reduce((left, value, i) => left + value * SOBEL[filter][i], 0);
        expect(seen[filter][n]).toBeCloseTo(sum / 8, 6);
      }
    }
  });

  it("see a line that lies flat by y, and one that stands by x", () => {
    const flat = seenBy(picture("0000000 0000000 0000000 9999999 0000000 0000000 0000000"), 7);
    const upright = seenBy(picture("0009000".repeat(7)), 7);
    expect(total(flat.y)).toBeGreaterThan(4 * total(flat.x));
    expect(total(upright.x)).toBeGreaterThan(4 * total(upright.y));
  });

  it("look at a picture that stays as it is", () => {
    const model = stillPicture(picture("0123 4567 8910 0000"), 4);
    const state = startState(model, [4, 4]);
    const { next } = stepForward({ ...model, grid: [4, 4] }, state, new Uint8Array(16).fill(1));
    expect([...next]).toEqual([...picture("0123 4567 8910 0000")]);
  });

  it("get brightness from colours, and nothing from what is clear", () => {
    const grey = greyOf(Uint8ClampedArray.of(255, 255, 255, 255, 255, 0, 0, 255, 255, 255, 255, 0));
    expect(Array.from(grey, (value) => value.toFixed(3))).toEqual(["1.000", "0.299", "0.000"]);
  });
});

it("nine mature cells keep eighty-one alive", () => {
  const alpha = new Float32Array(81);
  for (const row of [1, 4, 7]) for (const column of [1, 4, 7]) alpha[9 * row + column] = 0.6;
  expect(countKinds(kindsOf(greyRule, [9, 9], alpha))).toEqual({ empty: 0, growing: 72, mature: 9 });
  alpha[9 * 4 + 4] = 0.05;
  expect(countKinds(kindsOf(greyRule, [9, 9], alpha))).toEqual({ empty: 9, growing: 64, mature: 8 });
});

const trials = (...rates: readonly (readonly [number, boolean])[]) =>
  rates.reduce<ReturnType<typeof withTrial>>(
    (known, [rate, stands]) => withTrial(known, { rate, stands }),
    [],
  );

describe("the border between fire rates", () => {
  it("is found where a rate works and one close above it does not", () => {
    expect(borderOf(trials([0.9, false], [0.8, true]), 0.1)).toEqual([0.8, 0.9]);
    expect(borderOf(trials([0.5, true], [0.9, false]), 0.1)).toBeUndefined();
    expect(borderOf(trials([0.5, true]), 0.1)).toBeUndefined();
    expect(borderOf(trials([0.5, false]), 0.1)).toBeUndefined();
    expect(borderOf([], 0.1)).toBeUndefined();
  });

  it("goes by the latest trial of a rate", () => {
    expect(borderOf(trials([0.9, true], [0.8, true], [0.9, false]), 0.1)).toEqual([0.8, 0.9]);
  });
});

it("numbers are written with a real minus, and zero without", () => {
  expect([inWords(-0.126), inWords(-0.001), inWords(2, 0)]).toEqual(["−0.13", "0.00", "2"]);
});

it("numbers below zero are blue, above it red, and zero is clear", () => {
  const [[redBelow, , blueBelow, opacityBelow], [redAbove, , blueAbove], zero] = [-1, 1, 0].map(signedColour);
  expect(blueBelow).toBeGreaterThan(redBelow);
  expect(redAbove).toBeGreaterThan(blueAbove);
  expect([opacityBelow, zero[3]]).toEqual([255, 0]);
});
