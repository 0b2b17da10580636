import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { decodeIdx, idxPictures } from "./idx.ts";

/** An IDX file of unsigned bytes that counts up, or of another type. */
function idx(shape: readonly number[], { type = 8, length }: { type?: number; length?: number } = {}) {
  const sizes = shape.flatMap((side) => [side >>> 24, (side >>> 16) & 255, (side >>> 8) & 255, side & 255]);
  const count = length ?? shape.reduce((product, side) => product * side, 1);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...Array.from({ length: count }, (_, i) => i)]);
}

describe("decodeIdx", () => {
  it("reads labels and pictures", () => {
    expect(decodeIdx(idx([3]))).toEqual({ shape: [3], data: Uint8Array.of(0, 1, 2) });
    expect(decodeIdx(idx([2, 1, 2]), "pictures")).toEqual({
      shape: [2, 1, 2],
      data: Uint8Array.of(0, 1, 2, 3),
    });
  });

  it("reads sizes as big-endian, wherever the bytes lie in their buffer", () => {
    const file = idx([300]);
    const shifted = new Uint8Array(file.length + 5);
    shifted.set(file, 5);
    expect(decodeIdx(shifted.subarray(5), "labels")).toMatchObject({ shape: [300] });
  });

  it.each<[string, Uint8Array, "labels" | "pictures" | undefined, string]>([
    [
      "an empty file",
      new Uint8Array(0),
      undefined,
      "too short for an IDX file: 0 bytes, of which the header alone has 8",
    ],
    [
      "another format",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      undefined,
      "not an IDX file: it begins with the bytes 89 50 4e 47 instead of 00 00 08",
    ],
    [
      "a type that there is not",
      idx([3], { type: 7 }),
      undefined,
      "not an IDX file: it begins with the bytes 00 00 07 01 instead of 00 00 08",
    ],
    [
      "floats",
      idx([3], { type: 13 }),
      undefined,
      "the IDX file holds 32-bit floats; only unsigned bytes are read",
    ],
    [
      "two dimensions",
      idx([3, 2]),
      undefined,
      "the IDX file holds an array of 2 dimensions where labels or pictures should be",
    ],
    ["labels for pictures", idx([3]), "pictures", "the IDX file holds labels where pictures should be"],
    ["pictures for labels", idx([3, 2, 2]), "labels", "the IDX file holds pictures where labels should be"],
    [
      "half a header",
      idx([3, 2, 2]).subarray(0, 14),
      "pictures",
      "the IDX file is cut short: 14 bytes, of which the header has 16",
    ],
    ["no pictures", idx([0, 28, 28]), undefined, "the IDX file is empty: its header says 0 x 28 x 28"],
    [
      "too few bytes",
      idx([3, 2, 2]).subarray(0, 27),
      undefined,
      "the IDX file is cut short: its header says 3 x 2 x 2, which takes 28 bytes, but it has 27",
    ],
    [
      "too many bytes",
      idx([2], { length: 3 }),
      undefined,
      "the IDX file is too long: its header says 2, which takes 10 bytes, but it has 11",
    ],
    [
      "absurd sizes",
      idx([2 ** 32 - 1, 2 ** 15, 2 ** 5], { length: 4 }),
      undefined,
      "the IDX file is cut short: its header says 4294967295 x 32768 x 32, which takes 4503599626321936 bytes, but it has 20",
    ],
  ])("refuses %s", (_, bytes, expected, sentence) => {
    expect(() => decodeIdx(bytes, expected)).toThrow(new FormatError(sentence));
  });
});

describe("idxPictures", () => {
  const images = decodeIdx(idx([3, 2, 2]));

  it("is a set of grey pictures, with labels if there are any", () => {
    const set = idxPictures(images, decodeIdx(idx([3])));
    expect(set).toMatchObject({ grid: [2, 2], channels: 1, count: 3 });
    expect(set.picture(1)).toEqual(Float32Array.of(4, 5, 6, 7).map((byte) => byte / 255));
    expect(set.label!(2)).toBe(2);
    expect("label" in idxPictures(images)).toBe(false);
  });

  it("refuses labels of another number, and the one for the other", () => {
    expect(() => idxPictures(images, decodeIdx(idx([4])))).toThrow(
      new FormatError("there are 4 labels for 3 pictures"),
    );
    expect(() => idxPictures(decodeIdx(idx([4])))).toThrow(
      new FormatError("these are labels where pictures should be"),
    );
    expect(() => idxPictures(images, images)).toThrow(
      new FormatError("these are pictures where labels should be"),
    );
  });
});
