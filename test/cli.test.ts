import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { growingConfigSchema } from "../src/experiments/growing/schema.ts";
import { decodeNpy, encodeNpy } from "../src/formats/npy.ts";
import { createEngine } from "../src/node/engine.ts";
import { loadModel } from "../src/node/models.ts";
import { turnedRule } from "../src/rule/kernels.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Rule } from "../src/rule/rule.ts";
import { seedState } from "../src/model/seed.ts";
import { VERSION } from "../src/version.ts";
import {
  call,
  metricsOf,
  modelBytes,
  neoblast,
  type Outcome,
  RUN_FILES,
  start,
  TINY,
  train,
} from "./commandLine.ts";

const SIDE = 16;

const home = process.cwd();
let place: string;
let grown: Outcome;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-cli-"));
  process.chdir(place);
  grown = await neoblast(["grow", "🦋", ...TINY], place);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const run = () => join(place, "runs", "butterfly-1");

describe("the program", () => {
  it("prints its version", async () => {
    expect(await neoblast(["--version"], place)).toMatchObject({
      code: 0,
      stdout: `${VERSION}\n`,
      stderr: "",
    });
  });
});

describe("grow", () => {
  it("says where it went, what became of it and what to do next", () => {
    expect(grown).toMatchObject({ code: 0, stdout: "runs/butterfly-1\n" });
    expect(grown.stderr).toMatch(
      /^Growing 🦋 butterfly \(Noto Emoji\) in runs\/butterfly-1\n16 x 16 cells, persistent, 12 steps, seed 0; /,
    );
    for (const line of [
      /^step 1\/12 {2}loss \d/m,
      /^step 12\/12 {2}loss \d/m,
      /^Trained 12 steps to loss \d/m,
    ]) {
      expect(grown.stderr).toMatch(line);
    }
    expect(grown.stderr).toMatch(
      /^Relative error \(an empty grid has 100%\), mean of 8 runs: .+% at step 96/m,
    );
    // Twelve steps teach nothing, and that is said.
    expect(grown.stderr).toMatch(/^This falls short: a good model has at most 1% at every step, and holds$/m);
    expect(grown.stderr).toMatch(/^Try --quality best, .*grow --resume runs\/butterfly-1 --steps 24$/m);
    expect(grown.stderr).toContain("neoblast.js run runs/butterfly-1 --damage");
    expect(grown.stderr).not.toContain("\x1b");
  });

  it("leaves a complete folder", async () => {
    expect(readdirSync(run()).toSorted()).toEqual([...RUN_FILES, "report.json"].toSorted());
    const { version, experiment, engine, picture, ...config } = JSON.parse(
      readFileSync(join(run(), "config.json"), "utf8"),
    );
    expect(growingConfigSchema.parse(config)).toEqual(config);
    expect(config).toMatchObject({
      seed: 0,
      training: { steps: 12, batch: 4, rollout: [10, 12], pool: { size: 8 } },
    });
    expect({ version, experiment }).toEqual({ version: VERSION, experiment: "grow" });
    expect(engine).toEqual({ name: "wasm", build: expect.any(String), threads: expect.any(Number) });
    expect(picture).toEqual({ name: "butterfly", description: "🦋 butterfly (Noto Emoji)" });

    const report = JSON.parse(readFileSync(join(run(), "report.json"), "utf8"));
    expect(report).toMatchObject({ good: false, bound: 0.01, runs: 8, steps: 12, bestStep: 12, returns: 0 });
    expect(report.validation.errors[0]).toEqual({ step: 96, relative: expect.any(Number) });

    const metrics = metricsOf(run());
    expect(metrics.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (const name of ["loss", "learningRate", "gradientNorm", "livingCells"]) {
      expect(metrics.every((record) => typeof record[name] === "number")).toBe(true);
    }
    expect(metrics.at(-1)!.livingCells).toBeGreaterThan(50);

    const { provenance, ...model } = await loadModel(run());
    expect(model).toMatchObject(splitRule(config.rule, config.target.seeds));
    const losses = metrics.map(({ loss }) => Number(loss));
    expect(provenance).toEqual({
      grid: [SIDE, SIDE],
      target: "🦋 butterfly (Noto Emoji)",
      picture: { source: "🦋", size: 8, padding: 4 },
      steps: 12,
      seed: 0,
      build: engine.build,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / 12,
    });

    for (const name of ["growth.gif", "growth.webp"]) {
      const { delay, width, pageHeight } = await sharp(join(run(), name), { pages: -1 }).metadata();
      // Equal frames may have become one that is shown for longer.
      const duration = delay!.reduce((sum, milliseconds) => sum + milliseconds, 0);
      expect([duration, width, pageHeight]).toEqual([100 * 40 + 1500, 288, 288]);
    }
    expect((await sharp(join(run(), "sheet.png")).metadata()).width).toBeGreaterThan(6 * 200);
    expect(readFileSync(join(run(), "loss.svg"), "utf8")).toMatch(/^<svg[^]*<\/svg>\n$/);
    expect(readFileSync(join(run(), "player.html"), "utf8")).toContain("🦋 butterfly (Noto Emoji)");
  });

  it.each([
    ["one thread", ["--threads", "1"]],
    ["four threads", ["--threads", "4"]],
    ["the same seed and a checkpoint at every step", ["--seed", "0", "--checkpoint-every", "0"]],
  ])("makes the same model with %s", async (_name, more) => {
    await train(["grow", "🦋", ...TINY, ...more, "--out", more.join("")], place);
    expect(modelBytes(place, more.join(""))).toEqual(modelBytes(run()));
  });

  it("makes the same model from another run's config.json, and another with another seed", async () => {
    const config = ["grow", "--config", join(run(), "config.json")];
    await train([...config, "--out", "again"], place);
    expect(modelBytes(place, "again")).toEqual(modelBytes(run()));
    await train([...config, "--out", "other", "--seed", "1", "--set", "training.steps=2"], place);
    expect(modelBytes(place, "other")).not.toEqual(modelBytes(run()));
    expect(metricsOf(place, "other")).toHaveLength(2);
  });

  it("lets settings go before options, options before the file, and the file before the recipe", async () => {
    const training = { steps: 3, batch: 3, warmup: 7 };
    writeFileSync(
      join(place, "some.json"),
      JSON.stringify({ seed: 5, training, target: { size: 8, padding: 2 } }),
    );
    const words = "grow 🦋 --config some.json --recipe regenerating --kernels strict --batch 4 --steps 4";
    await train(
      [...words.split(" "), "--rollout", "6", "--set", "training.steps=2", "--out", "layers"],
      place,
    );
    const config = JSON.parse(readFileSync(join(place, "layers", "config.json"), "utf8"));
    expect(config).toMatchObject({
      seed: 5,
      recipe: "regenerating",
      engine: { build: "strict" },
      training: {
        steps: 2,
        batch: 4,
        warmup: 7,
        rollout: [6, 6],
        pool: { damaged: { from: 0, to: 2, over: 1200 } },
      },
    });
  });

  it("reports everything as JSON", async () => {
    const { code, stdout, stderr } = await call(["grow", "🦋", ...TINY, "--json", "--out", "json"]);
    expect({ code, stderr }).toEqual({ code: undefined, stderr: "" });
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const steps = Array.from({ length: 12 }, () => "step");
    expect(events.map(({ event }) => event)).toEqual(["config", ...steps, "checkpoint", "drawing", "done"]);
    expect(events[0]).toMatchObject({ folder: "json", resumedAt: null, config: { training: { steps: 12 } } });
    expect(events[12]).toMatchObject({ step: 11, loss: expect.any(Number), seconds: expect.any(Number) });
    const { folder, files } = events.at(-1);
    expect(files.every((name: string) => readdirSync(join(place, folder)).includes(name))).toBe(true);
  });

  it("stops in peace when nobody reads on", async () => {
    const { child, outcome } = start(
      ["grow", "🦋", ...TINY, "--steps", "2000", "--json", "--out", "unread"],
      place,
    );
    child.stdout!.once("data", () => child.stdout!.destroy());
    const { code, stderr } = await outcome;
    expect(code).toBe(141);
    expect(stderr).toMatch(
      /^Stopped after step \d+ of 2000, as nobody reads standard output any more\. Resume: .*grow --resume unread\n$/,
    );
    expect(readdirSync(join(place, "unread"))).toContain("model.safetensors");
  });
});

describe("grow --preset", () => {
  const tiny = "--size 8 --padding 4 --steps 3 --batch 2 --rollout 4..5".split(" ");

  it.each([
    ["cax", "persistent", ["--pool", "8"]],
    ["tutorial", "growing", []],
  ] as const)("%s trains by its own rule and recipe", async (preset, recipe, more) => {
    await train(["grow", "🦋", "--preset", preset, ...tiny, ...more, "--out", preset], place);
    const model = await loadModel(join(place, preset));
    expect(model).toMatchObject(splitRule(picturePresets[preset]));
    const config = JSON.parse(readFileSync(join(place, preset, "config.json"), "utf8"));
    expect(config).toMatchObject({ preset, recipe, training: { optimizer: { kind: "adam" } } });
  });

  it("tutorial has no pool to size", async () => {
    const { code, stderr } = await call(["grow", "--preset", "tutorial", "--pool", "8"]);
    expect(code).toBe(2);
    expect(stderr).toContain("the recipe growing has no pool");
  });
});

describe("run", () => {
  it("saves the state that the engine reaches", async () => {
    const args = ["run", run(), "--steps", "30", "--seed", "3", "--size", "20", "--out", "a.npy"];
    expect(await call(args)).toMatchObject({ code: undefined, stdout: "a.npy\n" });
    expect(npy("a.npy")).toEqual(await rollOut(30, 3));
  });

  it("changes the rule as asked", async () => {
    const args = "--steps 30 --size 20 --fire-rate 1 --step-size 0.5 --angle 30 --out b.npy".split(" ");
    await call(["run", run(), ...args]);
    const wanted = rollOut(30, 0, (rule) => turnedRule({ ...rule, fireRate: 1, stepSize: 0.5 }, 30));
    expect(npy("b.npy")).toEqual(await wanted);
  });

  it("reaches the same state whether a film is taken or not, and draws it", async () => {
    const films = ["c.gif", "c.webp", "c.mp4", "c.png", "c.npy"];
    const args = ["--steps", "30", "--seed", "3", "--size", "20", "--every", "4", "--scale", "3"];
    const { code, stdout } = await call(["run", run(), ...args, ...films.flatMap((name) => ["--out", name])]);
    expect({ code, stdout }).toEqual({ code: undefined, stdout: films.map((name) => `${name}\n`).join("") });
    expect(npy("c.npy")).toEqual(await rollOut(30, 3));
    for (const name of ["c.gif", "c.webp"]) {
      const { delay, width, pageHeight } = await sharp(join(place, name), { pages: -1 }).metadata();
      // Steps 0, 4, ... 28 and 30.
      const duration = delay!.reduce((sum, milliseconds) => sum + milliseconds, 0);
      expect([duration, width, pageHeight]).toEqual([8 * 40 + 1500, 60, 60]);
    }
    const { width, height, hasAlpha } = await sharp(join(place, "c.png")).metadata();
    expect([width, height, hasAlpha]).toEqual([60, 60, true]);
    expect(readFileSync(join(place, "c.mp4")).subarray(4, 8).toString()).toBe("ftyp");
  });

  it("damages after the step that is named, and lets the rest go on", async () => {
    const args = ["run", run(), "--steps", "12", "--size", "20"];
    await call([...args, "--out", "whole.npy"]);
    await call([...args, "--damage", "half-left@12", "--out", "half.npy"]);
    const { data, shape } = npy("whole.npy");
    const left = (i: number) => Math.floor(i / shape[2]) % 20 < 10;
    expect(data.some((value, i) => left(i) && value !== 0)).toBe(true);
    expect(npy("half.npy").data).toEqual(data.map((value, i) => (left(i) ? 0 : value)));
    await call([...args, "--damage", "half-left@5", "--damage", "half-right@5", "--out", "dead.npy"]);
    expect(npy("dead.npy").data.every((value) => value === 0)).toBe(true);
  });

  it("starts from a state, of another size than the model's grid too", async () => {
    const data = new Float32Array(9 * 7 * 16);
    data.fill(1, 31 * 16 + 3, 32 * 16);
    writeFileSync(
      join(place, "start.npy"),
      encodeNpy({ shape: [2, 9, 7, 16], data: Float32Array.of(...data, ...data) }),
    );
    await call(["run", run(), "--state", "start.npy", "--steps", "1", "--fire-rate", "0", "--out", "d.npy"]);
    expect(npy("d.npy")).toEqual({ shape: [9, 7, 16], data });
  });

  it("replaces what was there", async () => {
    writeFileSync(join(place, "e.npy"), "old");
    expect((await call(["run", run(), "--steps", "1", "--out", "e.npy"])).code).toBeUndefined();
    expect(npy("e.npy").shape).toEqual([SIDE, SIDE, 16]);
  });
});

function npy(name: string) {
  return decodeNpy(readFileSync(join(place, name)));
}

/** What the engine makes of the seed by itself. */
async function rollOut(steps: number, seed: number, change: (rule: Rule) => Rule = (rule) => rule) {
  const model = await loadModel(run());
  const { rule, parameters } = model;
  const engine = await createEngine({ threads: 1 });
  const grid = [20, 20] as const;
  const states = [seedState(model, grid)];
  const { final } = await engine.rollout({ rule: change(rule), grid, parameters, states, steps, seed });
  const state = await final[0].read();
  await engine.dispose();
  return { shape: [...grid, rule.channels], data: state };
}
