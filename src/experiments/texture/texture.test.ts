import { describe, expect, it } from "vitest";
import { evaluateTexture } from "../../analysis/textureEvaluation.ts";
import { targetFromRgba } from "../../data/image.ts";
import { drawMaterial, materialNames } from "../../data/materials.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { createWasmEngine } from "../../engine/wasm/engine.ts";
import { withPicture } from "../../model/model.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { startState } from "../../model/start.ts";
import { parameterCount } from "../../rule/parameters.ts";
import { resolveTextureConfig, textureModels } from "./config.ts";
import { createTexture } from "./texture.ts";

const target = (name: (typeof materialNames)[number] = "checker", size = 16) =>
  targetFromRgba(drawMaterial(name, size), { size, padding: 0, premultiplied: true });

const tiny = (model: (typeof textureModels)[number]) =>
  resolveTextureConfig({
    model,
    overrides: {
      target: { size: 16 },
      training: {
        steps: 4,
        rollout: [2, 4],
        pool: { size: 3 },
        loss: { directions: 4 },
        ...(model === "full" && { warmup: 0 }),
      },
    },
  });

function trainerOf(model: (typeof textureModels)[number]) {
  return createTexture({ engine: referenceEngine(), config: tiny(model), target: target() });
}

const count = (model: (typeof textureModels)[number]) =>
  parameterCount(splitRule(resolveTextureConfig({ model }).rule).rule);
const change = (rule: object) => () => resolveTextureConfig({ overrides: { rule } });

describe("a texture's configuration", () => {
  it("has as many parameters as the papers' models", () => {
    expect([count("full"), count("small")]).toEqual([5856, 588]);
  });

  it("refuses rules with an edge or a mask, in one sentence", () => {
    expect(change({ boundary: "zero" })).toThrow(/rule\.boundary .*must be "wrap": a texture has no edge/);
    expect(change({ alive: { mask: "both" } })).toThrow(/rule\.alive\.mask .*must be "none"/);
  });
});

describe("training a texture", () => {
  it("charges colours beyond a range around their middle, which of the small model is 0.5", async () => {
    // In the first step, all cells are as they start: one colour, 0.25 beyond 1.
    const sets = ["rule.seed.noise=0", "rule.seed.ground=1.25", "training.rollout=[1,1]", "training.steps=1"];
    const overflowOf = async (more: readonly string[]) => {
      const { rule, training } = tiny("small");
      const config = resolveTextureConfig({
        model: "small",
        overrides: { target: { size: 16 }, rule, training },
        sets: [...sets, ...more],
      });
      const trainer = createTexture({ engine: referenceEngine(), config, target: target() });
      for await (const { loss, objective } of trainer) return objective - loss;
      return NaN;
    };
    expect(await overflowOf([])).toBe(0);
    expect(await overflowOf(["training.loss.colourMiddle=0"])).toBeCloseTo(30 * 0.25 * (3 / 12), 6);
  });

  it.each(textureModels)("resumes bit for bit: %s", async (model) => {
    const whole = trainerOf(model);
    const losses: number[] = [];
    for await (const { loss } of whole) losses.push(loss);
    expect(losses.every((loss) => loss > 0 && loss < 1)).toBe(true);
    const first = trainerOf(model);
    const seen: number[] = [];
    for await (const { step, loss } of first) {
      seen.push(loss);
      if (step === 1) break;
    }
    const second = trainerOf(model);
    await second.restore(await first.save());
    for await (const { loss } of second) seen.push(loss);
    expect(seen).toEqual(losses);
    expect(second.toModel().parameters).toEqual(whole.toModel().parameters);
  });

  it("gives a model that starts as it was trained: from nothing, or from noise", () => {
    const [full, small] = textureModels.map((model) => {
      const made = withPicture(trainerOf(model).toModel());
      expect(made.provenance).toMatchObject({ match: "texture", grid: [16, 16] });
      return startState(made, [16, 16]);
    });
    expect(full.every((value) => value === 0)).toBe(true);
    expect(new Set(small).size).toBeGreaterThan(3000);
    expect(Math.max(...small.map(Math.abs))).toBeLessThanOrEqual(0.5);
  });

  it("refuses pictures that are no textures", () => {
    const create = (picture: ReturnType<typeof target>) => () =>
      createTexture({ engine: referenceEngine(), config: tiny("full"), target: picture });
    const even = { ...target(), data: new Float32Array(16 * 16 * 4).fill(0.5) };
    expect(create(even)).toThrow("the picture has one colour throughout, so there is no texture to learn");
    const narrow = { ...target(), grid: [8, 32] as const };
    expect(create(narrow)).toThrow("the picture has 32 x 8 cells; a texture needs at least 16 on each side");
  });
});

describe("evaluateTexture", () => {
  it("measures a standing state against the target and an even colour", async () => {
    const engine = await createWasmEngine();
    const model = withPicture(trainerOf("full").toModel());
    // A last layer of zeros: it stands still, black on an empty torus.
    const shown: string[] = [];
    const evaluation = await evaluateTexture({
      engine,
      model: { ...model, parameters: new Float32Array(model.parameters.length) },
      target: target(),
      runs: 1,
      steps: [0, 1],
      watch: ({ caption }) => void shown.push(caption),
    });
    expect(shown).toEqual(["0 steps", "1 steps", "erased", "healed", "32x32", "16x48"]);
    const [start, next] = evaluation.steps;
    expect(start.mean).toBeGreaterThan(1);
    expect(next.mean).toBe(start.mean);
    expect(evaluation.healing.map(({ mean }) => mean)).toEqual([start.mean, start.mean, start.mean]);
    expect(evaluation.seam).toBeNull();
    await engine.dispose();
  });
});

describe("materials", () => {
  it("differ, fill their picture, and tile", () => {
    const pictures = materialNames.map((name) => drawMaterial(name, 32));
    expect(new Set(pictures.map(({ data }) => data.join())).size).toBe(12);
    for (const { data } of pictures) {
      expect(data.every((value, i) => i % 4 < 3 || value === 255)).toBe(true);
      expect(new Set(data.filter((_, i) => i % 4 === 0)).size).toBeGreaterThan(1);
      // Across the edge, neighbours differ no more than across the line within that is the sharpest.
      const across = Array.from({ length: 32 }, (_, x) => {
        let sum = 0;
        for (let y = 0; y < 32; y++) {
          const other = (y * 32 + ((x + 1) % 32)) * 4;
          for (let k = 0; k < 3; k++) sum += Math.abs(data[(y * 32 + x) * 4 + k] - data[other + k]);
        }
        return sum;
      });
      expect(across[31]).toBeLessThanOrEqual(1.3 * Math.max(...across.slice(0, 31)));
    }
  });
});
