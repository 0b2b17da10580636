import { describe, expect, it } from "vitest";
import { picturePresets } from "../../model/presets.ts";
import { learningRateAt } from "../../train/optim/schedule.ts";
import { growingPresetNames, growingRecipes } from "./schema.ts";
import { growingDefaults } from "./presets.ts";

describe("growingDefaults", () => {
  it.each(growingPresetNames)("%s has every recipe, by which it takes pool and damage", (preset) => {
    const [growing, persistent, regenerating] = growingRecipes.map((recipe) =>
      growingDefaults(preset, recipe),
    );
    expect(growing).toMatchObject({ preset, recipe: "growing", training: { pool: null } });
    expect(persistent).toMatchObject({ preset, training: { pool: { reseed: 1, damaged: 0 } } });
    expect(regenerating.training.pool?.damaged).not.toBe(0);
  });

  it("article: as published", () => {
    const { rule, training } = growingDefaults("article", "regenerating");
    expect(rule).toEqual(picturePresets.distill);
    expect(training).toMatchObject({
      batch: 8,
      rollout: [64, 96],
      optimizer: { kind: "adam" },
      gradient: { normalize: true, clip: null },
      loss: { placement: "last", overflow: 0 },
      pool: { size: 1024, reseed: 1, damaged: 3, damage: ["circle"] },
    });
    const rates = [0, 1999, 2000].map((step) => learningRateAt(training, step));
    expect(rates).toEqual([2e-3, 2e-3, 2e-4]);
  });

  it("cax: as in its notebook", () => {
    const { recipe, rule, training } = growingDefaults("cax");
    expect(recipe).toBe("persistent");
    expect(rule).toEqual(picturePresets.cax);
    expect(training).toMatchObject({
      batch: 8,
      rollout: [128, 128],
      gradient: { normalize: false, clip: 1 },
      loss: { placement: "random" },
      pool: { size: 1024, reseed: 1, damaged: 0 },
    });
    const rates = [0, 1000, 2000, 8000].map((step) => learningRateAt(training, step));
    [2e-3, 1.1e-3, 2e-4, 2e-4].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 15));
  });

  it("tutorial: as in its text, after a warm-up", () => {
    const config = growingDefaults("tutorial");
    expect(config.recipe).toBe("growing");
    expect(config.rule).toEqual(picturePresets.tutorial);
    expect(config.target.size + 2 * config.target.padding).toBe(40);
    expect(config.training).toMatchObject({ batch: 8, rollout: [64, 95], pool: null });
    // 1e-12 is far above the rounding of ten thousand products of doubles.
    expect(learningRateAt(config.training, 1100)).toBeCloseTo(2e-3 * 0.9999 ** 1000, 12);
  });
});
