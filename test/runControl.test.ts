/** `neoblast run` plants, erases, grafts and goes on, and the pages that it writes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawing, randomParameters } from "../src/conformance/scenario.ts";
import { type UnrollOptions, unroll } from "../src/engine/unroll.ts";
import { decodeModel, encodeModel } from "../src/model/model.ts";
import { decodeNpy, encodeNpy } from "../src/formats/npy.ts";
import { decodeSettings } from "../src/player/settings.ts";
import { createEngine } from "../src/node/engine.ts";
import { graftParameters } from "../src/model/graft.ts";
import { turnedRule } from "../src/rule/kernels.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Plane } from "../src/rule/grid.ts";
import type { Rule } from "../src/rule/rule.ts";
import { plantSeed, seedState } from "../src/model/seed.ts";
import { plantSeeds, type Seeds, startState, turnedStart } from "../src/model/start.ts";
import { eraseStroke } from "../src/edit/stroke.ts";
import { applyDamage } from "../src/edit/damage.ts";
import { call } from "./commandLine.ts";

const GRID: Plane = [15, 12];
const conventions = splitRule({ ...picturePresets.distill, hidden: [8] });
const { rule } = conventions;
/** Of the model that starts from two. */
const SEEDS: Seeds = [
  [-3, 2],
  [4, -5],
];
const START = { ...conventions.start, seeds: SEEDS };
const slow: Rule = { ...rule, stepSize: 0.5 };
const parameters = randomParameters(rule, drawing(3), 2);
const other = randomParameters(rule, drawing(4), 2);

const home = process.cwd();
let place: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-control-"));
  process.chdir(place);
  const save = (name: string, of: Rule, numbers: Float32Array, target?: string) => {
    const provenance = { grid: [...GRID] as const, ...(target !== undefined && { target }) };
    writeFileSync(name, encodeModel({ ...conventions, rule: of, parameters: numbers, provenance }));
  };
  save("host.safetensors", rule, parameters, "🦎 lizard (Noto Emoji)");
  save("guest.safetensors", slow, other);
  save("busy.safetensors", { ...rule, fireRate: 1 }, other);
  const two = { ...conventions, parameters, provenance: { grid: [...GRID] as const }, start: START };
  writeFileSync("two.safetensors", encodeModel(two));
  const hungry = { ...rule, inputSize: 2 };
  save("hungry.safetensors", hungry, randomParameters(hungry, drawing(5)));
  writeFileSync("mask.npy", encodeNpy({ shape: [...GRID], data: Float32Array.from(stripes()) }));
  writeFileSync("flat.npy", encodeNpy({ shape: [180], data: new Float32Array(180) }));
  const bytes = Buffer.from(stripes().map((cell) => 255 * cell));
  const mask = sharp(bytes, { raw: { width: 12, height: 15, channels: 1 } });
  // Twice as large, for it may be any size of the same proportions.
  await mask.clone().resize(24, 30, { kernel: "nearest" }).png().toFile("mask.png");
  await mask.clone().resize(12, 12).png().toFile("square.png");
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

function stripes(): Uint8Array {
  return Uint8Array.from({ length: 15 * 12 }, (_, n) => Math.floor(n / 36) % 2);
}

/** Runs a model and reads the last state. */
async function state(words: string): Promise<Float32Array> {
  const outcome = await call(["run", ...words.split(" "), "--out", "out.npy"]);
  expect(outcome).toMatchObject({ code: undefined, stdout: "out.npy\n" });
  const { shape, data } = decodeNpy(readFileSync("out.npy"));
  expect(shape).toEqual([15, 12, 16]);
  return data;
}

/** What the engine makes of it by itself. */
async function expected(
  steps: number,
  options: Partial<UnrollOptions> & { start?: Float32Array },
): Promise<Float32Array> {
  const engine = await createEngine({ threads: 1 });
  const request = { engine, rule, grid: GRID, parameters, start: seedState(conventions, GRID), seed: 0 };
  let last: Float32Array = new Float32Array(0);
  for await (const { state: reached } of unroll({ ...request, stops: [steps], ...options })) last = reached;
  await engine.dispose();
  return last;
}

