/** A model whose states have no picture: it is kept, run and looked into, and what needs a picture says that it has none. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { record } from "../src/analysis/inspection.ts";
import { drawing, randomParameters } from "../src/conformance/scenario.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { decodeNpy } from "../src/formats/npy.ts";
import { plainDrawings } from "../src/experiments/drawing/plain.ts";
import { picturePresets } from "../src/model/presets.ts";
import { shownReadout } from "../src/model/readout.ts";
import { encodeSheet } from "../src/node/encode.ts";
import { decodeModel, encodeModel, type Model } from "../src/model/model.ts";
import { startState } from "../src/model/start.ts";
import { rulePresets } from "../src/rule/presets.ts";
import type { Rule } from "../src/rule/rule.ts";
import { call } from "./commandLine.ts";

const rule: Rule = { ...rulePresets.distill, channels: 5, hidden: [6] };
const grid = [9, 8] as const;
const model: Model = {
  rule,
  parameters: randomParameters(rule, drawing(6)),
  readout: null,
  start: { seeds: [[0, 1]], cell: { from: 2, to: 5 } },
  provenance: { grid },
};

const home = process.cwd();
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-blind-"));
  process.chdir(place);
  writeFileSync("blind.safetensors", encodeModel(model));
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

/** After some steps from its seeds. */
async function grown(steps: number, seed: number): Promise<Float32Array> {
  const { parameters } = model;
  const states = [startState(model, grid)];
  const { final } = await referenceEngine().rollout({ rule, grid, parameters, states, steps, seed });
  return final[0].read();
}

describe("a model without a picture", () => {
  it("is drawn by its alive channel where an experiment has no drawings of its own", async () => {
    const subject = { name: "blind", description: "blind", grid };
    const config = { seed: 0, rule: picturePresets.distill, training: {} };
    const { signal } = new AbortController();
    const engine = referenceEngine();
    const { sheets } = await plainDrawings("step").draw({ engine, model, config, subject, signal });
    const { width, height } = await sharp(await encodeSheet(sheets["sheet.png"])).metadata();
    expect(Math.min(width, height)).toBeGreaterThan(400);
    expect(shownReadout(model)).toEqual({ offset: rule.alive.channel, channels: 1, premultiplied: false });
  });

  it("is read as it was written, and run and looked into by the plain engine", async () => {
    const read = decodeModel(readFileSync("blind.safetensors"));
    expect(read).toEqual(model);
    const cell = (4 * 8 + 5) * 5;
    expect([...startState(read, grid).subarray(cell, cell + 5)]).toEqual([0, 0, 1, 1, 1]);
    const states: Float32Array[] = [];
    const recording = await record({
      ...read,
      engine: referenceEngine(),
      grid,
      seed: 3,
      steps: 6,
      damage: [],
      cells: [[4, 5]],
      watch: (step, state) => (states[step] = state),
    });
    expect(states[6]).toEqual(await grown(6, 3));
    expect([...recording.traces.subarray(0, 5)]).toEqual([0, 0, 1, 1, 1]);
  });

  it("is run on the command line, and played in a page", async () => {
    const { code } = await call(
      "run blind.safetensors --steps 6 --seed 3 --out state.npy --out page.html".split(" "),
    );
    expect(code).toBeUndefined();
    const { shape, data } = decodeNpy(readFileSync("state.npy"));
    expect(shape).toEqual([9, 8, 5]);
    const expected = await grown(6, 3);
    // Float32 sums in another order, over six steps.
    expected.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 4));
    expect(readFileSync("page.html", "utf8")).toContain('<script id="model"');
  });

  it.each([
    "run blind.safetensors --out picture.png",
    "run blind.safetensors --out state.npy --out film.webp",
    "inspect blind.safetensors --out inside",
    "evaluate blind.safetensors 🦋 --size 4 --padding 2",
    "export blind.safetensors --out plain.npz",
    "evolve 🦋 --size 4 --padding 2 --start blind.safetensors --out evolved",
  ])("is refused, in a sentence, by %s", async (words) => {
    const outcome = await call(words.split(" "));
    expect(outcome).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "neoblast: blind.safetensors has no picture: its readout is null, so none of its states' channels can be drawn as one\n",
    });
    for (const name of ["picture.png", "film.webp", "inside", "plain.npz", "evolved"]) {
      expect(existsSync(name)).toBe(false);
    }
  });
});
