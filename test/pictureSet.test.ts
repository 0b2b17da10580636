/** The set of pictures of `npm run bench:quality -- --set`, and what trains and measures it, in small. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { drawPictures } from "../bench/pictures/draw.mjs";
import { runSet, type SetResult } from "../bench/pictures/run.mjs";
import { set, shelf, shelfSize } from "../bench/pictures/set.mjs";
import { relativeErrors, tableOf } from "../bench/pictures/table.mjs";
import { configOf, firstChoices } from "../playground/src/choices.ts";
import { resolveGrowingConfig } from "../src/experiments/growing/config.ts";
import { growingConfigSchema } from "../src/experiments/growing/schema.ts";
import type { Recovery } from "../src/index.ts";
import { loadTarget } from "../src/node/index.ts";

const folder = fileURLToPath(new URL("../bench/pictures/", import.meta.url));

async function pixelsOf(png: Uint8Array): Promise<{ size: number[]; data: Buffer }> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { size: [info.width, info.height], data };
}

describe("the pictures", () => {
  it("are what draw.mjs draws, and nothing else", async () => {
    const drawn = await drawPictures();
    expect(Object.keys(drawn).toSorted()).toEqual(
      readdirSync(folder)
        .filter((name) => /\.(svg|png)$/.test(name))
        .toSorted(),
    );
    for (const [name, bytes] of Object.entries(drawn)) {
      const committed = readFileSync(join(folder, name));
      // Encoders compress differently; a PNG is its pixels.
      if (name.endsWith(".svg")) expect(bytes.toString(), name).toBe(committed.toString());
      else expect(await pixelsOf(bytes), name).toEqual(await pixelsOf(committed));
    }
  });

  it("are 21 emoji and 12 drawings, each of which can be loaded, in a shape of its own", async () => {
    expect(new Set(set.map(({ name }) => name)).size).toBe(33);
    expect(set.filter(({ source }) => source.startsWith(folder))).toHaveLength(12);
    const sides: Record<string, number[]> = {};
    for (const { name, source } of set) {
      const { grid, data } = await loadTarget(source, { size: 40, padding: 0, premultiplied: true });
      const seen = Array.from(data.keys()).filter((i) => i % 4 === 3 && data[i] > 0);
      const extent = (at: (cell: number) => number) => {
        const places = seen.map((i) => at((i - 3) / 4));
        return 1 + Math.max(...places) - Math.min(...places);
      };
      sides[name] = [extent((cell) => Math.floor(cell / grid[1])), extent((cell) => cell % grid[1])];
      if (name === "landscape") expect(seen.filter((i) => data[i] === 1)).toHaveLength(1600);
      // Where all three discs lie: 1 - 0.45 * 0.3 * 0.6.
      if (name === "translucent") expect(Math.max(...seen.map((i) => data[i]))).toBeCloseTo(0.919, 2);
    }
    expect(sides).toMatchObject({ landscape: [40, 40], banner: [13, 40], tower: [40, 13], robot: [40, 38] });
  });
});

it("trains the emoji choices of the playground as that does, unless a visitor chooses otherwise", () => {
  expect(shelf).toHaveLength(24);
  const chosen = growingConfigSchema.parse(configOf(firstChoices, "🦎"));
  const { seed, recipe, quality, target, ...rest } = chosen;
  expect(target).toMatchObject({ source: shelf[0].source, ...shelfSize });
  // What `neoblast grow` does with no other options.
  const usual = resolveGrowingConfig();
  expect({ seed, recipe, quality, ...rest }).toEqual({ ...usual, target: undefined });
});

describe("a set in small", () => {
  const out = mkdtempSync(join(tmpdir(), "neoblast-set-"));
  afterAll(() => rmSync(out, { recursive: true, force: true }));
  const pictures = [
    { name: "heart", source: "❤️" },
    { name: "missing", source: join(out, "missing.png") },
    { name: "banner", source: join(folder, "banner.svg") },
  ];
  const said: string[] = [];
  const request = {
    pictures,
    choices: { recipe: "regenerating" },
    args: "--size 12 --padding 2 --steps 6 --batch 4 --pool 8 --rollout 8..10".split(" "),
    out,
    threads: 1,
    about: { choices: { recipe: "regenerating" } },
    amounts: { runs: 1, damagedRuns: 2 },
    stderr: "ignore",
    say: (text: string) => void said.push(text),
  } as const;
  const read = (...path: string[]) => readFileSync(join(out, ...path), "utf8");
  const times = () =>
    ["model.safetensors", "player.html", "set.json"].map(
      (file) => statSync(join(out, "heart", file)).mtimeMs,
    );

  it("trains, measures, and goes on after a picture that fails", async () => {
    const results = await runSet(request);
    expect(results.map(({ name, failed }) => [name, failed])).toEqual([
      ["heart", undefined],
      ["missing", "training ended with exit status 1"],
      ["banner", undefined],
    ]);
    for (const { name, training, growth, recovery, ...rest } of results.filter(({ failed }) => !failed)) {
      expect(training).toMatchObject({ steps: 6 });
      expect(rest).toMatchObject({ recipe: "regenerating", runs: 1, damagedRuns: 2 });
      expect(growth.errors.map(({ step }) => step)).toEqual([96, 200, 1000, 10000]);
      expect(recovery).toHaveLength(6);
      const [rows, cells] = rest.grid;
      const strip = await sharp(join(out, name, "set.png")).metadata();
      expect([strip.height, strip.width]).toEqual([rows, 5 * cells]);
    }
    expect(said).toEqual([
      expect.stringMatching(
        /^1 of 3, heart: relative error \S+ at step 200, bounds missed, trained in 0\.\d min/,
      ),
      "2 of 3, missing: failed: training ended with exit status 1",
      expect.stringMatching(/^3 of 3, banner: /),
    ]);
    expect(read("set.md")).toBe(`${tableOf(results)}\n`);
    expect(JSON.parse(read("set.json"))).toEqual({ ...request.about, pictures: results });
    // Two strips of five panels below each other are nearer to a page than beside each other.
    const sheet = await sharp(join(out, "set.png")).metadata();
    expect(sheet.width).toBeGreaterThan(5 * 144);
    expect(sheet.height).toBeGreaterThan(2 * 144);
  });

  it("trains together what it is told to, by a sweep, and trains it once", async () => {
    const place = join(out, "together");
    const both = [pictures[0], pictures[2]];
    const small = { ...request, pictures: both, choices: {}, amounts: { runs: 1, damagedRuns: 1 } };
    const results = await runSet({ ...small, out: place, how: ["--parallel", "2"] });
    expect(results.map(({ name, failed, training: { steps } }) => [name, failed, steps])).toEqual([
      ["heart", undefined, 6],
      ["banner", undefined, 6],
    ]);
    expect(readdirSync(join(place, "sweep"))).toEqual(
      expect.arrayContaining(["banner", "red-heart", "sweep.csv", "sweep.html"]),
    );
    const model = join(place, "sweep", "red-heart", "model.safetensors");
    const trained = statSync(model).mtimeMs;
    expect(await runSet({ ...small, out: place, how: ["--parallel", "2"] })).toEqual(results);
    expect(statSync(model).mtimeMs).toBe(trained);
  });

  it("repeats nothing that is done, and finishes what is not", async () => {
    const before = JSON.parse(read("set.json"));
    const heart = times();
    rmSync(join(out, "banner", "player.html"));
    const results = await runSet(request);
    expect(JSON.parse(read("set.json")).pictures).toEqual(before.pictures);
    expect(times()).toEqual(heart);
    expect(readdirSync(join(out, "banner"))).toContain("player.html");
    expect(results).toHaveLength(3);
  });

  it("measures one picture of several, and shows the others as they were", async () => {
    said.length = 0;
    const results = await runSet({ ...request, only: ["banner"] });
    expect(said).toEqual([expect.stringMatching(/^1 of 1, banner: /)]);
    expect(results.map(({ name }) => name)).toEqual(["heart", "banner"]);
  });
});

/** What was measured of a picture on which an empty grid has an error of 0.5. */
const result = (
  name: string,
  means: readonly (number | null)[],
  more: Readonly<{ died?: number; recovery?: readonly Recovery[] }> = {},
): SetResult => ({
  name,
  source: name === "heart" ? "❤️" : `/pictures/${name}.svg`,
  training: { steps: 2000, seconds: 90, dead: 0, exploded: 0 },
  recipe: "persistent",
  grid: [16, 16],
  empty: 0.5,
  runs: 8,
  growth: {
    errors: [96, 200, 1000, 10000].map((step, i) => ({ step, mean: means[i], worst: means[i] })),
    died: more.died ?? 0,
    overgrown: 0,
    diverged: means.includes(null) ? 0.125 : 0,
  },
  damagedRuns: null,
  recovery: more.recovery ?? null,
});
/** Cells of the table. */
const rowsOf = (results: readonly SetResult[]) =>
  tableOf(results)
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const healing = (damage: Recovery["damage"], ratio: number | null, died = 0): Recovery => ({
  damage,
  ratio,
  died,
  overgrown: 0,
  diverged: 0,
  errors: [],
});

