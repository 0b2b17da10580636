/** Models on one axis and on three: their files, and what the commands make of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawing, randomParameters } from "../src/conformance/scenario.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { decodeNpy } from "../src/formats/npy.ts";
import { decodeModel, encodeModel, type Model } from "../src/model/model.ts";
import { startState } from "../src/model/start.ts";
import { rulePresets } from "../src/rule/presets.ts";
import type { Rule } from "../src/rule/rule.ts";
import { call } from "./commandLine.ts";

const base: Rule = { ...rulePresets.distill, channels: 6, hidden: [8] };
const readout = { offset: 0, channels: 4, premultiplied: true } as const;
const cell = { from: 3, to: 6 };
const row: Rule = {
  ...base,
  axes: 1,
  kernels: ["identity", "sobelX", { taps: [{ offset: [-2], weight: 0.5 }] }],
};
const box: Rule = { ...base, axes: 3, perceive: { kind: "depthwise", size: 3, kernels: 4 } };
const models = {
  row: {
    rule: row,
    readout,
    parameters: randomParameters(row, drawing(1)),
    start: { seeds: [[0], [5]], cell },
    provenance: { grid: [21] },
  },
  box: {
    rule: box,
    readout,
    parameters: randomParameters(box, drawing(2)),
    start: { seeds: [[0, 0, 1]], cell },
    provenance: { grid: [4, 5, 6] },
  },
} satisfies Record<string, Model>;

let place: string;
const at = (name: string) => join(place, name);
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-axes-"));
  for (const [name, model] of Object.entries(models))
    writeFileSync(at(`${name}.safetensors`), encodeModel(model));
});
afterAll(() => rmSync(place, { recursive: true }));

async function grown({ rule, parameters, provenance: { grid }, ...model }: Model, steps: number) {
  const states = [startState({ rule, ...model }, grid)];
  const { final } = await referenceEngine().rollout({ rule, grid, parameters, states, steps, seed: 4 });
  return final[0].read();
}

describe.each(["row", "box"] as const)("a model of a %s of cells", (name) => {
  const model: Model = models[name];
  const { grid } = model.provenance;

  it("is read as it was written", () => {
    expect(decodeModel(readFileSync(at(`${name}.safetensors`)))).toEqual(model);
  });

  it("runs on, and from a state of its shape", async () => {
    const path = at(`${name}.safetensors`);
    const state = at(`${name}.npy`);
    const seeded = "--seed 4 --out".split(" ");
    const { stderr } = await call(["run", path, "--steps", "7", ...seeded, state]);
    expect(stderr.includes("Run by the plain step, which is slow: the wasm engine runs")).toBe(
      name === "box",
    );
    const { shape, data } = decodeNpy(readFileSync(state));
    expect(shape).toEqual([...grid, 6]);
    const expected = await grown(model, 7);
    const apart = data.map((value, i) => Math.abs(value - expected[i]));
    expect(Math.max(...apart)).toBeLessThan(1e-4);
    expect(Math.max(...data)).toBeGreaterThan(0.5);
    const on = ["run", path, "--state", state, "--first-step", "7", "--steps", "3", ...seeded, at("on.npy")];
    expect((await call(on)).code ?? 0).toBe(0);
    const later = await grown(model, 10);
    const { data: reached } = decodeNpy(readFileSync(at("on.npy")));
    expect(Math.max(...reached.map((value, i) => Math.abs(value - later[i])))).toBeLessThan(1e-4);
  });

  it("is drawn: of a row how it grew, of a box its slices", async () => {
    const words = [
      "run",
      at(`${name}.safetensors`),
      "--steps",
      "9",
      "--every",
      "3",
      "--damage",
      "half-left@5",
    ];
    expect((await call([...words, "--scale", "2", "--out", at("drawn.png")])).code ?? 0).toBe(0);
    const { width, height } = await sharp(at("drawn.png")).metadata();
    expect([width, height]).toEqual(name === "row" ? [42, 8] : [12, 40]);
  });

  it("is refused in a sentence by what needs rows and columns", async () => {
    const path = at(`${name}.safetensors`);
    const page = await call(["run", path, "--out", at("row.html")]);
    if (name === "row") expect(page).toMatchObject({ code: undefined, stdout: `${at("row.html")}\n` });
    else expect(page.stderr).toContain("runs on grids of three axes; this needs rows and columns");
    for (const words of [
      ["evaluate", path, "--goal", "x.png"],
      ["inspect", path, "--out", at("inside")],
      ["export", path, "--out", at("other.npz")],
    ]) {
      const { code, stderr } = await call(words);
      expect([1, 2], words.join(" ")).toContain(code);
      if (words[0] === "evaluate") continue;
      expect(stderr).toMatch(/runs on grids of (one axis|three axes); this needs rows and columns/);
    }
  });
});

/** Writes the row of cells with something else about it. */
const faulty = (change: object) => () => encodeModel({ ...models.row, ...change });

describe("rules of other axes", () => {
  it("must fit their kernels, grids and seeds", () => {
    expect(faulty({ rule: { ...row, kernels: ["sobelY"] } })).toThrow("y filters need two axes");
    expect(faulty({ rule: { ...row, kernels: [{ taps: [{ offset: [1, 1], weight: 1 }] }] } })).toThrow(
      "must fit the rule's axes",
    );
    expect(faulty({ provenance: { grid: [4, 5] } })).toThrow("as many numbers as the rule has axes");
    expect(faulty({ start: { seeds: [[0, 0]], cell } })).toThrow("as many numbers each as the rule has axes");
    expect(faulty({ start: { seeds: [[11]], cell } })).toThrow("must lie within the grid");
  });

  it("are not those of a picture", async () => {
    const { code, stderr } = await call(["grow", "🦎", "--set", "rule.axes=1", "--out", at("run")]);
    expect(code).toBe(2);
    expect(stderr).toContain("rule.axes");
    expect(stderr).toContain("pictures have rows and columns");
  });
});
