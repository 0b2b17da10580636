/** Growing any of several pictures, as the input says. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { type Switch, unroll } from "../../engine/unroll.ts";
import { createWasmEngine } from "../../engine/wasm/engine.ts";
import { UserError } from "../../errors.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { seedState } from "../../model/seed.ts";
import { oneHot } from "../../train/goals.ts";
import { imageLoss } from "../../train/loss/loss.ts";
import { createGrowing } from "./growing.ts";
import type { GrowingConfig, GrowingPreset, GrowingRecipe } from "./schema.ts";
import { growingDefaults } from "./presets.ts";
import { uncheckedOverrides } from "../../config/config.ts";
import { resolveGrowingConfig } from "./config.ts";

let engine: Engine;
beforeAll(async () => void (engine = await createWasmEngine({ kernels: "strict" })));
afterAll(() => engine.dispose());

const SOURCES = ["a", "b"];
const GRID = [8, 8] as const;
/** An upright red bar and a level blue one. */
const TARGETS = [
  pictureOf((_, x) => x === 3 || x === 4, [1, 0, 0, 1]),
  pictureOf((y) => y === 3 || y === 4, [0, 0, 1, 1]),
];

function pictureOf(inside: (y: number, x: number) => boolean, colour: readonly number[]): Float32Array {
  const target = new Float32Array(8 * 8 * 4);
  for (let y = 1; y < 7; y++)
    for (let x = 1; x < 7; x++) if (inside(y, x)) target.set(colour, (y * 8 + x) * 4);
  return target;
}

function placed(data: Float32Array): Target {
  return { grid: GRID, data };
}

function small(recipe: GrowingRecipe, sets: readonly string[] = []): GrowingConfig {
  return resolveGrowingConfig({
    recipe,
    overrides: { target: { source: SOURCES, size: 6, padding: 1 } },
    sets: [
      "rule.channels=8",
      "rule.hidden=[32]",
      "rule.seed.to=8",
      "training.steps=800",
      "training.rollout=[12,18]",
      "training.learningRate=1e-2",
      ...(recipe === "growing" ? [] : ["training.pool.size=16"]),
      ...sets,
    ],
  });
}

async function trained(config: GrowingConfig): Promise<Float32Array> {
  const trainer = createGrowing({ engine, config, target: TARGETS.map(placed) });
  for await (const { skipped } of trainer) expect(skipped).toBeUndefined();
  return trainer.model;
}

/** Mean squared error against each target, at each stop. */
async function errorsOf(
  config: GrowingConfig,
  parameters: Float32Array,
  goal: number,
  stops: readonly number[],
  switches: readonly Switch[] = [],
): Promise<number[][]> {
  const conventions = splitRule(config.rule);
  const { rule } = conventions;
  const start = seedState(conventions, GRID);
  const request = {
    engine,
    rule,
    grid: GRID,
    parameters,
    start,
    seed: 5,
    stops,
    switches,
  };
  const errors: number[][] = [];
  for await (const { state } of unroll({ ...request, inputs: [oneHot(goal, 2)] })) {
    errors.push(TARGETS.map((target) => imageLoss(state, target, conventions)));
  }
  return errors;
}

describe("resolveGrowingConfig, of several pictures", () => {
  it.each<[GrowingPreset, object]>([
    ["distill", { alive: { channel: 3 }, image: { offset: 0 }, seed: { from: 3, to: 32 } }],
    ["cax", { alive: { channel: 31 }, image: { offset: 28 }, seed: { from: 31, to: 32 } }],
    ["tutorial", { alive: { channel: 3 }, image: { offset: 0 }, seed: { from: 3, to: 32 } }],
  ])("%s: a number of the input for each, in a wider automaton", (preset, conventions) => {
    const { rule, training } = resolveGrowingConfig({
      preset,
      recipe: "persistent",
      overrides: { target: { source: ["🦎", "🦋", "😀"] } },
    });
    expect(rule).toMatchObject({ channels: 32, hidden: [256], inputSize: 3, ...conventions });
    expect(rule.kernels).toEqual(growingDefaults(preset).rule.kernels);
    expect(training.pool).toMatchObject({ reseed: 1, switched: 1, damaged: 0 });
  });

  it("has every recipe", () => {
    expect(small("growing").training.pool).toBeNull();
    expect(small("regenerating").training.pool).toMatchObject({ switched: 1, damaged: { to: 2 } });
  });

  it.each([
    [["a"], [], "target.source must name from 2 to 64 pictures where it is a list"],
    [["a", "a"], [], "target.source must not name a picture twice"],
    [
      Array.from({ length: 65 }, (_, i) => `${i}`),
      [],
      "target.source must name from 2 to 64 pictures where it is a list",
    ],
    [[1, 2], [], "target.source is [1,2]; it must be text"],
    [
      SOURCES,
      ["rule.inputSize=3"],
      "rule.inputSize must be the number of pictures: each is called for by one number of the input",
    ],
    [
      SOURCES,
      ["training.batch=2", "training.pool.damaged=1"],
      "training.pool.reseed and damaged and switched together must be at most the batch size",
    ],
  ])("refuses %j %j", (source, sets, sentence) => {
    const overrides = uncheckedOverrides<GrowingConfig>({ target: { source } });
    const resolve = () => resolveGrowingConfig({ overrides, sets });
    expect(resolve).toThrow(new UserError(sentence, { exitCode: 2 }));
  });
});

describe("createGrowing, of several pictures", () => {
  it("with a pool: each grows and stays, and becomes the other when it is called for", async () => {
    const config = small("persistent");
    const parameters = await trained(config);
    for (const [goal, known] of [8.7628826e-5, 8.016242e-5].entries()) {
      const other = 1 - goal;
      const switches = [{ step: 40, input: oneHot(other, 2) }];
      const [grown, turned] = await errorsOf(config, parameters, goal, [40, 80], switches);
      // Strict kernels round alike everywhere; ten digits leave room for nothing but a change of what is computed.
      expect(grown[goal]).toBeCloseTo(known, 10);
      expect(grown[other]).toBeGreaterThan(FAR / 2);
      expect(turned[other]).toBeLessThan(FAR / 100);
    }
  });

  it("without a pool: each grows", async () => {
    const config = small("growing");
    const parameters = await trained(config);
    for (const goal of [0, 1]) {
      const [grown] = await errorsOf(config, parameters, goal, [15]);
      expect(grown[goal]).toBeLessThan(FAR / 10);
    }
  });

  it("refuses another number of targets", () => {
    const config = small("persistent");
    const create = (target: Target | Target[]) => () => createGrowing({ engine, config, target });
    expect(create(placed(TARGETS[0]))).toThrow(
      new RangeError("1 targets were given; the configuration names 2"),
    );
  });
});

/** Between the two pictures: what an automaton is off by that grows the wrong one. */
const FAR = TARGETS[0].reduce((sum, value, i) => sum + (value - TARGETS[1][i]) ** 2, 0) / TARGETS[0].length;