describe("the table", () => {
  it("divides errors by that of an empty grid", () => {
    expect(relativeErrors(result("logo", [0.005, 0.001, null, 1]))).toEqual([0.01, 0.002, Infinity, 2]);
  });

  it("says which bounds are met, how many, and the median", () => {
    const results = [
      result("heart", [0.005, 0.001, 0.001, 0.002]),
      result("late", [0.0051, 0.001, 0.001, 0.001]),
      result("drifting", [0.001, 0.002, 0.001, 0.0041]),
      result("dying", [0.001, 0.003, 0.001, 0.001], { died: 0.25 }),
      result("exploding", [0.001, 0.004, null, null]),
      { ...result("none", []), failed: "training ended with exit status 1" },
    ];
    const [head, , ...rows] = rowsOf(results);
    const steps = ["96", "200", "1,000", "10,000"];
    expect(head).toEqual(["", "minutes", "training steps", ...steps, "died or overgrew", "bounds met"]);
    expect(rows).toEqual([
      ["❤️ heart", "1.5", "2,000", "1.0%", "0.20%", "0.20%", "0.40%", "0%", "yes"],
      ["late", "1.5", "2,000", "1.0%", "0.20%", "0.20%", "0.20%", "0%", "no"],
      ["drifting", "1.5", "2,000", "0.20%", "0.40%", "0.20%", "0.82%", "0%", "no"],
      ["dying", "1.5", "2,000", "0.20%", "0.60%", "0.20%", "0.20%", "25%", "no"],
      ["exploding", "1.5", "2,000", "0.20%", "0.80%", "diverged", "diverged", "13%", "no"],
      ["none", "", "", "", "", "", "", "", "failed"],
    ]);
    expect(tableOf(results)).toContain(
      "\n\n1 of 6 meet the bounds (1 failed), median relative error at step 200: 0.40%\n\nnone: failed: training",
    );
  });

  it("names the damage that heals worst, where there was any", () => {
    const recovery = [healing("half-left", 1.5), healing("circle", 3.204, 0.125), healing("hole", 2)];
    const good = [0.001, 0.001, 0.001, 0.001];
    const [head, , healed, other] = rowsOf([result("a", good, { recovery }), result("b", good)]);
    expect(head[8]).toBe("worst damage");
    expect([healed[8], healed[9]]).toEqual(["circle: 3.20 times, 13% lost", "yes"]);
    expect([other[8], other[9]]).toEqual(["", "yes"]);
  });
});
