import { describe, expect, it } from "vitest";
import { resolveGrowingConfig } from "../../src/experiments/growingConfig.ts";
import { choicesOf, configOf, firstChoices } from "./choices.ts";

describe("choices", () => {
  it("make the recipe's configuration, with room around the picture that goes with its size", () => {
    const config = configOf({ ...firstChoices, recipe: "regenerating", size: 40, seed: 7 }, "cat.png");
    const usual = resolveGrowingConfig({ recipe: "regenerating" });
    expect(config.training).toEqual(usual.training);
    expect(config).toMatchObject({ seed: 7, target: { source: "cat.png", size: 40, padding: 12 } });
    expect(configOf({ ...firstChoices, size: 8 }, "🦎").target.padding).toBe(4);
  });

  it("let single settings go before everything, and name a faulty one", () => {
    const sets = { "training.steps": "12", "target.padding": "3", "rule.hidden": "[16, 8]" };
    const config = configOf({ ...firstChoices, sets }, "🦎");
    expect(config.training.steps).toBe(12);
    expect(config.target.padding).toBe(3);
    expect(config.rule.hidden).toEqual([16, 8]);
    expect(() => configOf({ ...firstChoices, sets: { "training.batch": "none" } }, "🦎")).toThrow(
      /training\.batch/,
    );
  });

  it("come back from a configuration that was brought", () => {
    const brought = resolveGrowingConfig({
      preset: "article",
      recipe: "growing",
      overrides: { seed: 3, target: { source: "🐠", size: 20, padding: 5 }, training: { steps: 9 } },
    });
    expect(configOf(choicesOf(brought), "🐠")).toEqual(brought);
    // What is chosen afterwards goes before it.
    expect(configOf({ ...choicesOf(brought), size: 24 }, "🦎")).toEqual({
      ...brought,
      target: { source: "🦎", size: 24, padding: 5, seeds: [[0, 0]] },
    });
  });

  it("find seeds anew, as others may be chosen than the picture that a list is of", () => {
    const seedsOf = (preset: "distill" | "article", seeds: unknown) => {
      const brought = resolveGrowingConfig({ preset, overrides: { target: { seeds } } });
      return configOf(choicesOf(brought), "🦎").target.seeds;
    };
    expect(seedsOf("distill", [[0, 3]])).toBe("picture");
    expect(seedsOf("article", [[0, 3]])).toEqual([[0, 0]]);
    expect(seedsOf("article", "picture")).toBe("picture");
  });

  it("are for one picture", () => {
    const several = resolveGrowingConfig({ overrides: { target: { source: ["🦎", "🐠"] } } });
    expect(() => choicesOf(several)).toThrow("grows 2 pictures by one automaton");
  });
});
