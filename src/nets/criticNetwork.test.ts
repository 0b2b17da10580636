import { beforeAll, describe, expect, it } from "vitest";
import { STREAM, uniform } from "../random.ts";
import { type CriticSettings, criticTable } from "./critic.ts";
import { createCritic, type CriticNetwork } from "./criticNetwork.ts";
import { convolveLoops, denseLoops, numbersOf, relu, slope, watchArrays } from "./plain.case.ts";

/** An odd height and an even width, which are padded differently. */
const base: CriticSettings = {
  grid: [7, 6],
  channels: 2,
  features: [3, 4],
  pooling: "mean",
  hidden: 5,
  output: "linear",
};

const draws = (count: number, index: number) =>
  Float32Array.from({ length: count }, (_, i) => 2 * uniform(1, STREAM.data, index, i) - 1);

/** The value of one observation, in plain loops and double precision. */
function value(
  settings: CriticSettings,
  parameters: ArrayLike<number>,
  observation: ArrayLike<number>,
): number {
  const of = numbersOf(criticTable(settings), parameters);
  let x = Array.from(observation);
  if (settings.grid) {
    const [height, width] = settings.grid;
    let picture = { height, width, features: settings.channels, values: x as readonly number[] };
    settings.features.forEach((_, i) => {
      const next = convolveLoops(picture, of, `critic.conv.${i}`);
      picture = { ...next, values: relu(next.values) };
    });
    const { features, values } = picture;
    const cells = values.length / features;
    x =
      settings.pooling === "flatten"
        ? [...values]
        : Array.from({ length: features }, (_, j) =>
            values.reduce((sum, seen, i) => (i % features === j ? sum + seen / cells : sum), 0),
          );
  }
  const [out] = denseLoops(relu(denseLoops(x, of, "critic.linear")), of, "critic.value");
  return settings.output === "linear" ? out : -Math.log1p(Math.exp(out));
}

/** Not a multiple of the 8 that are computed at once. */
const COUNT = 11;

describe.each([
  { ...base },
  { ...base, output: "negative" as const },
  { ...base, pooling: "flatten" as const },
  { ...base, grid: null, features: [], channels: 6 },
])("a critic with grid $grid, pooling $pooling, output $output", (settings) => {
  const size = (settings.grid ? 7 * 6 : 1) * settings.channels;
  const observations = Array.from({ length: COUNT }, (_, i) => draws(size, 10 + i));
  const targets = draws(COUNT, 3);
  // Sums of some 50 products in single precision; the logarithm of jax-js is off by 1e-5.
  const digits = settings.output === "linear" ? 5 : 4;
  let critic: CriticNetwork;
  let parameters: Float32Array;
  beforeAll(async () => {
    critic = await createCritic(settings, 1);
    // No weight or bias is 0, so that everything counts.
    const change = draws(critic.initial.length, 4);
    parameters = critic.initial.map((number, i) => number + 0.2 * change[i]);
    return () => critic.dispose();
  });

  it("gives an untrained value of 0, or -log 2 where it is negative", async () => {
    const values = await critic.values(critic.initial, observations);
    values.forEach((number) => {
      expect(number).toBeCloseTo(settings.output === "linear" ? 0 : -Math.log(2), 6);
    });
  });

  it("gives the values of plain loops", async () => {
    const values = await critic.values(parameters, observations);
    values.forEach((number, i) =>
      expect(number).toBeCloseTo(value(settings, parameters, observations[i]), digits),
    );
  });

  it("differentiates in observations as finite differences of plain loops do", async () => {
    const { values, gradients } = await critic.differentiate(parameters, observations);
    values.forEach((number, i) =>
      expect(number).toBeCloseTo(value(settings, parameters, observations[i]), digits),
    );
    for (const i of [0, 7, 8, 10]) {
      for (let j = 0; j < size; j += settings.grid ? 5 : 1) {
        const expected = slope((x) => value(settings, parameters, x), observations[i], j);
        // Rounding in single precision; a rectified unit would have to lie within 1e-5 of its bend.
        expect(gradients[i][j], `observation ${i}, number ${j}`).toBeCloseTo(expected, 5);
      }
    }
  });

  it("regresses: the mean of squares, and its gradient as finite differences of plain loops", async () => {
    const error = (numbers: ArrayLike<number>) =>
      observations.reduce((sum, x, i) => sum + (targets[i] - value(settings, numbers, x)) ** 2 / COUNT, 0);
    const gradient = new Float32Array(parameters.length).fill(7);
    expect(await critic.regress(parameters, observations, targets, gradient)).toBeCloseTo(
      error(parameters),
      digits,
    );
    for (const { name, offset, size: length } of criticTable(settings)) {
      for (let i = offset; i < offset + length; i += Math.ceil(length / 5)) {
        expect(gradient[i], `${name} ${i - offset}`).toBeCloseTo(slope(error, parameters, i), digits);
      }
    }
  });

  it("gives each observation the same bits alone, among others and again", async () => {
    const all = await critic.differentiate(parameters, observations);
    const values = await critic.values(parameters, observations);
    for (const [i, observation] of observations.entries()) {
      const alone = await critic.differentiate(parameters, [observation]);
      expect(alone.values[0]).toBe(all.values[i]);
      expect(alone.gradients[0]).toEqual(all.gradients[i]);
    }
    const [first, second] = [new Float32Array(parameters.length), new Float32Array(parameters.length)];
    const error = await critic.regress(parameters, observations, targets, first);
    const calls = [
      critic.regress(parameters, observations, targets, second),
      critic.values(parameters, observations.toReversed()),
    ] as const;
    expect(await calls[0]).toBe(error);
    expect(second).toEqual(first);
    expect((await calls[1]).toReversed()).toEqual(values);
  });
});

