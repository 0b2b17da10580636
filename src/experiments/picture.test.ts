/** Where growth starts, from configuration to trainer. */
import { describe, expect, it } from "vitest";
import { onOneGrid, type Target, targetFromRgba } from "../data/image.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { UserError } from "../errors.ts";
import type { Seeds } from "../model/start.ts";
import { cellKinds } from "../analysis/cells.ts";
import { createEvolution, evolutionConfigSchema, evolutionDefaults } from "./evolution/evolution.ts";
import { createGrowing } from "./growing/growing.ts";
import { growingConfigSchema, growingPresetNames } from "./growing/schema.ts";
import { resolveGrowingConfig } from "./growing/config.ts";
import { fitGrowingConfig } from "./growing/fit.ts";
import { growingDefaults } from "./growing/presets.ts";
import { fitSeeds } from "./picture.ts";
import {
  createReinforcement,
  reinforcementConfigSchema,
  fitReinforcementConfig,
} from "./reinforcement/reinforcement.ts";
import { reinforcementDefaults, resolveReinforcementConfig } from "./reinforcement/presets.ts";

/** A picture of two upright bars, red and blue, on a grid of 5 x 12 cells. */
const BARS: Target = { grid: [5, 12], data: new Float32Array(5 * 12 * 4) };
for (let y = 1; y < 4; y++) {
  for (const x of [1, 2]) BARS.data.set([1, 0, 0, 1], (y * 12 + x) * 4);
  for (const x of [9, 10]) BARS.data.set([0, 0, 1, 1], (y * 12 + x) * 4);
}
const SEEDS: Seeds = [
  [0, -4],
  [0, 3],
];

describe("target.seeds", () => {
  it("is found from the picture by our own presets, and one in the centre by those of others", () => {
    const own = growingPresetNames.map((name) => [name, growingDefaults(name).target.seeds]);
    expect(Object.fromEntries(own)).toEqual({
      distill: "picture",
      article: [[0, 0]],
      cax: [[0, 0]],
      tutorial: [[0, 0]],
    });
    expect(growingDefaults("distill", undefined, 2).target.seeds).toBe("picture");
    expect([evolutionDefaults(), evolutionDefaults("cax-es")].map(({ target }) => target.seeds)).toEqual([
      "picture",
      [[0, 0]],
    ]);
    expect(
      [reinforcementDefaults(), reinforcementDefaults("cax-rl")].map(({ target }) => target.seeds),
    ).toEqual(["picture", [[0, 0]]]);
  });

  it.each([
    ["grow", growingConfigSchema, growingDefaults()],
    ["evolve", evolutionConfigSchema, evolutionDefaults()],
    ["reinforce", reinforcementConfigSchema, reinforcementDefaults()],
  ] as const)("is one in the centre in a config.json of %s that is older than it", (_, schema, config) => {
    const { seeds: _seeds, ...target } = config.target;
    expect(schema.parse({ ...config, target }).target.seeds).toEqual([[0, 0]]);
  });

  it.each([
    "5",
    "middle",
    "[]",
    "[0,0]",
    "[[0]]",
    "[[0,0.5]]",
    "[[0,16777216]]",
    `[${"[0,0],".repeat(64)}[0,0]]`,
  ])("refuses %s", (text) => {
    expect(() => resolveGrowingConfig({ sets: [`target.seeds=${text}`] })).toThrow(
      new UserError(
        `target.seeds must be "picture" or a list of 1 to 64 seeds, each [rows down, columns right] from the grid's centre cell, such as [[0,-9],[0,9]]`,
        { exitCode: 2 },
      ),
    );
  });
});

