import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { picturePresets } from "../../model/presets.ts";
import { growingConfigSchema, growingRecipes } from "./schema.ts";
import { counted, prolonged, resolveGrowingConfig } from "./config.ts";

describe("resolveGrowingConfig", () => {
  it("has complete defaults, which are plain JSON", () => {
    const config = resolveGrowingConfig();
    expect(config).toMatchObject({ seed: 0, recipe: "persistent", rule: picturePresets.distill });
    expect(growingConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it("takes the rule of a preset", () => {
    for (const preset of ["distill", "cax", "tutorial"] as const) {
      expect(resolveGrowingConfig({ preset }).rule).toEqual(picturePresets[preset]);
    }
  });

  it("has a pool, and damage, by recipe", () => {
    const [growing, persistent, regenerating] = growingRecipes.map(
      (recipe) => resolveGrowingConfig({ recipe }).training.pool,
    );
    expect(growing).toBeNull();
    expect(persistent).toMatchObject({ reseed: 1, damaged: 0 });
    expect(regenerating?.damaged).not.toBe(0);
  });

  it("puts settings before overrides before defaults", () => {
    const { training } = resolveGrowingConfig({
      overrides: { training: { steps: 10, batch: 2, warmup: 1 } },
      sets: ["training.batch=3", "training.steps=20", "training.steps=30"],
    });
    expect(training).toMatchObject({ steps: 30, batch: 3, warmup: 1, learningRate: 6e-3 });
  });

  it("fills in what another schedule needs", () => {
    const { schedule } = resolveGrowingConfig({ sets: ["training.schedule.kind=step"] }).training;
    expect(schedule).toEqual({ kind: "step", at: [2000], factor: 0.1 });
  });

  it("leaves whole configurations of earlier versions as they are", () => {
    for (const name of ["lizard", "three"]) {
      const file = new URL(`../../../playground/public/gallery/${name}.json`, import.meta.url);
      const { version: _, experiment, engine, picture, ...old } = JSON.parse(readFileSync(file, "utf8"));
      expect({ experiment, engine, picture }).toMatchObject({ experiment: "grow" });
      const config = growingConfigSchema.parse(old);
      expect(config).toMatchObject(old);
      expect(config).toMatchObject({ initial: "random", training: { validation: null, average: null } });
      for (const overrides of [config, old]) expect(resolveGrowingConfig({ overrides })).toEqual(config);
    }
  });

  it("heals sooner from the pretrained automaton than from fresh parameters", () => {
    const { initial, training } = resolveGrowingConfig({ recipe: "regenerating" });
    expect([initial, training.validation?.enough, training.steps]).toEqual(["pretrained", 5000, 7500]);
    expect(training.validation?.damage).toHaveLength(6);
    expect(resolveGrowingConfig().training.validation?.damage).toEqual([]);
    for (const set of ["initial=random", "rule.hidden=[96]"]) {
      const fresh = resolveGrowingConfig({ recipe: "regenerating", sets: [set] });
      expect([fresh.initial, fresh.training.steps, fresh.training.work]).toEqual(["random", 6000, null]);
    }
  });

  it("has types for overrides, in part and in depth", () => {
    // @ts-expect-error A number is needed.
    expect(() => resolveGrowingConfig({ overrides: { training: { steps: "x" } } })).toThrow(
      "training.steps is",
    );
    // @ts-expect-error There is no such field.
    expect(() => resolveGrowingConfig({ overrides: { steps: 3 } })).toThrow("steps is not a known field");
  });

  it("takes ramps", () => {
    const ramp = { from: [32, 48], to: [64, 96], over: 200 } as const;
    const { training } = resolveGrowingConfig({ overrides: { training: { rollout: ramp } } });
    expect(training.rollout).toEqual(ramp);
  });

  it("has coordinates where a whole pattern is to be found again, and where there is room for them", () => {
    const { training } = resolveGrowingConfig({ recipe: "regenerating" });
    expect(training.loss.coordinates).toBe(1);
    const small = ["rule.channels=5", "rule.seed.to=5", "training.loss.coordinates=1"];
    expect(() => resolveGrowingConfig({ sets: small })).toThrow(
      "training.loss.coordinates must be 0: the rule has no two channels beside the picture's",
    );
  });

  it.each([
    ["seed=-1", "seed is -1; it must be at least 0"],
    ["target.size=3", "target.size is 3; it must be at least 4"],
    ["target.size=1e9", "target.size is 1000000000; it must be at most 512"],
    ["target.padding=257", "target.padding is 257; it must be at most 256"],
    ["training.steps=0", "training.steps is 0; it must be at least 1"],
    ["training.steps=NaN", 'training.steps is "NaN"; it must be a finite number'],
    ["training.batch=257", "training.batch is 257; it must be at most 256"],
    ["training.learningRate=101", "training.learningRate is 101; it must be at most 100"],
    [
      "training.learningrate=1",
      "training.learningrate is not a known field; did you mean training.learningRate?",
    ],
    ["training.rollout=[64,48]", "training.rollout must be [fewest, most], fewest not above most"],
    ["training.pool.size=1", "training.pool.size must be at least the batch size"],
    [
      "training.pool.damaged=4",
      "training.pool.reseed and damaged and switched together must be at most the batch size",
    ],
    ["rule.inputSize=1", "rule.inputSize must be 0: growing one picture gives cells no input"],
    ["recipe=shrinking", 'recipe is "shrinking"; it must be "growing", "persistent" or "regenerating"'],
    [
      "__proto__.seed=1",
      "__proto__ is not a known field; there are seed, target, preset, recipe, quality, initial, rule, training",
    ],
  ])("refuses %s", (set, sentence) => {
    expect(() => resolveGrowingConfig({ sets: [set] })).toThrow(new UserError(sentence, { exitCode: 2 }));
  });
});

describe("prolonged", () => {
  const disc = { grid: [8, 8] as const, data: new Float32Array(8 * 8 * 4).fill(1) };
  const config = resolveGrowingConfig({
    sets: ["training.batch=4", "training.rollout=[400,500]", "target.coordinates=learned"],
  });

  it("makes just as many steps as it is told", () => {
    const { training } = prolonged(config, { steps: 7000 }, disc);
    expect(training).toEqual({ ...config.training, ...counted(7000, config) });
    expect(training).toMatchObject({ steps: 7000, work: null, batch: 4, validation: { aim: 0, every: 250 } });
    expect(training.validation?.enough).toBeNull();
    expect(counted(5, resolveGrowingConfig({ preset: "article" }))).toEqual({
      steps: 5,
      work: null,
      validation: null,
    });
  });

  it("takes the end of another quality, within its limits of work", () => {
    const best = prolonged(config, { quality: "best" }, disc);
    const { training } = resolveGrowingConfig({ quality: "best" });
    expect(best.quality).toBe("best");
    // 4 samples x 450 steps x 64 cells, of which half fire.
    const steps = Math.round((1e6 * training.work!) / (4 * 450 * 64 * 0.5));
    const validation = { ...training.validation, giveCoordinatesFrom: null };
    expect(best.training).toMatchObject({ batch: 4, work: training.work, steps, validation });
  });

  it("leaves training unvalidated that began so", () => {
    const overrides = { training: { validation: null } };
    const earlier = resolveGrowingConfig({ recipe: "regenerating", overrides });
    expect(prolonged(earlier, { quality: "best" }, disc).training.validation).toBeNull();
  });

  it("leaves alone what it is told nothing of", () => {
    expect(prolonged(config, {}, disc)).toBe(config);
    expect(prolonged(config, { quality: "good" }, disc)).toBe(config);
  });
});