const plantAt = (step: number, row: number, column: number) => ({
  step,
  apply: (cells: Float32Array) => plantSeed(cells, conventions, GRID, [row, column]),
});
const eraseAt = (step: number, row: number, column: number, radius: number) => ({
  step,
  apply(cells: Float32Array) {
    const at = { x: column + 0.5, y: row + 0.5 };
    eraseStroke(cells, GRID, 16, at, at, radius);
  },
});

describe("neoblast run", () => {
  it("plants seeds in place of the one in the middle, and more of them later", async () => {
    const edits = [plantAt(0, 2, 3), plantAt(0, 14, 0), plantAt(6, 7, 11)];
    const start = new Float32Array(15 * 12 * 16);
    const planted = await state("host.safetensors --steps 12 --plant 2,3 --plant 14,0@0 --plant 7,11@6");
    expect(planted).toEqual(await expected(12, { start, edits }));
    const later = await state("host.safetensors --steps 12 --plant 7,11@6");
    expect(later).toEqual(await expected(12, { edits: [plantAt(6, 7, 11)] }));
    expect(later).not.toEqual(await expected(12, {}));
  });

  it("starts from all seeds of a model, turned by the angle, and plants all of them", async () => {
    expect(await state("two.safetensors --steps 8")).toEqual(
      await expected(8, { start: startState({ ...conventions, start: START }, GRID) }),
    );
    const angled = { ...conventions, start: turnedStart(START, 90) };
    const turned = { rule: turnedRule(rule, 90), start: startState(angled, GRID) };
    expect(await state("two.safetensors --steps 8 --angle 90")).toEqual(await expected(8, turned));
    const start = new Float32Array(15 * 12 * 16);
    plantSeeds(start, { ...conventions, start: START }, GRID, [2, 9]);
    expect(start.filter((value) => value !== 0)).toHaveLength(13);
    expect(await state("two.safetensors --steps 8 --plant 2,9")).toEqual(await expected(8, { start }));
  });

  it("refuses a grid that its seeds do not fit", async () => {
    const outcome = await call(["run", "two.safetensors", "--size", "9", "--out", "small.npy"]);
    const stderr = "neoblast: --size is 9; the seeds of this model need a grid of at least 10 cells a side\n";
    expect(outcome).toEqual({ code: 2, stdout: "", stderr });
  });

  it("erases discs, and goes on", async () => {
    const erased = await state("host.safetensors --steps 14 --erase 8,6,2.5@9 --erase 3,3,0@14");
    const edits = [eraseAt(9, 8, 6, 2.5), eraseAt(14, 3, 3, 0)];
    expect(erased).toEqual(await expected(14, { edits }));
    const cell = (3 * 12 + 3) * 16;
    expect(erased.subarray(cell, cell + 16).every((value) => value === 0)).toBe(true);
    expect(erased).not.toEqual(await expected(14, {}));
  });

  it("damages, erases and plants in this order at one step, on a state that was given, too", async () => {
    writeFileSync(
      "full.npy",
      encodeNpy({ shape: [15, 12, 16], data: new Float32Array(15 * 12 * 16).fill(1) }),
    );
    const start = "host.safetensors --state full.npy --fire-rate 0 --steps 1";
    const changed = await state(`${start} --plant 5,2@1 --plant 5,10 --erase 5,3,3@1 --damage half-left@1`);
    const whole = new Float32Array(15 * 12 * 16).fill(1);
    plantSeed(whole, conventions, GRID, [5, 10]);
    applyDamage(whole, GRID, 16, "half-left", [0, 0, 0]);
    eraseAt(1, 5, 3, 3).apply(whole);
    plantSeed(whole, conventions, GRID, [5, 2]);
    expect(changed).toEqual(whole);
  });

  it("goes on from a state as if it had never stopped", async () => {
    const whole = await state("host.safetensors --steps 12 --seed 5 --damage circle@8");
    writeFileSync(
      "five.npy",
      encodeNpy({ shape: [15, 12, 16], data: await state("host.safetensors --steps 5 --seed 5") }),
    );
    const rest = "host.safetensors --state five.npy --steps 7 --seed 5 --damage circle@3";
    expect(await state(`${rest} --first-step 5`)).toEqual(whole);
    expect(await state(rest)).not.toEqual(whole);
  });

  it.each<[string, (y: number, x: number) => boolean]>([
    ["left", (_, x) => x < 6],
    ["right", (_, x) => x >= 6],
    // The eighth of 15 rows is in the middle.
    ["top", (y) => y < 7],
    ["bottom", (y) => y > 7],
    ["centre", (y, x) => y >= 4 && y <= 10 && x >= 3 && x <= 8],
    ["mask.npy", (y) => Math.floor(y / 3) % 2 === 1],
    ["mask.png", (y) => Math.floor(y / 3) % 2 === 1],
  ])("grafts another model, in its own step size: %s", async (region, inside) => {
    const cells = Uint8Array.from({ length: 15 * 12 }, (_, n) =>
      inside(Math.floor(n / 12), n % 12) ? 1 : 0,
    );
    const graft = {
      parameters: [graftParameters(conventions, { ...conventions, rule: slow, parameters: other })],
      cells,
    };
    const grafted = await state(`host.safetensors --steps 10 --graft guest.safetensors@${region}`);
    expect(grafted).toEqual(await expected(10, { graft }));
    expect(grafted).not.toEqual(await expected(10, {}));
  });

  it("changes fire rate and step size of both models", async () => {
    const words = "--steps 10 --fire-rate 0.8 --step-size 2 --graft busy.safetensors@right";
    const cells = Uint8Array.from({ length: 15 * 12 }, (_, n) => (n % 12 < 6 ? 0 : 1));
    const changed = { ...rule, fireRate: 0.8, stepSize: 2 };
    const wanted = await expected(10, { rule: changed, graft: { parameters: [other], cells } });
    expect(await state(`host.safetensors ${words}`)).toEqual(wanted);
  });
});

