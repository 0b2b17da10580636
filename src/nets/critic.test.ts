import { describe, expect, it } from "vitest";
import { tableSize } from "../rule/parameters.ts";
import { criticSchema, type CriticSettings, criticTable, initialCritic } from "./critic.ts";

/** That of "Reinforcement Learning Neural Cellular Automata". */
const seeds: CriticSettings = {
  grid: [72, 72],
  channels: 4,
  features: [16, 16],
  pooling: "flatten",
  hidden: 128,
  output: "linear",
};

describe("criticTable", () => {
  it("has as many numbers as the notebook's critic", () => {
    const table = criticTable(seeds);
    expect(tableSize(table)).toBe(666_721);
    expect(table.map(({ name, shape }) => `${name} ${shape.join("x")}`)).toEqual([
      "critic.conv.0.weight 3x3x4x16",
      "critic.conv.0.bias 16",
      "critic.conv.1.weight 3x3x16x16",
      "critic.conv.1.bias 16",
      "critic.linear.weight 5184x128",
      "critic.linear.bias 128",
      "critic.value.weight 128x1",
      "critic.value.bias 1",
    ]);
  });

  it("needs few for a mean over space, and no convolution for a vector", () => {
    expect(
      criticTable({ ...seeds, pooling: "mean" }).find(({ name }) => name.includes("linear"))?.shape,
    ).toEqual([16, 128]);
    expect(tableSize(criticTable({ ...seeds, grid: null, channels: 8, features: [] }))).toBe(
      (8 + 1) * 128 + 128 + 1,
    );
  });
});

it("initialCritic draws weights from the seed and leaves biases and the last layer 0", () => {
  const small = { ...seeds, grid: [4, 4], hidden: 8 } as const;
  const numbers = initialCritic(small, 3);
  expect(numbers).toEqual(initialCritic(small, 3));
  expect(numbers).not.toEqual(initialCritic(small, 4));
  for (const { name, offset, size } of criticTable(small)) {
    const zero = name.endsWith("bias") || name.startsWith("critic.value");
    expect(
      numbers.subarray(offset, offset + size).some((value) => value !== 0),
      name,
    ).toBe(!zero);
  }
});

it.each([
  ["features of a grid", { features: [] }],
  ["features of a vector", { grid: null }],
  ["pooling", { pooling: "max" }],
  ["hidden", { hidden: 0 }],
  ["output", { output: "tanh" }],
])("criticSchema refuses wrong %s", (_, change) => {
  expect(criticSchema.safeParse({ ...seeds, ...change }).success).toBe(false);
  expect(criticSchema.safeParse(seeds).success).toBe(true);
});