describe("fitGrowingConfig", () => {
  it("finds the seeds of the picture", () => {
    const config = resolveGrowingConfig();
    const fitted = fitGrowingConfig(config, BARS);
    const training = { ...config.training, reach: null };
    const target = { ...config.target, seeds: SEEDS, coordinates: "picture" };
    expect(fitted).toEqual({ ...config, training, target });
    expect(Object.keys(fitted.target)).toEqual(["source", "size", "padding", "seeds", "coordinates"]);
    expect(fitGrowingConfig(fitted, BARS)).toEqual(fitted);
  });

  it("leaves a list as it is", () => {
    const config = resolveGrowingConfig({ sets: ["target.seeds=[[2,-6],[-2,5]]"] });
    expect(fitGrowingConfig(config, [BARS]).target.seeds).toEqual(config.target.seeds);
  });

  it("is one in the centre for several pictures, which all start alike", () => {
    const config = resolveGrowingConfig({ overrides: { target: { source: ["a", "b"] } } });
    expect(config.target.seeds).toBe("picture");
    expect(fitGrowingConfig(config, [BARS, BARS]).target.seeds).toEqual([[0, 0]]);
  });

  it.each([
    ["[[0,0],[3,0]]", "target.seeds[1] is [3, 0]"],
    ["[[0,6]]", "target.seeds[0] is [0, 6]"],
    ["[[-3,0]]", "target.seeds[0] is [-3, 0]"],
  ])("refuses seeds outside the grid: %s", (text, which) => {
    const config = resolveGrowingConfig({ sets: [`target.seeds=${text}`] });
    expect(() => fitGrowingConfig(config, BARS)).toThrow(
      new UserError(
        `${which}, which lies outside the grid of 5 x 12 cells; seeds are rows down and columns right from its centre cell`,
        { exitCode: 2 },
      ),
    );
  });
});

/** 20 x 20 cells with some alpha, of which the first few have another. */
const faint = (alpha: number, other = alpha, few = 0): Target => {
  const data = new Float32Array(24 * 24 * 4);
  for (let i = 0; i < 400; i++) {
    const cell = (2 + Math.floor(i / 20)) * 24 + 2 + (i % 20);
    const value = i < few ? other : alpha;
    data.set([value / 2, value / 2, value / 2, value], cell * 4);
  }
  return { grid: [24, 24], data };
};

describe("a picture that is fainter than what lives", () => {
  const refused = new UserError(
    "the picture is fainter than what lives: its alpha hardly exceeds 0.08, and cells live above 0.1; take one that is more opaque, or a lower rule.alive.threshold",
  );

  it.each([
    ["all of it", faint(20 / 255)],
    ["all but a few specks", faint(20 / 255, 1, 7)],
  ])("is refused by every experiment: %s", (_, target) => {
    expect(() => fitGrowingConfig(resolveGrowingConfig(), target)).toThrow(refused);
    expect(() => fitGrowingConfig(resolveGrowingConfig(), [BARS, target])).toThrow(refused);
    expect(() => fitSeeds(evolutionDefaults(), [target])).toThrow(refused);
    expect(() => fitReinforcementConfig(resolveReinforcementConfig(), target)).toThrow(refused);
  });

  it("is one that grows where enough of it lives, or cells need no alpha", () => {
    const lower = { sets: ["rule.alive.threshold=0.05"] };
    for (const [target, choices] of [
      [faint(20 / 255, 1, 8), {}],
      [faint(27 / 255), {}],
      [faint(20 / 255), lower],
      [faint(20 / 255), { sets: ["rule.alive.mask=none"] }],
    ] as const) {
      expect(fitGrowingConfig(resolveGrowingConfig(choices), target).target.seeds.length).toBeGreaterThan(0);
    }
  });
});

it("fitReinforcementConfig refuses a grid that the autoencoder cannot halve", () => {
  const config = resolveReinforcementConfig({ preset: "cax-draft" });
  expect(fitReinforcementConfig(config, { grid: [8, 4], data: new Float32Array(128).fill(1) })).toEqual(
    config,
  );
  expect(() => fitReinforcementConfig(config, BARS)).toThrow(
    new UserError(
      "training.autoencoder.features must be fewer, or the grid of 5 x 12 cells of another size: each halves its sides, which must come out even",
      { exitCode: 2 },
    ),
  );
});

