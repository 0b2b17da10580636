import { describe, expect, it } from "vitest";
import { tableSize } from "../rule/parameters.ts";
import {
  drawLatent,
  encode,
  encoderSchema,
  type EncoderSettings,
  encoderTable,
  initialEncoder,
} from "./encoder.ts";
import { strided } from "./shapes.ts";

const mnist: EncoderSettings = { grid: [28, 28], channels: 1, features: [32, 32], latent: 8 };

describe("encoderTable", () => {
  it("has as many numbers as CAX's encoder of MNIST", () => {
    const table = encoderTable(mnist);
    expect(tableSize(table)).toBe(2_494_864);
    expect(table.map(({ name, shape }) => `${name} ${shape.join("x")}`)).toEqual([
      "encoder.conv.0.weight 3x3x1x32",
      "encoder.conv.0.bias 32",
      "encoder.conv.1.weight 3x3x32x32",
      "encoder.conv.1.bias 32",
      "encoder.linear.weight 1568x1568",
      "encoder.linear.bias 1568",
      "encoder.mean.weight 1568x8",
      "encoder.mean.bias 8",
      "encoder.logVariance.weight 1568x8",
      "encoder.logVariance.bias 8",
    ]);
  });

  it("has a dense layer of the width that is set", () => {
    const table = encoderTable({ ...mnist, hidden: 64 });
    expect(table.find(({ name }) => name === "encoder.linear.weight")?.shape).toEqual([1568, 64]);
    expect(table.find(({ name }) => name === "encoder.mean.weight")?.shape).toEqual([64, 8]);
  });

  it("rounds odd sides up", () => {
    const [, , linear] = encoderTable({ grid: [7, 5], channels: 4, features: [2], latent: 3 });
    expect(linear.shape).toEqual([4 * 3 * 2, 4 * 3 * 2]);
  });
});

it.each([
  [28, 0, 14],
  [7, 1, 4],
  [1, 1, 1],
])("strided pads a side of %i as TensorFlow and Flax do", (side, before, length) => {
  expect(strided(side)).toEqual({ before, length });
});

describe("initialEncoder", () => {
  it("draws weights of variance 1 / in from the seed, and biases of 0", () => {
    const numbers = initialEncoder(mnist, 3);
    for (const { name, offset, size, shape } of encoderTable(mnist)) {
      const values = numbers.subarray(offset, offset + size);
      if (shape.length === 1) {
        expect(
          values.every((value) => value === 0),
          name,
        ).toBe(true);
        continue;
      }
      const variance = values.reduce((sum, value) => sum + value * value, 0) / size;
      const inputs = size / shape.at(-1)!;
      // A uniform number's square has a deviation of 0.9 of its mean: four standard errors.
      expect(Math.abs(variance * inputs - 1), name).toBeLessThan((4 * 0.9) / Math.sqrt(size));
    }
    const small = { ...mnist, grid: [4, 4] } as const;
    expect(initialEncoder(small, 3)).toEqual(initialEncoder(small, 3));
    expect(initialEncoder(small, 4)).not.toEqual(initialEncoder(small, 3));
  });
});

describe("encode", () => {
  /** One feature, one latent number; weights that are easy to follow. */
  const settings: EncoderSettings = { grid: [4, 4], channels: 1, features: [1], latent: 1 };
  const numbers = (values: Readonly<Record<string, readonly number[]>>) => {
    const parameters = new Float32Array(tableSize(encoderTable(settings)));
    for (const { name, offset } of encoderTable(settings)) {
      parameters.set(values[name.slice("encoder.".length)] ?? [], offset);
    }
    return { settings, parameters };
  };
  const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const picture = Float32Array.from({ length: 16 }, (_, i) => i);

  /** The latent number under one weight of the convolution. */
  const taps = (...weight: number[]): number =>
    encode(
      numbers({ "conv.0.weight": weight, "linear.weight": identity, "mean.weight": [1, 10, 100, 1000] }),
      picture,
    ).mean[0];

  it("sees every other cell and what follows it, and nothing beyond the edge", () => {
    // Cells 0, 2, 8 and 10 are the upper left corners of the four windows.
    expect(taps(1, 0, 0, 0, 0, 0, 0, 0, 0)).toBe(0 + 20 + 800 + 10_000);
    // Their lower right corners; three of the windows reach beyond the edge there.
    expect(taps(0, 0, 0, 0, 0, 0, 0, 0, 1)).toBe(10);
    expect(taps(0, 0, 0, 0, 1, 0, 0, 0, 0)).toBe(5 + 70 + 1300 + 15_000);
  });

  it("rectifies after the convolution and the dense layer, not after the heads", () => {
    const { mean, logVariance } = encode(
      numbers({
        "conv.0.weight": [0, 0, 0, 0, -1],
        "conv.0.bias": [6],
        "linear.weight": identity,
        "linear.bias": [-0.5, 0, 0, 0],
        "mean.weight": [2, 2, 2, 2],
        "mean.bias": [-3],
        "logVariance.weight": [-1, 0, 0, 0],
      }),
      picture,
    );
    // 6 - 5 is left of the first window alone; then 1 - 0.5.
    expect([mean[0], logVariance[0]]).toEqual([-2, -0.5]);
  });

  it("refuses pictures of another size", () => {
    expect(() => encode(numbers({}), new Float32Array(15))).toThrow(
      "the picture has 15 numbers; 4 x 4 x 1 are needed",
    );
  });
});

it("drawLatent moves the mean by the noise times the deviation", () => {
  const posterior = { mean: Float32Array.of(1, -2), logVariance: Float32Array.of(0, Math.log(9)) };
  const [a, b] = drawLatent(posterior, Float32Array.of(0.5, -1));
  expect(a).toBe(1.5);
  expect(b).toBeCloseTo(-5, 5);
});

it("encoderSchema reads settings with and without a width, and adds none", () => {
  for (const settings of [mnist, { ...mnist, hidden: 64 }]) {
    expect(JSON.stringify(encoderSchema.parse(settings))).toBe(JSON.stringify(settings));
  }
});

it.each([
  ["hidden", 0],
  ["features", []],
  ["latent", 0],
  ["channels", 5],
  ["grid", [0, 4]],
])("encoderSchema refuses %s %j", (field, value) => {
  expect(encoderSchema.safeParse({ ...mnist, [field]: value }).success).toBe(false);
  expect(encoderSchema.safeParse(mnist).success).toBe(true);
});
