import { describe, expect, it } from "vitest";
import { HANDWRITING } from "../../src/data/handwriting.ts";
import { resolveEvolutionConfig } from "../../src/experiments/evolution/evolution.ts";
import { type GrowingConfig, growingConfigSchema } from "../../src/experiments/growing/schema.ts";
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { resolveReinforcementConfig } from "../../src/experiments/reinforcement/presets.ts";
import {
  type Choices,
  choicesFor,
  choicesOf,
  configOf as anyConfigOf,
  firstChoices,
  hasQualities,
} from "./choices.ts";
import { experimentNamed, offeredExperiments } from "./training/subjects.ts";

/** That of growing. */
const configOf = (choices: Choices, source: string) =>
  growingConfigSchema.parse(anyConfigOf(choices, source));

/** The first choices with other presets. */
const chosen = (presets: Choices["presets"]) => ({
  ...firstChoices,
  presets: { ...firstChoices.presets, ...presets },
});

/** The seeds of another picture, where a configuration with these was imported. */
function seedsOf(preset: "distill" | "article", seeds: GrowingConfig["target"]["seeds"]) {
  const imported = resolveGrowingConfig({ preset, overrides: { target: { seeds } } });
  return configOf(choicesOf(imported), "🦎").target.seeds;
}

/** The coordinates of another picture, likewise. */
function coordinatesOf(coordinates: GrowingConfig["target"]["coordinates"]) {
  const imported = resolveGrowingConfig({ overrides: { target: { coordinates } } });
  return configOf(choicesOf(imported), "🦎").target.coordinates;
}

it("leave coordinates behind with the picture that they were found for", () => {
  const given = { channels: [14, 15], box: { top: -4, left: -4, height: 8, width: 8 }, unit: 1 } as const;
  expect([given, "given" as const, "learned" as const].map(coordinatesOf)).toEqual([
    "picture",
    "given",
    "learned",
  ]);
});

describe("choices", () => {
  it("make the recipe's configuration, with padding in proportion to the picture's size", () => {
    const config = configOf({ ...chosen({ recipe: "regenerating" }), size: 40, seed: 7 }, "cat.png");
    const usual = resolveGrowingConfig({ recipe: "regenerating" });
    expect(config.training).toEqual(usual.training);
    expect(config).toMatchObject({ seed: 7, target: { source: "cat.png", size: 40, padding: 12 } });
    expect(configOf({ ...firstChoices, size: 8 }, "🦎").target.padding).toBe(4);
  });

  it("let single settings go before everything, and name a faulty one", () => {
    const sets = { "training.steps": "12", "target.padding": "3", "rule.hidden": "[16, 8]" };
    const config = configOf({ ...firstChoices, sets }, "🦎");
    expect(config.training).toMatchObject({ steps: 12, work: null, validation: { aim: 0, runs: 8 } });
    expect(config.target.padding).toBe(3);
    expect(config.rule.hidden).toEqual([16, 8]);
    expect(() => configOf({ ...firstChoices, sets: { "training.batch": "none" } }, "🦎")).toThrow(
      /training\.batch/,
    );
  });

  it("have the quality's aim and limits, where the recipe knows qualities", () => {
    const { training } = configOf(chosen({ quality: "best" }), "🦎");
    expect(training).toEqual(resolveGrowingConfig({ quality: "best" }).training);
    expect(training.validation?.aim).toBeLessThan(configOf(firstChoices, "🦎").training.validation!.aim);
    expect(hasQualities(firstChoices)).toBe(true);
    expect(hasQualities(chosen({ recipe: "regenerating" }))).toBe(false);
    expect(hasQualities(chosen({ preset: "article" }))).toBe(false);
  });

  it("make as many steps as are set, however they were to end before", () => {
    const sets = { "training.steps": "12", "training.validation.aim": "0.1" };
    expect(configOf({ ...firstChoices, sets }, "🦎").training.validation?.aim).toBe(0.1);
    const unvalidated = { ...chosen({ preset: "article" }), sets: { "training.steps": "12" } };
    expect(configOf(unvalidated, "🦎").training).toMatchObject({ steps: 12, validation: null });
  });

  it("come back from an imported configuration", () => {
    const imported = resolveGrowingConfig({
      preset: "article",
      recipe: "growing",
      quality: "draft",
      overrides: { seed: 3, target: { source: "🐠", size: 20, padding: 5 }, training: { steps: 9 } },
    });
    expect(configOf(choicesOf(imported), "🐠")).toEqual(imported);
    // What is chosen afterwards goes before it.
    expect(configOf({ ...choicesOf(imported), size: 24 }, "🦎")).toEqual({
      ...imported,
      target: { ...imported.target, source: "🦎", size: 24 },
    });
  });

  it("find seeds again, since a list of seeds belongs to the imported picture", () => {
    expect(seedsOf("distill", [[0, 3]])).toBe("picture");
    expect(seedsOf("article", [[0, 3]])).toEqual([[0, 0]]);
    expect(seedsOf("article", "picture")).toBe("picture");
  });

  it("are for one picture", () => {
    const several = resolveGrowingConfig({ overrides: { target: { source: ["🦎", "🐠"] } } });
    expect(() => choicesOf(several)).toThrow("grows 2 pictures by one automaton");
  });

  it("may be of any experiment whose subject the page can supply", () => {
    expect(offeredExperiments().map(({ name }) => name)).toEqual([
      "grow",
      "evolve",
      "reinforce",
      "digits",
      "classify",
      "denoise",
      "complete",
      "texture",
    ]);
    const seed = 5;
    const evolve = choicesFor(experimentNamed("evolve"), { seed });
    const overrides = { seed, target: { source: "🐠" } };
    expect(anyConfigOf(evolve, "🐠")).toEqual(resolveEvolutionConfig({ overrides }));
    const digits = anyConfigOf(choicesFor(experimentNamed("digits"), { seed }), "🐠");
    expect(digits).toMatchObject({ seed, data: { source: HANDWRITING, size: 28 } });
    expect(choicesFor(experimentNamed("grow"), { seed })).toEqual({ ...firstChoices, seed });
    expect(() => anyConfigOf({ ...evolve, experiment: "knit" }, "🐠")).toThrow(
      /which this page does not train/,
    );
  });

  it("set what depends on a setting, as the command line does", () => {
    const reinforce = choicesFor(experimentNamed("reinforce"), { seed: 0 });
    const config = anyConfigOf({ ...reinforce, sets: { "training.horizon": "10" } }, "🦎");
    expect(config).toMatchObject({ training: { horizon: 10, every: 2 } });
    const faulty = { ...reinforce, sets: { "training.horizon": "long" } };
    expect(() => anyConfigOf(faulty, "🦎")).toThrow(/training\.horizon is "long"/);
  });

  it("of another experiment come back from its configuration", () => {
    const overrides = { seed: 4, target: { size: 20, seeds: [[0, 2]] as [number, number][] } };
    const imported = resolveReinforcementConfig({ preset: "cax-rl", overrides });
    const choices = choicesOf(imported, "reinforce");
    expect(choices).toMatchObject({ presets: { preset: "cax-rl" }, size: 20, seed: 4 });
    expect(anyConfigOf(choices, "🦎")).toEqual({
      ...imported,
      target: { ...imported.target, seeds: [[0, 0]] },
    });
  });
});
