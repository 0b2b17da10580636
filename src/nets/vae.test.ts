import { describe, expect, it } from "vitest";
import { layoutTable, parameterTable, tableSize } from "../rule/parameters.ts";
import { rulePresets } from "../rule/presets.ts";
import { criticTable } from "./critic.ts";
import { encoderTable } from "./encoder.ts";
import { initialVae, vaeEncoder, vaeSchema, type VaeSettings, vaeTable } from "./vae.ts";

/** That of "Reinforcement Learning Neural Cellular Automata". */
const seeds: VaeSettings = { grid: [72, 72], channels: 4, features: [32, 32], latent: 8, hidden: null };

describe("vaeTable", () => {
  it("has as many numbers as the notebook's autoencoder", () => {
    const table = vaeTable(seeds);
    expect(tableSize(table)).toBe(107_785_844);
    const encoder = encoderTable(vaeEncoder(seeds));
    expect(tableSize(encoder)).toBe(107_682_128);
    expect(table.slice(0, encoder.length)).toEqual(encoder);
    expect(table.slice(encoder.length).map(({ name, shape }) => `${name} ${shape.join("x")}`)).toEqual([
      "decoder.linear.weight 8x10368",
      "decoder.linear.bias 10368",
      "decoder.conv.0.weight 3x3x32x32",
      "decoder.conv.0.bias 32",
      "decoder.conv.1.weight 3x3x32x4",
      "decoder.conv.1.bias 4",
    ]);
  });

  it("makes 108,461,333 numbers with the notebook's automaton and critic", () => {
    const rule = rulePresets.cax;
    const critic = criticTable({
      grid: [72, 72],
      channels: 4,
      features: [16, 16],
      pooling: "flatten",
      hidden: 128,
      output: "linear",
    });
    // The notebook counts the three fixed 3 x 3 filters of each channel as parameters, too.
    const filters = layoutTable([{ name: "perceive", shape: [3, 3, rule.channels * rule.kernels.length] }]);
    expect(tableSize(filters)).toBe(432);
    const all = [parameterTable(rule), filters, vaeTable(seeds), critic];
    expect(all.reduce((sum, table) => sum + tableSize(table), 0)).toBe(108_461_333);
  });

  it("goes through the features in reverse, and has a dense layer of the width that is set", () => {
    const table = vaeTable({ grid: [8, 4], channels: 3, features: [5, 6], latent: 2, hidden: 7 });
    const shapeOf = (wanted: string) => table.find(({ name }) => name === wanted)?.shape;
    expect(shapeOf("encoder.linear.weight")).toEqual([2 * 1 * 6, 7]);
    expect(shapeOf("encoder.mean.weight")).toEqual([7, 2]);
    expect(shapeOf("decoder.linear.weight")).toEqual([2, 2 * 1 * 6]);
    expect(shapeOf("decoder.conv.0.weight")).toEqual([3, 3, 6, 5]);
    expect(shapeOf("decoder.conv.1.weight")).toEqual([3, 3, 5, 3]);
  });
});

it("initialVae draws weights from the seed and leaves biases 0", () => {
  const small = { ...seeds, grid: [4, 4] } as const;
  const numbers = initialVae(small, 3);
  expect(numbers).toEqual(initialVae(small, 3));
  expect(numbers).not.toEqual(initialVae(small, 4));
  for (const { name, offset, size } of vaeTable(small)) {
    const drawn = numbers.subarray(offset, offset + size).some((value) => value !== 0);
    expect(drawn, name).toBe(name.endsWith("weight"));
  }
});

describe("vaeSchema", () => {
  it("refuses sides that do not halve evenly, in a sentence", () => {
    const { error } = vaeSchema.safeParse({ ...seeds, grid: [72, 70] });
    expect(error?.issues).toMatchObject([
      { path: ["grid"], message: "each convolution halves height and width, which must come out even" },
    ]);
    expect(vaeSchema.safeParse(seeds).success).toBe(true);
  });

  it.each([
    ["features", []],
    ["hidden", 0],
    ["latent", 0],
  ])("refuses %s %j", (field, value) => {
    expect(vaeSchema.safeParse({ ...seeds, [field]: value }).success).toBe(false);
  });
});
