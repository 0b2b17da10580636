/** The texture loss and its gradient against PyTorch's autograd (test/golden/texture.py). */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { expectCloseToScale } from "../src/conformance/compare.ts";
import { decodeSafetensors } from "../src/formats/safetensors.ts";
import { textureLoss, type TextureSettings } from "../src/train/loss/texture.ts";

const { tensors, metadata } = decodeSafetensors(
  readFileSync(new URL("golden/texture.safetensors", import.meta.url)),
);
const plane = (name: string) => {
  const [height, width] = tensors[name].shape;
  return [height, width] as const;
};
const numbers = (name: string) => Float64Array.from(tensors[name].data, Number);

/** Channels of a state; those of the picture begin at the second. */
const CHANNELS = 5;
const layout = {
  rule: { channels: CHANNELS, boundary: "wrap", alive: { mask: "none", channel: 0, threshold: 0.1 } },
  readout: { offset: 1, channels: 3, premultiplied: true },
} as const;

it.each(["plain", "lattice"])("%s: loss and gradient", (name) => {
  const grid = plane(`${name}.picture`);
  const settings: TextureSettings = JSON.parse(metadata[name]);
  const target = {
    grid: plane(`${name}.target`),
    data: Float32Array.from(numbers(`${name}.target`)),
    wraps: false,
  };
  const [seed, trainingStep] = [Number(metadata.seed), Number(metadata.step)];
  const loss = textureLoss(layout, grid, target, settings, seed);
  const picture = numbers(`${name}.picture`);
  const [height, width] = grid;
  const state = { top: 0, left: 0, height, width, data: new Float32Array(height * width * CHANNELS) };
  const place = (i: number) => Math.floor(i / 3) * CHANNELS + 1 + (i % 3);
  picture.forEach((value, i) => (state.data[place(i)] = value));
  const data = new Float32Array(state.data.length);
  const value = loss(state, { goal: 0, trainingStep }, { data, scale: 1 });
  // Doubles on both sides, and a gradient that is rounded to single precision.
  expect(value).toBeCloseTo(numbers(`${name}.loss`)[0], 12);
  const gradient = picture.map((_, i) => data[place(i)]);
  expectCloseToScale(gradient, numbers(`${name}.grad`), { relative: 1e-6, absolute: 1e-6 }, "gradient", 0);
  expect(data.reduce((sum, slope) => sum + Math.abs(slope), 0)).toBeGreaterThan(1e-3);
});
