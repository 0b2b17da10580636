import { beforeAll, describe, expect, it } from "vitest";
import { STREAM, uniform } from "../random.ts";
import { drawLatent, encode, type EncoderSettings, encoderTable, initialEncoder } from "./encoder.ts";
import { createEncoderNetwork, type EncoderNetwork } from "./encoderNetwork.ts";
import { watchArrays } from "./plain.case.ts";

/** An odd height and an even width, which are padded differently. */
const settings: EncoderSettings = { grid: [7, 6], channels: 2, features: [3, 4], latent: 3 };
const BETA = 0.3;

const draws = (count: number, index: number) =>
  Float32Array.from({ length: count }, (_, i) => 2 * uniform(1, STREAM.data, index, i) - 1);
const pictures = [draws(84, 1), draws(84, 2)];
const noise = draws(6, 3);
const cotangents = [draws(3, 4), draws(3, 5)];
/** With biases that are not 0, so that a unit that the picture does not reach counts. */
const parameters = initialEncoder(settings, 1).map(
  (value, i) => value + 0.1 * (uniform(1, STREAM.data, 6, i) - 0.5),
);

/** What `pullback` is the gradient of, in the plain loops of `encode`. */
function objective(numbers: Float32Array): number {
  let sum = 0;
  for (const [i, picture] of pictures.entries()) {
    const posterior = encode({ settings, parameters: numbers }, picture);
    const latents = drawLatent(posterior, noise.subarray(3 * i, 3 * i + 3));
    latents.forEach((value, j) => (sum += value * cotangents[i][j]));
    posterior.mean.forEach((mean, j) => {
      const log = posterior.logVariance[j];
      sum += (BETA * 0.5 * (mean * mean + Math.exp(log) - log - 1)) / pictures.length;
    });
  }
  return sum;
}

describe("createEncoderNetwork", () => {
  let network: EncoderNetwork;
  beforeAll(async () => {
    network = await createEncoderNetwork(settings);
  });

  it("encodes as the plain loops do", async () => {
    const { latents, divergence } = await network.encode(parameters, pictures, noise);
    let nats = 0;
    for (const [i, picture] of pictures.entries()) {
      const posterior = encode({ settings, parameters }, picture);
      const expected = drawLatent(posterior, noise.subarray(3 * i, 3 * i + 3));
      // Sums of some 50 products in single precision.
      latents[i].forEach((value, j) => expect(value).toBeCloseTo(expected[j], 5));
      posterior.mean.forEach((mean, j) => {
        const log = posterior.logVariance[j];
        nats += 0.5 * (mean * mean + Math.exp(log) - log - 1);
      });
    }
    expect(divergence).toBeCloseTo(nats / 2, 5);
  });

  it("pulls back what finite differences of the plain loops give", async () => {
    const gradient = new Float32Array(parameters.length);
    const { pullback } = await network.encode(parameters, pictures, noise);
    await pullback(cotangents, BETA, gradient);
    const step = 2e-3;
    for (const { name, offset, size } of encoderTable(settings)) {
      const length = Math.hypot(...gradient.subarray(offset, offset + size));
      for (let i = offset; i < offset + size; i += Math.max(1, Math.floor(size / 7))) {
        const moved = (by: number) => objective(parameters.map((value, j) => (j === i ? value + by : value)));
        const slope = (moved(step) - moved(-step)) / (2 * step);
        // A rectified unit may change sides within the step; rounding alone would give 5e-4.
        expect(Math.abs(gradient[i] - slope), `${name} ${i - offset}`).toBeLessThan(0.01 * (length + 0.1));
      }
    }
  });

  it("leaves no array behind over hundreds of steps, and no memory", async () => {
    const { held, stop } = watchArrays();
    const gradient = new Float32Array(parameters.length);
    try {
      let most = 0;
      const step = async () => {
        const { pullback } = await network.encode(parameters, pictures, noise);
        most = Math.max(most, held.size);
        await pullback(cotangents, BETA, gradient);
      };
      for (let i = 0; i < 50; i++) await step();
      const [arrays, bytes] = [held.size, process.memoryUsage().rss];
      for (let i = 0; i < 400; i++) await step();
      expect(held.size).toBe(arrays);
      // What a call returns is freed when it has been read.
      expect(most).toBeLessThan(20);
      // Garbage that was not collected yet; a parameter set left behind a step would be held, too.
      expect(process.memoryUsage().rss - bytes).toBeLessThan(64 * 2 ** 20);
    } finally {
      stop();
    }
  });
});
