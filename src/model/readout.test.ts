import { describe, expect, it } from "vitest";
import { classOf, isDrawnFor, isWithinChannels, readoutSchema } from "./readout.ts";

const readout = { offset: 0, channels: 1, premultiplied: false } as const;

const parse = (names?: string[]) =>
  readoutSchema.safeParse({ ...readout, classes: { offset: 1, count: 2, ...(names && { names }) } });

describe("a readout with classes", () => {
  it("lies within the channels with its scores, too", () => {
    const classes = { offset: 3, count: 2 };
    expect(isWithinChannels({ ...readout, classes }, { channels: 5 })).toBe(true);
    expect(isWithinChannels({ ...readout, classes }, { channels: 4 })).toBe(false);
    expect(isWithinChannels(readout, { channels: 1 })).toBe(true);
  });

  it("is drawn for where cells are given a picture that no step changes", () => {
    const drawn = (change: object, pinned?: number[]) =>
      isDrawnFor({ rule: { pinned }, readout: { ...readout, ...change } });
    expect([
      drawn({}, [0]),
      drawn({}),
      drawn({ offset: 2 }, [0]),
      drawn({ offset: 2, given: 0 }, [0]),
    ]).toEqual([true, false, false, true]);
    expect(isDrawnFor({ rule: { pinned: [0] }, readout: null })).toBe(false);
    expect(isWithinChannels({ ...readout, given: 4 }, { channels: 4 })).toBe(false);
  });

  it("has a name for each class, or none", () => {
    expect(parse().success).toBe(true);
    expect(parse(["a", "b"]).success).toBe(true);
    expect(parse(["a"]).error?.issues[0].message).toBe("must be as many as there are classes");
  });

  it("names the class of highest score, the first of equals, and none where nothing is scored", () => {
    const classes = { offset: 1, count: 3 };
    const state = Float32Array.of(9, 0, 2, 2, 9, -3, -1, -2, 9, 0, 0, 0, 9, 0, -1, -1);
    expect([0, 4, 8, 12].map((cell) => classOf(state, cell, classes))).toEqual([1, 1, -1, 0]);
  });
});