describe("createGrowing", () => {
  const sets = [
    "rule.channels=8",
    "rule.hidden=[8]",
    "rule.seed.to=8",
    "training.steps=3",
    "training.batch=2",
    "training.rollout=[4,5]",
    "training.pool=null",
  ];

  /** Living cells in the left and in the right half of the first sample, at the end of the last training step. */
  async function halves(more: readonly string[] = []): Promise<number[]> {
    const config = resolveGrowingConfig({ recipe: "growing", sets: [...sets, ...more] });
    const trainer = createGrowing({ engine: referenceEngine(), config, target: BARS });
    for await (const { skipped } of trainer) expect(skipped).toBeUndefined();
    const [state] = trainer.latest;
    expect(state.grid).toEqual([5, 12]);
    const kinds = cellKinds(config.rule, state.grid, await state.read());
    return [(x: number) => x < 6, (x: number) => x >= 6].map((inside) =>
      kinds.reduce((sum, kind, cell) => (kind > 0 && inside(cell % 12) ? sum + 1 : sum), 0),
    );
  }

  it("grows both parts of a picture from the seeds in them", async () => {
    const [left, right] = await halves();
    expect(left).toBeGreaterThanOrEqual(9);
    expect(right).toBeGreaterThanOrEqual(9);
  });

  it("does not reach the other from one of them in so few steps", async () => {
    const [left, right] = await halves(["target.seeds=[[0,-4]]"]);
    expect(left).toBeGreaterThanOrEqual(9);
    expect(right).toBe(0);
  });

  it("refuses pictures on different grids", () => {
    const config = resolveGrowingConfig({ overrides: { target: { source: ["a", "b"] } } });
    const other: Target = { grid: [12, 5], data: BARS.data };
    expect(() => createGrowing({ engine: referenceEngine(), config, target: [BARS, other] })).toThrow(
      new RangeError("targets lie on grids of 5 x 12 and of 12 x 5 cells; put them on one by onOneGrid"),
    );
  });
});

const sentence = (which: string, is: string, should: boolean) =>
  new RangeError(
    `${which} has colours that are ${is}; rule.image.premultiplied is ${should}, so it has to be made with premultiplied: ${should}`,
  );

describe("a target's colours", () => {
  const engine = referenceEngine();
  const premultiplied = { ...BARS, premultiplied: true };
  const straight = { ...BARS, premultiplied: false };

  it("are refused by every trainer where they are not as the rule says", async () => {
    const growing = resolveGrowingConfig();
    expect(() => createGrowing({ engine, config: growing, target: straight })).toThrow(
      sentence("the target", "not multiplied by alpha", true),
    );
    const several = resolveGrowingConfig({ preset: "cax", overrides: { target: { source: ["a", "b"] } } });
    expect(() => createGrowing({ engine, config: several, target: [straight, premultiplied] })).toThrow(
      sentence("target 1", "multiplied by alpha", false),
    );
    const evolution = evolutionDefaults("cax-es");
    expect(() => createEvolution({ engine, config: evolution, target: premultiplied })).toThrow(
      sentence("the target", "multiplied by alpha", false),
    );
    const reinforcement = resolveReinforcementConfig();
    await expect(createReinforcement({ engine, config: reinforcement, target: straight })).rejects.toThrow(
      sentence("the target", "not multiplied by alpha", true),
    );
  });

  it("are taken as they should be, and where nothing is known of them", () => {
    const config = resolveGrowingConfig();
    for (const target of [BARS, premultiplied]) {
      expect(createGrowing({ engine, config, target }).step).toBe(0);
    }
  });

  it("are known of a picture's, wherever it is placed", () => {
    const data = new Uint8Array(16).fill(200);
    for (const flag of [true, false]) {
      const target = targetFromRgba(
        { width: 2, height: 2, data },
        { size: 2, padding: 1, premultiplied: flag },
      );
      expect(target.premultiplied).toBe(flag);
      const [placed] = onOneGrid([target, { grid: [7, 7], data: new Float32Array(196) }]);
      expect([placed.grid, placed.premultiplied]).toEqual([[7, 7], flag]);
    }
  });
});
