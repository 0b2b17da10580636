/** Every benchmark in small: each case of `bench/run.mjs`, each script beside it, and the peers' files as Python. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "./python.ts";

const BENCH = fileURLToPath(new URL("../bench/", import.meta.url));
const LIMIT = 240_000;

const place = mkdtempSync(join(tmpdir(), "neoblast-bench-"));
afterAll(() => rmSync(place, { recursive: true }));

/** What a script prints that succeeds. */
async function outputOf(script: string, ...args: string[]): Promise<string> {
  const words = [join(BENCH, script), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: place, timeout: LIMIT });
  return stdout;
}

describe("npm run bench", () => {
  // Their own words in run.mjs: a case more is a test more.
  const [, list] = /const CASES = \{([\w,\s]+)\}/.exec(readFileSync(join(BENCH, "run.mjs"), "utf8"))!;
  const names = list.split(/[,\s]+/).filter(Boolean);
  const files = readdirSync(join(BENCH, "cases")).map((name) => name.replace(".mjs", ""));

  it("has every case that there is a file of", () => {
    expect(names.toSorted()).toEqual(files.toSorted());
  });

  let cases: Record<string, any>[];
  beforeAll(async () => {
    // Exit status 1 where a case fails, which it says itself.
    const told = await outputOf("run.mjs", "--quick", "--json", "--threads", "2").catch(
      ({ stdout }) => stdout,
    );
    ({ cases } = JSON.parse(told));
  }, LIMIT);

  it("runs each case once", () => {
    const ran = cases.map(({ name }): string => name);
    expect(ran.toSorted()).toEqual(files.toSorted());
  });

  it.each(files)("%s, in small", (name) => {
    const { rows = [], verified = [], skipped = [], failed } = cases.find((each) => each.name === name)!;
    expect(failed).toBeUndefined();
    if (skipped.some(({ reason }: { reason: string }) => reason === "no Chromium")) return;
    expect(rows.length).toBeGreaterThan(0);
    // A page may draw too few frames in so short a time to say how many a second.
    const measured = rows.filter(({ value }: { value: number | null }) => value !== null);
    expect(measured.length).toBeGreaterThan(rows.length / 2);
    for (const { label, value } of measured) expect(value, label).toBeGreaterThanOrEqual(0);
    // What only peers verify is verified beside them.
    if (name !== "digits" && name !== "classify") expect(verified.length).toBeGreaterThan(0);
  });
});

