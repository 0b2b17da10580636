import { expect, it } from "vitest";
import { closest } from "./closest.ts";

const WORDS = ["batch", "steps", "pool", "learningRate", "rollout", "warmup"];

it.each([
  ["batc", "batch"],
  ["bathc", "batch"],
  ["baatch", "batch"],
  ["learningrate", "learningRate"],
  ["lerningRates", "learningRate"],
  ["roll", undefined],
  ["pool", "pool"],
  ["pol", "pool"],
  ["po", undefined],
  ["", undefined],
  ["something", undefined],
])("%j: %j", (word, meant) => {
  expect(closest(word, WORDS)).toBe(meant);
});

it("prefers fewer slips to an earlier place", () => {
  expect(closest("texture", ["textures", "texture"])).toBe("texture");
});
