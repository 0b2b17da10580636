import { describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { evaluate } from "../../analysis/evaluation.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { ONE_SEED, startState } from "../../model/start.ts";
import { createEngine } from "../../node/engine.ts";
import { loadTarget } from "../../node/images.ts";
import { createGrowing, finalValidation, growingValidation } from "./growing.ts";
import type { GrowingPreset, GrowingRecipe } from "./schema.ts";
import { resolveGrowingConfig } from "./config.ts";
import { pretrainedParameters } from "./pretrained.ts";
import type { Look } from "./validatedTrainer.ts";
import { meanSquare, validate, type Validation } from "./validation.ts";

/** The same bits on all machines, and some fifty times as fast as the plain step. */
const engine = await createEngine({ threads: 0, kernels: "strict" });

const sets = [
  "target.size=4",
  "target.padding=1",
  "rule.channels=6",
  "rule.hidden=[8]",
  "rule.seed.to=6",
  "training.steps=150",
  "training.rollout=[8,10]",
  "training.learningRate=2e-2",
  "training.pool.size=8",
  "training.loss.coordinates=0",
  "training.validation=null",
];
const data = new Float32Array(36 * 4);
const target: Target = { grid: [6, 6], data };
for (let y = 1; y < 5; y++) for (let x = 1; x < 5; x++) data.set([x < 3 ? 1 : 0, 0, 0.5, 1], (y * 6 + x) * 4);
/** Loss of an empty grid. */
const EMPTY = data.reduce((sum, value) => sum + value * value, 0) / data.length;

describe("createGrowing", () => {
  it.each<GrowingRecipe>(["growing", "persistent", "regenerating"])("%s learns a picture", async (recipe) => {
    const config = resolveGrowingConfig({
      recipe,
      sets: recipe === "growing" ? sets.filter((set) => !set.includes("pool")) : sets,
    });
    const losses: number[] = [];
    for await (const { loss } of createGrowing({ engine, config, target })) losses.push(loss);
    expect(losses).toHaveLength(150);
    const last = losses.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20;
    expect(last).toBeLessThan(EMPTY / 2);
  });

  it.each<[GrowingPreset, GrowingRecipe, "learned" | "given", number]>([
    ["distill", "persistent", "learned", 0.11544029074215395],
    ["distill", "persistent", "given", 0.07218335271192314],
    ["article", "regenerating", "learned", 0.09077324011110083],
    ["cax", "persistent", "learned", 0.10648471990300815],
    ["tutorial", "growing", "learned", 0.051671688860314785],
  ])("%s, %s, coordinates %s: reaches a known loss", async (preset, recipe, coordinates, known) => {
    const config = resolveGrowingConfig({
      preset,
      recipe,
      sets: [
        "target.size=4",
        "target.padding=1",
        `target.coordinates=${coordinates}`,
        "rule.hidden=[12]",
        "training.steps=60",
        "training.validation=null",
        ...(preset === "distill" ? [] : ["training.batch=4", "training.rollout=[10,12]"]),
        ...(recipe === "growing" ? [] : ["training.pool.size=16"]),
      ],
    });
    const losses: number[] = [];
    for await (const { loss } of createGrowing({ engine: referenceEngine(), config, target }))
      losses.push(loss);
    // The reference engine rounds alike everywhere; ten digits leave room for nothing but a change of what is computed.
    expect(losses.at(-1)).toBeCloseTo(known, 10);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it("gives cells their coordinates where they do not get good by learning them; from then on it is as if it always had", async () => {
    const own = [
      ...sets.filter((set) => !/validation|steps|channels|seed/.test(set)),
      "rule.channels=8",
      "rule.seed.to=8",
      'training.validation={"aim":0.0001,"giveCoordinatesFrom":4,"every":20,"runs":2,"steps":[8]}',
    ];
    const trained = async (...more: string[]) => {
      const config = resolveGrowingConfig({ sets: [...own, ...more] });
      const trainer = createGrowing({ engine, config, target });
      const losses: number[] = [];
      for await (const { loss } of trainer) losses.push(loss);
      return { losses, model: trainer.toModel() };
    };
    const { losses, model } = await trained("training.steps=64", "target.coordinates=picture");
    const given = await trained("training.steps=60", "target.coordinates=given");
    const learned = await trained("training.steps=64", "target.coordinates=learned");
    expect(losses.slice(0, 4)).toEqual(learned.losses.slice(0, 4));
    expect(losses.slice(4)).toEqual(given.losses);
    expect(model.start.coordinates).toEqual(given.model.start.coordinates);
    expect(model.start.coordinates?.channels).toEqual([6, 7]);
    expect(learned.model.start.coordinates).toBeUndefined();
    expect(model.provenance.steps).toBe(64);
  });

  it("refuses a target that does not fill its grid", () => {
    const config = resolveGrowingConfig();
    const short = { grid: [6, 7] as const, data };
    expect(() => createGrowing({ engine, config, target: short })).toThrow(
      "the target has 144 numbers; 6 x 7 x 4 are needed",
    );
  });
});

describe("growingValidation", () => {
  it("looks longer where it is asked to, with other fire masks", async () => {
    const own = sets.filter((set) => !set.includes("validation"));
    const config = resolveGrowingConfig({
      sets: [...own, "training.validation.steps=[10,20]", "training.validation.last=40"],
    });
    const validated = growingValidation({ engine, config, target });
    const trainer = createGrowing({ engine, config, target });
    for await (const { step } of trainer) if (step === 40) break;
    const parameters = trainer.model;
    const look = async (how: Look) =>
      (await validated({ parameters, step: 41, look: how, signal: undefined })).errors;
    const [first, longer] = [await look("first"), await look("longer")];
    expect(first.map(({ step }) => step)).toEqual([10, 20]);
    expect(longer.map(({ step }) => step)).toEqual([10, 20, 40]);
    expect(longer[0].relative).not.toBe(first[0].relative);
    expect((await look("closer")).map(({ step }) => step)).toEqual([10, 20]);
    // In the end it is asked to where training has not.
    const stepsAfter = async (looked: Validation["errors"]) => {
      const before = { errors: looked, died: 0, overgrown: 0 };
      const { errors } = await finalValidation({ engine, config, target }, parameters, { looked: before });
      return errors.map(({ step }) => step);
    };
    expect(await stepsAfter(first)).toEqual([10, 20, 40]);
    expect(await stepsAfter(longer)).toEqual([10, 20]);
  });

  it.each([
    [4000, 12, [10, 400]],
    [0, 4, [10, 420]],
  ])(
    "looks closer at more runs, and less far where a longer look follows: to %i",
    async (last, times, steps) => {
      const own = sets.filter((set) => !set.includes("validation"));
      const validation = `training.validation={"aim":0.003,"runs":2,"steps":[10,420],"last":${last}}`;
      const config = resolveGrowingConfig({ sets: [...own, validation] });
      const { model: parameters } = createGrowing({ engine, config, target });
      const samples = new Set<number>();
      const counting: Engine = {
        ...engine,
        read: (states) => engine.read(states),
        rollout: (request) => {
          samples.add(request.states.length);
          return engine.rollout(request);
        },
      };
      const look = growingValidation({ engine: counting, config, target });
      const { errors } = await look({ parameters, step: 1, look: "closer", signal: undefined });
      expect(errors.map(({ step }) => step)).toEqual(steps);
      expect([...samples]).toEqual([2 * times]);
    },
  );
});

describe("validate", () => {
  it("counts the runs that end worse than twice the bound", async () => {
    const config = resolveGrowingConfig({ sets: sets.filter((set) => !set.includes("validation")) });
    const trainer = createGrowing({ engine, config, target });
    for await (const { step } of trainer) if (step === 20) break;
    const { rule, readout, start } = splitRule(config.rule, ONE_SEED);
    const request = {
      engine,
      rule,
      readout,
      grid: target.grid,
      parameters: trainer.model,
      start: startState({ rule, readout, start }, target.grid),
      goals: [{ target: data }],
      kept: [],
      seed: 1,
    };
    const settings = { runs: 1, steps: [10, 20], damage: [] };
    const alone = await Promise.all(
      [1, 2, 3, 4].map((seed) => validate({ ...request, seed, settings: { ...settings, bound: 1 } })),
    );
    const [least, ...worse] = alone.map(({ errors }) => errors.at(-1)!.relative).toSorted((a, b) => a - b);
    expect(least).toBeLessThan(worse.at(-1)!);
    const bound = (least + worse.at(-1)!) / 4;
    for (const [i, { errors }] of alone.entries()) {
      const { failed } = await validate({ ...request, seed: i + 1, settings: { ...settings, bound } });
      expect(failed).toBe(errors.at(-1)!.relative > 2 * bound ? 1 : 0);
    }
  });

  it("says how damage heals, as evaluate does", async () => {
    const picture = { size: 40, padding: 16 };
    const { grid, data: face } = await loadTarget("😀", { ...picture, premultiplied: true });
    const { rule, readout, start } = splitRule(resolveGrowingConfig().rule, ONE_SEED);
    const setting = { engine, rule, readout, grid, parameters: pretrainedParameters(), seed: 5 };
    const damage = ["half-left", "circle"] as const;
    const { angles } = await evaluate({
      ...setting,
      start,
      target: face,
      damage,
      runs: 2,
      steps: [96, 450],
      angles: [0],
    });
    const { errors, healed } = await validate({
      ...setting,
      start: startState({ rule, readout, start }, grid),
      goals: [{ target: face }],
      settings: { bound: 0.01, runs: 2, steps: [96, 450], damage: [...damage] },
      kept: [],
    });
    const size = meanSquare(face, readout);
    const [{ growth, recovery, undamaged }] = angles;
    expect(errors.map(({ step, relative }) => [step, (relative * size).toFixed(12)])).toEqual(
      growth.errors.map(({ step, mean }) => [step, mean!.toFixed(12)]),
    );
    expect(healed?.map((each) => each.damage)).toEqual(damage);
    for (const [i, each] of healed!.entries()) {
      expect(each.relative * size).toBeCloseTo(recovery[i].errors.at(-1)!.mean!, 12);
      expect(each.undamaged * size).toBeCloseTo(undamaged.mean!, 12);
      expect(each.relative).not.toBe(each.undamaged);
    }
  });
});
