import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STREAM, uniform } from "../random.ts";
import { encode } from "./encoder.ts";
import {
  convolveLoops,
  denseLoops,
  numbersOf,
  relu,
  slope,
  transposedLoops,
  watchArrays,
} from "./plain.case.ts";
import { vaeEncoder, type VaeSettings, vaeTable } from "./vae.ts";
import { type AutoencoderNetwork, createAutoencoder } from "./vaeNetwork.ts";

const settings: VaeSettings = { grid: [8, 4], channels: 2, features: [3, 4], latent: 3, hidden: 5 };
const SIZE = 8 * 4 * 2;
/** Not a multiple of the 8 that are computed at once. */
const COUNT = 11;

const draws = (count: number, index: number) =>
  Float32Array.from({ length: count }, (_, i) => 2 * uniform(1, STREAM.data, index, i) - 1);
/** From -0.5 to 1.5: what is to be decoded is clamped. */
const pictures = Array.from({ length: COUNT }, (_, i) => draws(SIZE, 10 + i).map((value) => value + 0.5));
const noise = draws(COUNT * 3, 3);

/** In plain loops and double precision. */
function posterior(parameters: ArrayLike<number>, picture: ArrayLike<number>) {
  const numbers = numbersOf(vaeTable(settings), parameters);
  const [height, width] = settings.grid;
  let x = { height, width, features: settings.channels, values: Array.from(picture) as readonly number[] };
  settings.features.forEach((_, i) => {
    const next = convolveLoops(x, numbers, `encoder.conv.${i}`);
    x = { ...next, values: relu(next.values) };
  });
  const hidden = relu(denseLoops(x.values, numbers, "encoder.linear"));
  return {
    mean: denseLoops(hidden, numbers, "encoder.mean"),
    logVariance: denseLoops(hidden, numbers, "encoder.logVariance"),
  };
}

function decode(parameters: ArrayLike<number>, latent: readonly number[]): readonly number[] {
  const numbers = numbersOf(vaeTable(settings), parameters);
  let x = { height: 2, width: 1, features: 4, values: denseLoops(latent, numbers, "decoder.linear") };
  for (const i of [0, 1]) {
    const next = transposedLoops({ ...x, values: relu(x.values) }, numbers, `decoder.conv.${i}`);
    x = { ...next, values: [...next.values] };
  }
  return x.values;
}

/** Both parts of the bound, means over the pictures. */
function bound(parameters: ArrayLike<number>) {
  const sums = { reconstruction: 0, divergence: 0 };
  for (const [i, picture] of pictures.entries()) {
    const { mean, logVariance } = posterior(parameters, picture);
    const latent = mean.map((value, j) => value + Math.exp(logVariance[j] / 2) * noise[3 * i + j]);
    mean.forEach((value, j) => {
      sums.divergence +=
        (0.5 * (value * value + Math.exp(logVariance[j]) - logVariance[j] - 1)) / pictures.length;
    });
    decode(parameters, latent).forEach((logit, j) => {
      const label = Math.min(Math.max(picture[j], 0), 1);
      const probability = 1 / (1 + Math.exp(-logit));
      sums.reconstruction -=
        (label * Math.log(probability) + (1 - label) * Math.log(1 - probability)) / pictures.length;
    });
  }
  return sums;
}

