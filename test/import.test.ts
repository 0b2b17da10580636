/** Models of others become ours, grow into what they drew, and come back from where they are exported to. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../src/engine.ts";
import { decodeSafetensors } from "../src/formats/safetensors.ts";
import { encodeModel, withPicture } from "../src/model/model.ts";
import { encodePng } from "../src/node/encode.ts";
import { createEngine } from "../src/node/engine.ts";
import { loadTarget } from "../src/node/images.ts";
import { loadModel } from "../src/node/models.ts";
import { stateRaster } from "../src/render/rgba.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { joinRule, type PictureRule, splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { seedState } from "../src/model/seed.ts";
import { startState } from "../src/model/start.ts";
import { expectApproved } from "./approved.ts";
import { call } from "./commandLine.ts";
import { distillFile, NO_DISTILL_MODELS, NO_TEXTURES, texturesFile } from "./distill.ts";

const home = process.cwd();
let place: string;
let engine: Engine;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-import-"));
  process.chdir(place);
  engine = await createEngine({ threads: 1 });
});
afterAll(async () => {
  process.chdir(home);
  rmSync(place, { recursive: true });
  await engine.dispose();
});

/** Mean squared error between the image channels of a state and a target, both premultiplied. */
function errorOf(state: Float32Array, channels: number, target: Float32Array): number {
  const squares = target.map((value, i) => (state[(i >> 2) * channels + (i & 3)] - value) ** 2);
  return squares.reduce((sum, square) => sum + square, 0) / squares.length;
}

describe("published Distill models", () => {
  const emoji = { "😀": "grinning-face", "🦋": "butterfly", "🦎": "lizard" };

  // Their emoji are older drawings than ours, so the bounds are loose: measured 0.015, 0.034 and 0.023, over three
  // seeds within 2%. An empty grid has 0.114, 0.060 and 0.029, and the other two emoji are farther. The first was only
  // trained to grow, and overgrows by step 200, in the article as here.
  it.for([
    ["ex1_1f600", "😀", 96, 0.017],
    ["ex2_1f98b", "🦋", 200, 0.036],
    ["ex3_1f98e", "🦎", 200, 0.025],
  ] as const)("%s grows into %s", async ([name, character, steps, bound], { skip }) => {
    const file = distillFile(name) ?? skip(NO_DISTILL_MODELS);
    const out = `${name}.safetensors`;
    const { code, stdout, stderr } = await call(["import", file, "--from", "distill", "--out", out]);
    expect({ code, stdout }).toEqual({ code: undefined, stdout: `${out}\n` });
    const target = `${character} ${emoji[character]} (Noto Emoji)`;
    expect(stderr).toContain(`Its grid: 72 x 72 cells, for ${target}.`);
    const model = withPicture(await loadModel(out));
    const { rule, parameters, provenance } = model;
    expect(joinRule(model)).toEqual(picturePresets.distill);
    const picture = { source: character, size: 40, padding: 16 };
    expect(provenance).toEqual({ grid: [72, 72], target, picture });

    const { grid } = provenance;
    const request = { rule, parameters, grid, states: [seedState(model, grid)], steps, seed: 0 };
    const state = await (await engine.rollout(request)).final[0].read();
    const errors: Record<string, number> = {};
    for (const other of Object.keys(emoji)) {
      const { data } = await loadTarget(other, { size: 40, padding: 16, premultiplied: true });
      errors[other] = errorOf(state, rule.channels, data);
    }
    const own = errors[character];
    expect(own).toBeLessThan(bound);
    expect(own).toBe(Math.min(...Object.values(errors)));
    // Of rounding that differs between kernel builds, the pattern forgets nearly all.
    const png = await encodePng(stateRaster(state, model, grid, { scale: 2 }));
    await expectApproved(png, `import-${emoji[character]}`, { level: 16, share: 0.01 });
  });
});

