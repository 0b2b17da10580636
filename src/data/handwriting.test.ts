import { describe, expect, it } from "vitest";
import { drawDigit, handwriting, handwritingSets } from "./handwriting.ts";
import type { PictureSet } from "./pictureSet.ts";

const digits = handwriting({ seed: 1, count: 1000 });
const heldOut = handwriting({ seed: 2, count: 500 });
const each = <T>(set: PictureSet, use: (picture: Float32Array, label: number) => T) =>
  Array.from({ length: set.count }, (_, i) => use(set.picture(i), set.label!(i)));
const bytesOf = (picture: Float32Array) => Uint8Array.from(picture, (value) => Math.round(value * 255));

/** FNV-1a of the pictures' bytes. */
function checksum(pictures: readonly Float32Array[]): string {
  let hash = 0x811c9dc5;
  for (const byte of pictures.flatMap((picture) => [...bytesOf(picture)])) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

function distance(picture: Float32Array, mean: Float64Array): number {
  return picture.reduce((sum, value, i) => sum + (value - mean[i]) ** 2, 0);
}

/** Share of those held out whose nearest class mean is their own. */
function nearestMean(train: PictureSet, test: PictureSet): number {
  const means = Array.from({ length: 10 }, () => new Float64Array(28 * 28));
  const counts = Array.from({ length: 10 }, () => 0);
  each(train, (picture, label) => {
    counts[label]++;
    picture.forEach((value, i) => (means[label][i] += value));
  });
  means.forEach((mean, digit) => mean.forEach((sum, i) => (mean[i] = sum / counts[digit])));
  const right = each(test, (picture, label) => {
    const distances = means.map((mean) => distance(picture, mean));
    return distances.indexOf(Math.min(...distances)) === label;
  });
  return right.filter(Boolean).length / test.count;
}

describe("handwriting", () => {
  it("draws the same digits from the same seed on every machine, and others from another", () => {
    const first = Array.from({ length: 20 }, (_, i) => digits.picture(i));
    expect(checksum(first)).toBe("b2938ffb");
    expect(checksum(Array.from({ length: 20 }, (_, i) => heldOut.picture(i)))).not.toBe("b2938ffb");
    expect(Array.from({ length: 20 }, (_, i) => digits.label!(i)).join("")).toBe("68201980825966855212");
  });

  it("holds bytes as a file would: multiples of 1/255 from black to white, shape (28, 28, 1)", () => {
    expect(digits).toMatchObject({ grid: [28, 28], channels: 1, count: 1000 });
    each(heldOut, (picture) => {
      expect(picture.length).toBe(784);
      expect(Math.min(...picture)).toBe(0);
      // Not always 1: a thin stroke may lie between pixels.
      expect(Math.max(...picture)).toBeGreaterThan(0.9);
      expect(picture).toEqual(Float32Array.from(bytesOf(picture), (byte) => byte / 255));
    });
  });

  it("puts the centre of mass into the middle, and the digit within 20 pixels of height and width", () => {
    each(heldOut, (picture) => {
      const lit = [...picture.keys()].filter((i) => picture[i] > 0.5);
      const mass = picture.reduce((sum, value) => sum + value, 0);
      for (const place of [(i: number) => i % 28, (i: number) => Math.floor(i / 28)]) {
        const mean = picture.reduce((sum, value, i) => sum + value * (place(i) + 0.5), 0) / mass;
        // How the edges of a thin stroke fall on pixels moves its centre by a tenth or two. MNIST's is within half.
        expect(Math.abs(mean - 14)).toBeLessThan(0.25);
        const places = lit.map(place);
        // One pixel more than 20, as the digit need not begin at the edge of one.
        expect(Math.max(...places) - Math.min(...places)).toBeLessThanOrEqual(20);
      }
    });
  });

  it("has about as much ink as MNIST, whose mean is 0.1307", () => {
    const means = each(digits, (picture) => picture.reduce((sum, value) => sum + value, 0) / 784);
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    expect(mean).toBeGreaterThan(0.11);
    expect(mean).toBeLessThan(0.15);
  });

  it("draws all ten equally often, no two alike", () => {
    const counts = Array.from({ length: 10 }, () => 0);
    const seen = new Set<string>();
    for (const set of [digits, heldOut]) {
      each(set, (picture, label) => {
        if (set === digits) counts[label]++;
        seen.add(bytesOf(picture).join());
      });
    }
    expect(seen.size).toBe(1500);
    // 100 of each; 4 standard deviations of a binomial are 38.
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(38);
  });

  it("is readable, and varied: nearest class means classify 82% of MNIST, and about as much here", () => {
    const right = nearestMean(digits, heldOut);
    expect(right).toBeGreaterThan(0.76);
    expect(right).toBeLessThan(0.9);
  });

  it("counts 60,000 to learn from and 10,000 held out, of different seeds", () => {
    const { train, test, name, description } = handwritingSets();
    expect([train.count, test.count, name]).toEqual([60_000, 10_000, "handwriting"]);
    expect(description).toBe("handwriting: 60,000 grey pictures of 28 x 28, 10,000 held out");
    expect(train.picture(0)).toEqual(digits.picture(0));
    expect(test.picture(0)).toEqual(heldOut.picture(0));
    expect(handwritingSets(16).train.picture(59_999).length).toBe(256);
  });

  it("refuses what there is not", () => {
    expect(() => digits.picture(1000)).toThrow(
      new RangeError("there is no picture 1000 among 1000, which count from 0"),
    );
    expect(() => digits.label!(-1)).toThrow(RangeError);
    expect(() => handwriting({ seed: 1, count: 0 })).toThrow(RangeError);
    expect(() => handwriting({ seed: 1, count: 1, size: 7 })).toThrow(
      new RangeError("size must be a whole number of pixels from 8 on, not 7"),
    );
  });
});

describe("drawDigit", () => {
  it("draws the digit that is asked for, as the set does", () => {
    for (let index = 0; index < 20; index++) {
      const drawn = drawDigit(digits.label!(index), { seed: 1, index });
      expect(drawn).toEqual(digits.picture(index));
      expect(drawDigit((digits.label!(index) + 1) % 10, { seed: 1, index })).not.toEqual(drawn);
    }
  });

  it("draws the same digit at another size", () => {
    const large = drawDigit(3, { seed: 1, index: 0, size: 56 });
    const small = drawDigit(3, { seed: 1, index: 0, size: 28 });
    const reduced = small.map((_, i) => {
      const at = Math.floor(i / 28) * 112 + (i % 28) * 2;
      return (large[at] + large[at + 1] + large[at + 56] + large[at + 57]) / 4;
    });
    const error = reduced.reduce((sum, value, i) => sum + (value - small[i]) ** 2, 0) / 784;
    // Edges are 1.4 pixels soft at either size, so they differ a little; another digit differs by 0.1.
    expect(error).toBeLessThan(0.003);
  });

  it.each([-1, 10, 2.5])("refuses %s", (digit) => {
    expect(() => drawDigit(digit, { seed: 1, index: 0 })).toThrow(
      new RangeError(`a digit is a whole number from 0 to 9, not ${digit}`),
    );
  });
});