describe("createAutoencoder", () => {
  let network: AutoencoderNetwork;
  let parameters: Float32Array;
  beforeAll(async () => {
    network = await createAutoencoder(settings, 1);
    // No bias is 0, so that everything counts.
    const change = draws(network.initial.length, 4);
    parameters = network.initial.map((number, i) => number + 0.2 * change[i]);
  });
  afterAll(() => network.dispose());

  it("encodes to the means of plain loops, and of the encoder without gradients", async () => {
    const latents = await network.encode(parameters, pictures);
    expect(latents).toHaveLength(COUNT);
    const encoder = { settings: vaeEncoder(settings), parameters };
    for (const [i, picture] of pictures.entries()) {
      const { mean } = posterior(parameters, picture);
      // Sums of some 50 products in single precision.
      mean.forEach((value, j) => expect(latents[i][j]).toBeCloseTo(value, 5));
      encode(encoder, picture).mean.forEach((value, j) => expect(latents[i][j]).toBeCloseTo(value, 5));
    }
  });

  it("pulls cotangents back as finite differences of plain loops do", async () => {
    const cotangents = pictures.map((_, i) => draws(3, 40 + i));
    const gradients = await network.pullback(parameters, pictures, cotangents);
    for (const i of [0, 7, 8, 10]) {
      const product = (x: readonly number[]) =>
        posterior(parameters, x).mean.reduce((sum, value, j) => sum + value * cotangents[i][j], 0);
      for (let j = 0; j < SIZE; j += 3) {
        // A rectified unit would have to lie within 1e-5 of its bend.
        expect(gradients[i][j], `picture ${i}, number ${j}`).toBeCloseTo(slope(product, pictures[i], j), 5);
      }
    }
  });

  it("fits: both parts of the bound, and its gradient as finite differences of plain loops", async () => {
    const gradient = new Float32Array(parameters.length).fill(7);
    const { reconstruction, divergence } = await network.fit(parameters, pictures, noise, gradient);
    const expected = bound(parameters);
    // The exponential and the logarithm of jax-js are off by 1e-5, here in 64 numbers of a picture.
    expect(Math.abs(reconstruction - expected.reconstruction)).toBeLessThan(1e-3);
    expect(divergence).toBeCloseTo(expected.divergence, 4);
    const total = (numbers: readonly number[]) => {
      const parts = bound(numbers);
      return parts.reconstruction + parts.divergence;
    };
    for (const { name, offset, size } of vaeTable(settings)) {
      const length = Math.hypot(...gradient.subarray(offset, offset + size));
      for (let i = offset; i < offset + size; i += Math.ceil(size / 4)) {
        const difference = gradient[i] - slope(total, parameters, i);
        expect(Math.abs(difference), `${name} ${i - offset}`).toBeLessThan(1e-4 * (1 + length));
      }
    }
  });

  it("gives each picture the same bits alone, among others and again", async () => {
    const all = await network.encode(parameters, pictures);
    for (const [i, picture] of pictures.entries()) {
      expect(await network.encode(parameters, [picture])).toEqual([all[i]]);
    }
    const [first, second] = [new Float32Array(parameters.length), new Float32Array(parameters.length)];
    const parts = await network.fit(parameters, pictures, noise, first);
    expect(await network.fit(parameters, pictures, noise, second)).toEqual(parts);
    expect(second).toEqual(first);
  });

  it("refuses pictures, noise and cotangents of another size", async () => {
    await expect(network.encode(parameters, [new Float32Array(63)])).rejects.toThrow(
      "a picture has 63 numbers; 8 x 4 x 2 are needed",
    );
    await expect(network.fit(parameters, pictures, noise.subarray(1), new Float32Array(1))).rejects.toThrow(
      "there are 32 numbers of noise; 33 are needed",
    );
    await expect(network.pullback(parameters, pictures, [])).rejects.toThrow(
      "there are 0 numbers of cotangents; 33 are needed",
    );
  });

  it("leaves no array behind", async () => {
    const gradient = new Float32Array(parameters.length);
    const { held, stop } = watchArrays();
    try {
      const step = async () => {
        await network.encode(parameters, pictures);
        await network.pullback(parameters, pictures, await network.encode(parameters, pictures));
        await network.fit(parameters, pictures, noise, gradient);
      };
      for (let i = 0; i < 3; i++) await step();
      const before = held.size;
      for (let i = 0; i < 20; i++) await step();
      expect(held.size).toBe(before);
    } finally {
      stop();
    }
  });
});

describe("fit, by hand", () => {
  /** One number in, one latent number; of the convolutions, one tap each. */
  const tiny: VaeSettings = { grid: [2, 2], channels: 1, features: [1], latent: 1, hidden: 1 };
  /** Parameters that encode to a mean of 2 and a variance of 1, and decode to the same logit everywhere. */
  const decodingTo = (logit: number) => {
    const parameters = new Float32Array(vaeTable(tiny).reduce((sum, { size }) => sum + size, 0));
    for (const { name, offset } of vaeTable(tiny)) {
      if (name === "encoder.mean.bias") parameters[offset] = 2;
      if (name === "decoder.conv.0.bias") parameters[offset] = logit;
    }
    return parameters;
  };

  it.each([
    // log(1 + exp(0)) - label 0, for the labels 0, 1, 1 (clamped) and 0.5.
    [0, 4 * Math.log(2)],
    // The label 0 costs 100, 0.5 costs 50, and 1 nothing.
    [100, 150],
    // The labels of 1 cost 100 each, 0.5 costs 50.
    [-100, 250],
  ])("has cross-entropy and divergence at the logit %f", async (logit, expected) => {
    const network = await createAutoencoder(tiny, 1);
    const parameters = decodingTo(logit);
    const gradient = new Float32Array(parameters.length);
    const picture = Float32Array.of(-0.5, 1, 3, 0.5);
    const { reconstruction, divergence } = await network.fit(
      parameters,
      [picture],
      Float32Array.of(1),
      gradient,
    );
    expect(reconstruction).toBeCloseTo(expected, 4);
    // (2^2 + 1 - 0 - 1) / 2
    expect(divergence).toBeCloseTo(2, 5);
    const at = (name: string) => gradient[vaeTable(tiny).find((entry) => entry.name === name)!.offset];
    // The sum of sigmoid(logit) - label.
    const sigmoid = logit === 0 ? 0.5 : logit > 0 ? 1 : 0;
    expect(at("decoder.conv.0.bias")).toBeCloseTo(4 * sigmoid - 2.5, 5);
    expect(at("encoder.mean.bias")).toBeCloseTo(2, 5);
    network.dispose();
  });
});
