import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Model } from "../model/model.ts";
import { initialParameters } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { findModelTarget, modelTarget, saveRunTargets } from "./modelTarget.ts";

const conventions = splitRule({ ...picturePresets.distill, hidden: [4] });
const modelOf = (source: string): Model => ({
  ...conventions,
  parameters: initialParameters(conventions.rule, 1),
  provenance: { grid: [12, 12], target: "a picture", picture: { source, size: 8, padding: 2 } },
});

let place: string;
let file: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-target-"));
  file = join(place, "private.png");
  const create = { width: 8, height: 8, channels: 4, background: "red" } as const;
  await sharp({ create }).png().toFile(file);
});
afterAll(() => rmSync(place, { recursive: true }));

const path = () => join(place, "model.safetensors");

describe("a picture that a model file names", () => {
  it("is not opened, though it is there", async () => {
    const model = modelOf(file);
    expect(await findModelTarget(path(), model, {})).toBeUndefined();
    expect(await findModelTarget(path(), model, { size: 10 })).toBeUndefined();
    await expect(modelTarget(path(), model, { padding: 3 })).rejects.toMatchObject({
      exitCode: 2,
      message: `${path()} draws ${file}, and no file is opened because a model names it; name the picture after the model`,
    });
    const goal = { picture: model.provenance.picture };
    const withGoals = { ...model, provenance: { grid: [12, 12] as const, goals: [goal, goal] } };
    expect(await findModelTarget(path(), withGoals, {}, 1)).toBeUndefined();
  });

  it("is opened where the user names it, at the size that the model says", async () => {
    const found = await findModelTarget(path(), modelOf("elsewhere.png"), { source: file });
    expect(found).toMatchObject({ name: "private", grid: [12, 12] });
  });

  it("is loaded where it is an emoji or the name of one", async () => {
    for (const source of ["🦋", "butterfly"]) {
      expect(await findModelTarget(path(), modelOf(source), {})).toMatchObject({ name: "butterfly" });
    }
  });

  it("is taken from the folder of the run, where that keeps it", async () => {
    const kept = { grid: [12, 12] as const, data: new Float32Array(12 * 12 * 4).fill(0.5) };
    const run = join(place, "run");
    mkdirSync(join(run, "checkpoint"), { recursive: true });
    await saveRunTargets(run, [kept]);
    expect(await findModelTarget(run, modelOf("gone.png"), {})).toMatchObject({ name: "run", ...kept });
    expect(await findModelTarget(run, modelOf(file), { size: 6 })).toBeUndefined();
  });
});
