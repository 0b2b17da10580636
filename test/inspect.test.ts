/** `neoblast inspect`: what it writes, and what it refuses. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { drawing, randomParameters } from "../src/conformance/scenario.ts";
import { fromBase64 } from "../src/formats/base64.ts";
import { encodeModel, type Model } from "../src/model/model.ts";
import { decodeNpy } from "../src/formats/npy.ts";
import { createEngine } from "../src/node/engine.ts";
import { type PictureRule, splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { seedState } from "../src/model/seed.ts";
import { damageKinds } from "../src/edit/damage.ts";
import { call } from "./commandLine.ts";

const home = process.cwd();
let place: string;

/** An automaton that spreads in every direction. */
function spreading(changes: Partial<PictureRule> = {}): Model {
  const conventions = splitRule({ ...picturePresets.distill, hidden: [8], ...changes });
  const { rule } = conventions;
  const parameters = randomParameters(rule, drawing(2));
  parameters[parameters.length - rule.channels + rule.alive.channel] = 0.4;
  return { ...conventions, parameters, provenance: { grid: [14, 12], target: "<b>a blot" } };
}

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-inspect-"));
  process.chdir(place);
  writeFileSync("blot.safetensors", encodeModel(spreading()));
  writeFileSync("hungry.safetensors", encodeModel(spreading({ inputSize: 3 })));
  writeFileSync("linear.safetensors", encodeModel(spreading({ hidden: [] })));
  const vast: Model = { ...spreading(), provenance: { grid: [600, 20] } };
  writeFileSync("vast.safetensors", encodeModel(vast));
  mkdirSync("full");
  writeFileSync("full/notes.txt", "x");
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const inspect = (words: string) => call(["inspect", ...words.split(" ")]);
const FILES = [
  "cells.png",
  "channels.png",
  "counts.svg",
  "fire.png",
  "hidden.png",
  "report.html",
  "sobel.png",
  "traces-2-11.svg",
  "traces-7-6.svg",
  "traces.csv",
  "traces.npy",
];

describe("inspect", () => {
  const words = "blot.safetensors --at 7,6 --at 2,11 --steps 30 --damage half-left@20 --seed 3";
  let states: readonly Float32Array[];

  beforeAll(async () => {
    const model = spreading();
    const { rule, parameters, provenance } = model;
    const { grid } = provenance;
    const engine = await createEngine({ threads: 1 });
    const start = seedState(model, grid);
    const keep = Array.from({ length: 20 }, (_, step) => step);
    const rollout = await engine.rollout({
      rule,
      grid,
      parameters,
      states: [start],
      steps: 19,
      seed: 3,
      keep,
    });
    states = await Promise.all(keep.map((step) => rollout.kept(0, step).read()));
    await engine.dispose();
  });

  it("writes everything into its folder, the page last", async () => {
    const { code, stdout, stderr } = await inspect(`${words} --out inside`);
    expect(code).toBeUndefined();
    expect(stderr).toMatch(/^Ran 30 steps on 14 x 12 cells in [\d.]+ s\n$/);
    expect(readdirSync("inside").toSorted()).toEqual(FILES);
    const printed = stdout.trimEnd().split("\n");
    expect(printed.toSorted()).toEqual(FILES.map((name) => join("inside", name)));
    expect(printed.at(-1)).toBe(join("inside", "report.html"));
    for (const name of readdirSync("inside").filter((file) => /png|svg/.test(file))) {
      const { width } = await sharp(join("inside", name)).metadata();
      expect(width, name).toBeGreaterThan(600);
    }
  });

  it("has the engine's own numbers in .npy, .csv and page", () => {
    const { shape, data } = decodeNpy(readFileSync("inside/traces.npy"));
    expect(shape).toEqual([31, 2, 16]);
    for (const [step, state] of states.entries()) {
      expect(data.subarray(step * 32, step * 32 + 16)).toEqual(
        state.subarray((7 * 12 + 6) * 16, (7 * 12 + 7) * 16),
      );
    }
    expect(data.subarray(16, 512).some((value) => value !== 0)).toBe(true);
    const lines = readFileSync("inside/traces.csv", "utf8").trimEnd().split("\n");
    const rows = lines.slice(1).map((line) => line.split(",").map(Number));
    expect(Float32Array.from(rows.flatMap((row) => row.slice(3)))).toEqual(data);
    expect(rows[61].slice(0, 3)).toEqual([30, 2, 11]);

    const [, text] = /<script id="data"[^>]*>\s*([^<]*?)\s*<\/script>/.exec(
      readFileSync("inside/report.html", "utf8"),
    )!;
    const run = JSON.parse(text);
    expect(new Float32Array(fromBase64(run.traces).buffer)).toEqual(data);
    expect(run.steps).toEqual(Array.from({ length: 31 }, (_, step) => step));
    const mature = states.map((state) => state.filter((value, i) => i % 16 === 3 && value > 0.1).length);
    expect(run.counts.mature.slice(0, 20)).toEqual(mature);
    expect(run.counts.mature[20]).toBeLessThan(mature[19]);
    expect(run.damage).toEqual([{ kind: "half-left", step: 20 }]);
    expect(run.film.steps.length).toBe(31);
  });

  it("takes away what it does not write again", async () => {
    expect((await inspect("linear.safetensors --at 3,4 --steps 5 --out inside")).code).toBeUndefined();
    expect(readdirSync("inside").filter((name) => /traces-|hidden/.test(name))).toEqual(["traces-3-4.svg"]);
    const page = readFileSync("inside/report.html", "utf8");
    expect(page).toContain("<h1>Inside &#60;b&#62;a blot</h1>");
    expect(page).toContain("the picture as it was grown, and what");
  });

  it("chooses cells itself, and perceives the target where one is named", async () => {
    const { code } = await inspect("blot.safetensors 🦋 --size 8 --padding 3 --steps 12 --out chosen/deep");
    expect(code).toBeUndefined();
    const page = readFileSync("chosen/deep/report.html", "utf8");
    expect(page).toContain("<title>Inside 🦋 butterfly (Noto Emoji)</title>");
    expect(page).toContain("the target, and what");
    const [, text] = /<script id="data"[^>]*>\s*([^<]*?)\s*<\/script>/.exec(page)!;
    const { cells, grid } = JSON.parse(text);
    expect(grid).toEqual([14, 14]);
    expect(cells.length).toBe(3);
    for (const cell of cells) {
      expect(readdirSync("chosen/deep")).toContain(`traces-${cell.join("-")}.svg`);
    }
  });
});