/** What a page carries. */
function page(name: string) {
  const html = readFileSync(name, "utf8");
  const element = (id: string) => new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(html)![1];
  return {
    heading: /<h1>([^<]*)</.exec(html)![1],
    model: decodeModel(new Uint8Array(Buffer.from(element("model"), "base64"))),
    settings: decodeSettings(element("settings")),
  };
}

describe("a page", () => {
  it("carries the model, and nothing is run for it", async () => {
    const outcome = await call(["run", "host.safetensors", "--out", "page.html"]);
    expect(outcome).toEqual({ code: undefined, stdout: "page.html\n", stderr: "" });
    const { heading, model, settings } = page("page.html");
    expect(heading).toBe("🦎 lizard");
    expect(model).toEqual(decodeModel(new Uint8Array(readFileSync("host.safetensors"))));
    expect(settings).toEqual({
      title: "🦎 lizard",
      angle: 0,
      examples: [],
      seeds: [[7, 6]],
      graft: undefined,
    });
  });

  it("carries the seeds of the model", async () => {
    await call(["run", "two.safetensors", "--size", "20", "--out", "two.html"]);
    const { model, settings } = page("two.html");
    expect(model).toMatchObject({ start: { seeds: SEEDS }, provenance: { grid: [20, 20] } });
    expect(settings.seeds).toEqual([[10, 10]]);
  });

  it("is there for a model that expects an input", async () => {
    const outcome = await call(["run", "hungry.safetensors", "--out", "hungry.html"]);
    expect(outcome).toMatchObject({ code: undefined, stderr: "" });
    expect(page("hungry.html").heading).toBe("hungry");
  });

  it("takes along what was chosen", async () => {
    const words =
      "--size 16 --angle 90 --fire-rate 0.25 --step-size 2 --plant 3,4 --plant 9,15 --plant 1,1@7 --graft guest.safetensors@left";
    // Fire rates differ no more than the models' own.
    const outcome = await call([
      "run",
      "host.safetensors",
      ...words.split(" "),
      ..."--out all.html --out all.npy --steps 7".split(" "),
    ]);
    expect(outcome).toMatchObject({ code: undefined, stdout: "all.html\nall.npy\n" });
    const { heading, model, settings } = page("all.html");
    expect(heading).toBe("🦎 lizard + guest");
    expect(model.rule).toEqual({ ...rule, fireRate: 0.25, stepSize: 2 });
    expect(model.parameters).toEqual(parameters);
    expect(model.provenance.grid).toEqual([16, 16]);
    const { graft, ...rest } = settings;
    const seeds = [
      [3, 4],
      [9, 15],
    ];
    expect(rest).toEqual({ title: "🦎 lizard", angle: 90, seeds, examples: [] });
    expect(graft!.title).toBe("guest");
    expect(graft!.model.parameters).toEqual(
      graftParameters(conventions, { ...conventions, rule: slow, parameters: other }),
    );
    expect(graft!.cells).toEqual(Uint8Array.from({ length: 256 }, (_, n) => (n % 16 < 8 ? 1 : 0)));
  });
});

