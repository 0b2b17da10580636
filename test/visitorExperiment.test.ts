/** An experiment is one folder and one line: with it in the list, the command line and the page have it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { choicesFor, configOf } from "../playground/src/choices.ts";
import { readSession } from "../playground/src/storage.ts";
import { experimentNamed, offeredExperiments } from "../playground/src/training/subjects.ts";
import { experiments } from "../src/experiments/registry.ts";
import { loadModel } from "../src/node/models.ts";
import { call, metricsOf, modelBytes } from "./commandLine.ts";
import { sprout } from "./visitor/experiment.ts";

const known = [...experiments, sprout];
const place = mkdtempSync(join(tmpdir(), "neoblast-visitor-"));
afterAll(() => rmSync(place, { recursive: true }));

const folder = (name: string) => join(place, name);
const run = (...args: string[]) => call(["sprout", ...args, "--threads", "1"], known);

describe("on the command line, an experiment from outside", () => {
  it("is listed, and its help has its options, with the words of its schema", async () => {
    expect((await call(["--help"], known)).stdout).toMatch(
      /^ {2}sprout +learn a picture by plain gradient steps$/m,
    );
    const { stdout } = await call(["sprout", "--help-all"], known);
    for (const line of [
      /^Learn a picture by plain gradient steps\.$/m,
      /--size <n> +longest side of the picture \(default: 8\)$/m,
      /--steps <n> +training steps \(default: 4\)$/m,
      /--rate <x> +learning rate, the same throughout \(default:\s+0\.01\)$/m,
      // Of which its schema says nothing.
      /--rollout <n> +training\.rollout \(default: 8\)$/m,
      /--resume <folder>/,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect((await call(["--help"])).stdout).not.toContain("sprout");
  });

  it("has its options checked by its schema", async () => {
    const { code, stderr } = await run("--rate", "2");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "neoblast: --rate is 2; it must be a number above 0, at most 1\n",
    });
  });

  it("trains, and leaves a folder with a model, its drawings and the loss", async () => {
    const { stdout, stderr } = await run("🦋", "--rate", "0.02", "--out", folder("whole"));
    expect(stdout).toBe(`${folder("whole")}\n`);
    expect(stderr).toMatch(
      /^Training 🦋 butterfly \(Noto Emoji\) in .*\n\d+ x \d+ cells, 4 steps, seed 0; wasm/,
    );
    expect(readdirSync(folder("whole")).toSorted()).toEqual([
      "checkpoint",
      "config.json",
      "loss.svg",
      "metrics.jsonl",
      "model.safetensors",
      "player.html",
      "sheet.png",
      "target.png",
    ]);
    expect(stderr).toMatch(/^ {2}target\.png +what it learned$/m);
    const config = JSON.parse(readFileSync(join(folder("whole"), "config.json"), "utf8"));
    expect(config).toMatchObject({ experiment: "sprout", training: { rate: 0.02 } });
    const { provenance } = await loadModel(folder("whole"));
    expect(provenance).toMatchObject({
      target: "🦋 butterfly (Noto Emoji)",
      steps: 4,
      build: config.engine.build,
    });
    expect(provenance.loss).toBeGreaterThan(0);
    const losses = metricsOf(folder("whole")).map(({ loss }) => Number(loss));
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it("resumes bit for bit, also from fewer steps", async () => {
    await run("🦋", "--rate", "0.02", "--steps", "2", "--out", folder("parts"));
    const { stderr } = await run("--resume", folder("parts"), "--steps", "4");
    expect(stderr).toContain("Resuming after step 2:");
    expect(modelBytes(folder("parts"))).toEqual(modelBytes(folder("whole")));
    expect(metricsOf(folder("parts"))).toEqual(metricsOf(folder("whole")));
    const { code, stderr: refusal } = await run("--resume", folder("parts"), "--rate", "0.5");
    expect(code).toBe(2);
    expect(refusal).toContain("so training.rate cannot change");
  });

  it("has runs that other commands leave alone", async () => {
    const { code, stderr } = await call(["grow", "--resume", folder("whole")], known);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is a run of neoblast sprout; go on with it by .* sprout --resume/);
    expect(existsSync(join(folder("whole"), ".lock"))).toBe(false);
  });
});

describe("on the page, an experiment from outside", () => {
  const choices = choicesFor(sprout, { seed: 7 });

  it("is offered, and its choices make its configuration", () => {
    expect(offeredExperiments(known)).toContain(sprout);
    expect(offeredExperiments()).not.toContain(sprout);
    expect(experimentNamed("sprout", known)).toBe(sprout);
    const sets = { "training.rate": "0.5" };
    const overrides = { seed: 7, target: { source: "🐠" }, training: { rate: 0.5 } };
    expect(configOf({ ...choices, sets }, "🐠", known)).toEqual(sprout.resolve({ overrides }));
  });

  it("has trainings that come back from the browser's storage", () => {
    const config = configOf(choices, "🐠", known);
    const targets = [{ grid: [2, 2] as [number, number], data: new Float32Array(16) }];
    const stored = {
      job: { id: "a", title: "🐠", experiment: "sprout", config, targets },
      losses: Float64Array.of(1),
      seconds: 1,
      build: "strict",
      model: new Uint8Array(1),
      checkpoint: null,
      ended: false,
      report: null,
    };
    expect(readSession(stored, known)).toEqual(stored);
    expect(() => readSession(stored)).toThrow(/another version/);
  });
});