const listing = () => readdirSync(place, { recursive: true, encoding: "utf8" }).toSorted();

describe("inspect refuses", () => {
  let before: string[];
  beforeEach(() => void (before = listing()));

  const blot = "blot.safetensors --out new";
  it.each<[string, 1 | 2, string]>([
    [
      "blot.safetensors",
      2,
      "required option '--out <folder>' not specified; neoblast inspect --help says what it takes",
    ],
    ["--out new", 2, "missing required argument 'model'; neoblast inspect --help says what it takes"],
    [`${blot} --at 3`, 2, "--at is 3; it must be ROW,COLUMN, such as 36,26"],
    [`${blot} --at 3,4,5`, 2, '--at is "3,4,5"; it must be ROW,COLUMN, such as 36,26'],
    [`${blot} --at 3,-4`, 2, '--at is "3,-4"; it must be ROW,COLUMN, such as 36,26'],
    [
      `${blot} --at 3,4 --at 14,0`,
      2,
      "--at 14,0 lies outside the grid of 14 x 12 cells; rows and columns count from 0",
    ],
    [
      `${blot} ${Array.from({ length: 17 }, (_, i) => `--at ${i % 9},${i % 11}`).join(" ")}`,
      2,
      "--at names 17 cells; at most 16 are drawn",
    ],
    [`${blot} --steps 10001`, 2, "--steps is 10001; it must be a whole number from 1 to 10000"],
    [`${blot} --steps 50 --damage hole@51`, 2, "--damage hole@51 comes after the last step, 50"],
    [
      `${blot} --damage tail@5`,
      2,
      `--damage is "tail@5"; it must be KIND@STEP, such as circle@100; the kinds are ${damageKinds.join(", ")}`,
    ],
    [`${blot} --seed -1`, 2, "--seed is -1; it must be a whole number from 0 to 4294967295"],
    [
      "missing.safetensors --out new",
      1,
      "cannot read missing.safetensors: it does not exist; npx neoblast ls lists the runs",
    ],
    [`${blot} --size 9`, 2, "--size and --padding are those of a picture; name it after the model"],
    ["blot.safetensors missing.png --out new", 1, "cannot read missing.png: it does not exist"],
    [
      "hungry.safetensors --out new",
      1,
      "this automaton expects an input of 3 numbers, which neoblast inspect does not give",
    ],
    [
      "vast.safetensors --out new",
      1,
      "a grid of 600 x 20 cells is too large to look into; with 16 channels, sides of at most 512 are not",
    ],
    [
      "blot.safetensors --out full",
      1,
      "full holds notes.txt, which neoblast inspect did not write; choose another folder",
    ],
    ["blot.safetensors --out blot.safetensors", 1, "blot.safetensors is a file, not a folder"],
  ])("%s", async (args, code, sentence) => {
    expect(await inspect(args)).toEqual({ code, stdout: "", stderr: `neoblast: ${sentence}\n` });
    expect(listing()).toEqual(before);
  });
});