it("keeps finite values and slopes far below and above 0 where the output is negative", async () => {
  const settings = { ...base, grid: null, features: [], channels: 1, hidden: 1, output: "negative" } as const;
  const critic = await createCritic(settings, 1);
  // Weight 1 and bias 0, twice: the value of x is -softplus(x + bias).
  for (const bias of [-200, 200]) {
    const parameters = Float32Array.of(1, 0, 1, bias);
    const { values, gradients } = await critic.differentiate(parameters, [Float32Array.of(1)]);
    expect(values[0]).toBeCloseTo(bias < 0 ? 0 : -201, 6);
    expect(gradients[0][0]).toBeCloseTo(bias < 0 ? 0 : -1, 6);
  }
  critic.dispose();
});

it("refuses observations of another size and another number of targets", async () => {
  const critic = await createCritic(base, 1);
  const gradient = new Float32Array(critic.initial.length);
  await expect(critic.values(critic.initial, [new Float32Array(83)])).rejects.toThrow(
    "an observation has 83 numbers; 7 x 6 x 2 are needed",
  );
  await expect(
    critic.regress(critic.initial, [new Float32Array(84)], new Float32Array(2), gradient),
  ).rejects.toThrow("there are 2 targets for 1 observations");
  critic.dispose();
});

it("leaves no array behind", async () => {
  const critic = await createCritic(base, 1);
  const observations = Array.from({ length: COUNT }, (_, i) => draws(84, i));
  const gradient = new Float32Array(critic.initial.length);
  const { held, stop } = watchArrays();
  try {
    const step = async () => {
      await critic.values(critic.initial, observations);
      await critic.differentiate(critic.initial, observations);
      await critic.regress(critic.initial, observations, draws(COUNT, 20), gradient);
    };
    for (let i = 0; i < 3; i++) await step();
    const before = held.size;
    for (let i = 0; i < 20; i++) await step();
    expect(held.size).toBe(before);
  } finally {
    stop();
    critic.dispose();
  }
});