describe("the scripts", () => {
  it("recipes", { timeout: LIMIT }, async () => {
    const lines = (await outputOf("recipes.mjs", "--quick")).trimEnd().split("\n");
    expect(lines.length).toBe(15);
    for (const line of lines) expect(line).toMatch(/ not reached {6}1 steps {2}\d\.\d\de-2$/);
  });

  it("stability", { timeout: LIMIT }, async () => {
    const report = JSON.parse(await outputOf("stability.mjs", "--quick", "--json", "--curves", "curves.svg"));
    expect(report.length).toBe(4 + 7 * 2 + 2);
    for (const { gaveUp, loss } of report) {
      expect(gaveUp).toBe(false);
      expect(loss).toBeGreaterThan(0);
    }
    expect(readFileSync(join(place, "curves.svg"), "utf8")).toMatch(/^<svg[^]*<\/svg>\s*$/);
  });

  it("estimate", { timeout: LIMIT }, async () => {
    const { rows } = JSON.parse(await outputOf("estimate.mjs", "--quick", "--json"));
    expect(rows).toHaveLength(2);
    // Four members in 1,580 dimensions say little, but not nothing.
    for (const { raw } of rows) expect(Math.abs(raw)).toBeLessThan(0.2);
  });

  it("reinforcement", { timeout: LIMIT }, async () => {
    const { arms, sweep } = JSON.parse(
      await outputOf("reinforcement.mjs", "--quick", "--json", "--out", "rl"),
    );
    for (const [{ runs }, count] of [
      [arms, 3],
      [sweep, 2],
    ]) {
      expect(runs).toHaveLength(count);
      for (const { points } of runs) {
        for (const error of points.at(-1).errors) expect(error).toBeGreaterThan(0);
      }
    }
    expect(readdirSync(join(place, "rl")).toSorted()).toEqual([
      "arms.json",
      "arms.svg",
      "sweep.json",
      "sweep.svg",
    ]);
    expect(await outputOf("reinforcement.mjs", "--draw", "rl", "--only", "sweep")).toContain("| horizon |");
  });

  it("quality, and --set with a model that is there", { timeout: LIMIT }, async () => {
    const words = "--quick --json --only persistent --models models".split(" ");
    const { cases } = JSON.parse(await outputOf("quality.mjs", ...words));
    expect(cases).toEqual([expect.objectContaining({ name: "persistent" })]);
    const [{ failed, training, rows }] = cases;
    expect(failed).toBeUndefined();
    expect(training.steps).toBe(2);
    expect(rows).toHaveLength(7);

    renameSync(join(place, "models", "persistent"), join(place, "models", "lizard"));
    const of = "--set --only lizard --models models --out set --threads 1 --json --quick".split(" ");
    const { pictures } = JSON.parse(await outputOf("quality.mjs", ...of));
    expect(pictures).toEqual([expect.objectContaining({ name: "lizard", recipe: "persistent" })]);
  });

  it("quality --textures, which repeats nothing", { timeout: LIMIT }, async () => {
    const words = "--textures --only maze --out textures --threads 1 --json --quick".split(" ");
    const first = await outputOf("quality.mjs", ...words);
    const [maze] = JSON.parse(first).materials;
    expect(maze).toMatchObject({ name: "maze", training: { steps: 2 }, steps: [{ step: 4 }] });
    expect(maze.steps[0].mean).toBeGreaterThan(0);
    expect(readFileSync(join(place, "textures", "textures.md"), "utf8")).toContain("| maze |");
    expect(readdirSync(join(place, "textures"))).toContain("textures.png");
    expect(await outputOf("quality.mjs", ...words)).toBe(first);
  });

  it("cluster", { timeout: LIMIT }, async () => {
    const text = await outputOf("cluster.mjs", "--quick", "--json");
    if (text === "skipped: no redis-server\n") return;
    const { rows, usage, simulated } = JSON.parse(text);
    expect(rows).toHaveLength(1);
    for (const each of [rows[0].here, rows[0].there, usage.jobs, usage.sent, usage.received]) {
      expect(each).toBeGreaterThan(0);
    }
    expect(simulated).toHaveLength(22);
    for (const { efficiency } of simulated) {
      expect(efficiency).toBeGreaterThan(0);
      expect(efficiency).toBeLessThan(1);
    }
  });

  it("silence", { timeout: LIMIT }, async () => {
    const { models } = JSON.parse(await outputOf("silence.mjs", "--quick", "--json"));
    expect(models).toHaveLength(5);
    for (const { active, groups, pairs, tiles } of models) {
      expect(active).toBeGreaterThan(0.1);
      // What is silent in two units is so in one, and in eight cells in four.
      for (const share of [pairs, tiles]) expect(share).toBeGreaterThan(0);
      expect(groups).toBeGreaterThan(Math.max(pairs, tiles));
    }
  });

  it("classifiers", { timeout: LIMIT }, async () => {
    // About as many numbers as the automaton's 22,580.
    expect(await outputOf("classifiers.mjs", "--quick")).toMatch(
      /^skipped: no Python with torch|\| dense layers \| 22,270 \|.*\n\| convolutions \| 22,770 \|/,
    );
  });

  it.each([
    ["the engine on the processor", "--engine wasm --device cpu"],
    ["a card, where there is one", "--device none"],
  ])("gpu, %s", { timeout: LIMIT }, async (_, words) => {
    const { reason, cases } = JSON.parse(await outputOf("gpu.mjs", "--quick", "--json", ...words.split(" ")));
    expect(cases.map(({ name }: { name: string }) => name)).toEqual(
      "training dense half population texture product".split(" "),
    );
    for (const { name, failed, measurements, rows, verified, skipped } of cases) {
      expect(failed).toBeUndefined();
      if (!verified) {
        expect(skipped[0].reason).toBe(
          reason ?? (name === "half" ? "the device does not compute in half precision" : "no graphics card"),
        );
        continue;
      }
      expect(verified.length).toBeGreaterThan(0);
      for (const { sides } of measurements) expect(sides[0].median).toBeGreaterThan(0);
      expect(measurements.length + (rows?.length ?? 0)).toBeGreaterThan(0);
    }
  });

  it("all, or a case of run.mjs, or a part of one of these", () => {
    const known =
      "attentionWork classifiers classifyWork cluster digitsWork goalWork gpu populationWork quality recipes reinforcement reinforcementChart reinforcementRun report run";
    // What measures the site is run where the site is built, in browser/site.test.ts.
    const others = "estimate silence site stability step stepper textureWork textures trainings";
    const scripts = readdirSync(BENCH).filter((name) => name.endsWith(".mjs"));
    expect(scripts.map((name) => name.replace(".mjs", ""))).toEqual(
      `${known} ${others}`.split(" ").toSorted(),
    );
  });
});

const python = findPython([]);
it.skipIf(!python)("the peers' files are Python", () => {
  const files = readdirSync(join(BENCH, "peers")).filter((name) => name.endsWith(".py"));
  expect(files.length).toBeGreaterThan(4);
  const check = "import ast, sys; [ast.parse(open(name).read(), name) for name in sys.argv[1:]]";
  const paths = files.map((name) => join(BENCH, "peers", name));
  return promisify(execFile)(python!, ["-c", check, ...paths]);
});
