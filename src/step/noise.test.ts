import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import { NOISE_LIMIT, updateNoise } from "./noise.ts";

const rule = smallRule({ channels: 16, noise: 0.1 });
const draw = { seed: 7, sample: 3, step: 12 };

const noiseOf = (change: Partial<typeof draw>) =>
  updateNoise(new Float32Array(), rule, [5, 4], { ...draw, ...change })!;

describe("updateNoise", () => {
  it("is normal as far as 65,536 numbers can tell", () => {
    const noise = [...updateNoise(new Float64Array(), rule, [64, 64], draw)!];
    const moment = (power: number) => noise.reduce((sum, value) => sum + value ** power, 0) / noise.length;
    // Standard errors of the mean, the variance and the fourth moment: 1/256, sqrt(2)/256 and sqrt(96)/256.
    expect(Math.abs(moment(1))).toBeLessThan(3 / 256);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4.2 / 256);
    expect(Math.abs(moment(4) - 2.85)).toBeLessThan(29 / 256);
    const within = noise.filter((value) => Math.abs(value) < 1).length / noise.length;
    // 0.683 of a normal distribution, and 0.005 less of this one; standard error 0.002.
    expect(Math.abs(within - 0.68)).toBeLessThan(0.01);
    expect(noise.every((value) => Math.abs(value) <= NOISE_LIMIT)).toBe(true);
    const neighbours = noise.slice(1).reduce((sum, value, i) => sum + value * noise[i], 0) / noise.length;
    expect(Math.abs(neighbours)).toBeLessThan(3 / 256);
  });

  it("is a pure function of seed, sample, step, cell and channel", () => {
    expect(noiseOf({})).toEqual(noiseOf({}));
    for (const change of [{ seed: 8 }, { sample: 2 }, { step: 13 }]) {
      expect(noiseOf(change).some((value, i) => value === noiseOf({})[i])).toBe(false);
    }
    // Computed from the listing with unbounded integers, and rounded to float32 twice: the scale and the product.
    expect([...noiseOf({})].slice(0, 3)).toEqual([
      0.960364043712616, 0.04331907257437706, -1.0317339897155762,
    ]);
  });

  it("is none where the rule asks for none", () => {
    expect(updateNoise(new Float32Array(), smallRule(), [5, 4], draw)).toBeUndefined();
    expect(updateNoise(new Float32Array(), smallRule({ noise: 0 }), [5, 4], draw)).toBeUndefined();
  });
});