const faults: [words: string, code: 1 | 2, sentence: string][] = [
  ["--plant 3", 2, "--plant is 3; it must be ROW,COLUMN or ROW,COLUMN@STEP, such as 36,20@100"],
  ["--plant 3,-4", 2, '--plant is "3,-4"; it must be ROW,COLUMN'],
  ["--plant 3,4@", 2, '--plant is "3,4@"; it must be ROW,COLUMN'],
  ["--plant 3,4@5@6", 2, '--plant is "3,4@5@6"; it must be ROW,COLUMN'],
  ["--plant 15,4", 2, "--plant 15,4 lies outside the grid of 15 x 12 cells; both count from 0"],
  ["--plant 4,12@3", 2, "--plant 4,12@3 lies outside the grid of 15 x 12 cells"],
  ["--plant 4,4@201", 2, "--plant 4,4@201 comes after the last step, 200"],
  ["--erase 4,4,2", 2, '--erase is "4,4,2"; it must be ROW,COLUMN,RADIUS@STEP, such as 36,20,8@100'],
  ["--erase 4,4@3", 2, '--erase is "4,4@3"; it must be ROW,COLUMN,RADIUS@STEP'],
  ["--erase 4,4,-1@3", 2, '--erase is "4,4,-1@3"; it must be ROW,COLUMN,RADIUS@STEP'],
  ["--erase 4,13,2@3", 2, "--erase 4,13,2@3 lies outside the grid"],
  ["--erase 4,4,2@300", 2, "--erase 4,4,2@300 comes after the last step, 200"],
  ["--damage hole@201", 2, "--damage hole@201 comes after the last step, 200"],
  ["--first-step -1", 2, "--first-step is -1; it must be a whole number from 0 to 4294967295"],
  ["--graft guest.safetensors", 2, '--graft is "guest.safetensors"; it must be MODEL@REGION'],
  ["--graft guest.safetensors@rigth", 2, '--graft is "guest.safetensors@rigth"; it must be MODEL@REGION'],
  ["--graft @right", 2, '--graft is "@right"; it must be MODEL@REGION'],
  ["--graft none.safetensors@right", 1, "cannot read none.safetensors: it does not exist"],
  ["--graft guest.safetensors@none.png", 1, "cannot read none.png: it does not exist"],
  [
    "--graft guest.safetensors@square.png",
    1,
    "square.png: the mask covers 15 x 15 cells; the grid has 15 x 12 (height x width)",
  ],
  ["--graft guest.safetensors@flat.npy", 1, "flat.npy: the mask covers 180 cells; the grid has 15 x 12"],
  [
    "--graft busy.safetensors@right",
    1,
    "--graft busy.safetensors: the models cannot share a grid: fireRate is 0.5 in one and 1 in the other",
  ],
  [
    "--graft hungry.safetensors@right",
    1,
    "--graft hungry.safetensors: the models cannot share a grid: inputSize is 0 in one and 2 in the other",
  ],
  ["--out b.html --state full.npy", 2, "b.html begins from seeds, not from a state; leave out --state"],
];

describe("neoblast run refuses", () => {
  it.each(faults)("%s", async (words, code, sentence) => {
    const before = readdirSync(".").toSorted();
    const outcome = await call(["run", "host.safetensors", "--out", "a.png", ...words.split(" ")]);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toContain(`neoblast: ${sentence}`);
    expect(outcome.stderr).toMatch(/^.*\n$/);
    expect(readdirSync(".").toSorted()).toEqual(before);
  });
});