const red = (state: Float32Array) => state.filter((_, i) => i % 12 === 0);
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("published textures", () => {
  it.for(["dots", "mixed4b_pool_reduce_40"])(
    "%s becomes a texture that goes on moving",
    async (name, { skip }) => {
      const file = texturesFile ?? skip(NO_TEXTURES);
      const out = `${name}.safetensors`;
      const words = ["import", file, "--from", "textures", "--model", name, "--grid", "24", "--out", out];
      expect(await call(words)).toMatchObject({ code: undefined, stdout: `${out}\n` });
      const model = withPicture(await loadModel(out));
      const { rule, parameters, provenance } = model;
      expect(provenance).toEqual({ grid: [24, 24], target: name, match: "texture" });
      const grid = [24, 24] as const;
      const request = { rule, parameters, grid, seed: 0 };
      const before = await engine.rollout({ ...request, states: [startState(model, grid)], steps: 300 });
      const after = await engine.rollout({ ...request, states: before.final, steps: 20, firstStep: 300 });
      const [old, now] = await Promise.all([before.final[0].read(), after.final[0].read()]);
      const level = mean(red(now));
      // Neither even nor beyond all bounds, and not at rest.
      expect(Math.sqrt(mean(red(now).map((value) => (value - level) ** 2)))).toBeGreaterThan(0.05);
      expect(Math.max(...now.map((value, i) => Math.abs(value - (i % 12 < 3 ? 0.5 : 0))))).toBeLessThan(
        1.0001,
      );
      expect(mean(red(now).map((value, i) => Math.abs(value - red(old)[i])))).toBeGreaterThan(1e-3);
    },
  );
});

describe("neoblast export and import", () => {
  const rule: PictureRule = {
    ...picturePresets.tutorial,
    kernels: ["identity", { taps: [{ offset: [0, 1], weight: 0.1 }] }, "laplacian"],
    hidden: [24, 12],
  };
  const provenance = { grid: [30, 20] as [number, number], target: "🦎", steps: 7 };
  const model = { ...splitRule(rule), parameters: initialParameters(rule, 3), provenance };
  beforeAll(() => writeFileSync("model.safetensors", encodeModel(model)));

  it.each([
    [["--out", "a.npz"], []],
    [["--out", "a.safetensors"], []],
    [["--out", "b.npz", "--for", "torch"], []],
    [["--out", "b.safetensors", "--for", "numpy"], []],
    [
      ["--out", "c.npz"],
      ["--target", "🦋", "--size", "24", "--grid", "40", "--set", "rule.fireRate=1"],
    ],
  ])("are each other's inverse: %j %j", async (to, more) => {
    const [, name] = to;
    expect(await call(["export", "model.safetensors", ...to])).toMatchObject({
      code: undefined,
      stdout: `${name}\n`,
    });
    const back = await call(["import", name, "--from", "torch", "--out", "back.safetensors", ...more]);
    expect(back).toMatchObject({ code: undefined, stdout: "back.safetensors\n" });
    const { parameters, ...rest } = await loadModel("back.safetensors");
    expect(parameters).toEqual(model.parameters);
    const drawn = { grid: [30, 20], target: "🦎" };
    const picture = { source: "🦋", size: 24, padding: 8 };
    expect(rest).toEqual(
      more.length === 0
        ? { ...splitRule(rule), provenance: drawn }
        : {
            ...splitRule({ ...rule, fireRate: 1 }),
            provenance: { grid: [40, 40], target: "🦋 butterfly (Noto Emoji)", picture },
          },
    );
  });

  it("names tensors as a torch module that holds a convolution and linear layers does", async () => {
    await call(["export", "model.safetensors", "--out", "torch.safetensors"]);
    const { tensors, metadata } = decodeSafetensors(readFileSync("torch.safetensors"));
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))).toEqual({
      "perceive.weight": [48, 1, 3, 3],
      "update.0.weight": [24, 48],
      "update.0.bias": [24],
      "update.1.weight": [12, 24],
      "update.1.bias": [12],
      "update.2.weight": [16, 12],
    });
    expect(JSON.parse(metadata.rule)).toEqual(rule);
  });
});

describe("docs/import.md", () => {
  const folder = fileURLToPath(new URL("../docs/", import.meta.url));
  const page = readFileSync(join(folder, "import.md"), "utf8");

  it("shows pictures that are there", () => {
    const pictures = [...page.matchAll(/\]\((import\/[^)]+\.png)\)/g)].map(([, path]) => path);
    expect(pictures.length).toBe(3);
    for (const path of pictures) expect(readFileSync(join(folder, path)).length).toBeGreaterThan(1000);
  });

  it("shows commands whose options there are", async () => {
    const commands = [...page.matchAll(/^node bin\/neoblast\.js (import|export) (.+)$/gm)];
    expect(commands.length).toBe(8);
    const help = {
      import: (await call(["import", "--help-all"])).stdout,
      export: (await call(["export", "--help"])).stdout,
    };
    for (const [, command, words] of commands) {
      for (const [option] of words.matchAll(/--[a-z-]+/g)) {
        expect(help[command === "import" ? "import" : "export"]).toContain(`${option} `);
      }
    }
  });
});
