/** Several pictures from one automaton, on the command line: `grow --conditional`, `--goal` and `--input`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeNpy } from "../src/formats/npy.ts";
import { decodeSettings } from "../src/player/settings.ts";
import { loadTarget } from "../src/node/images.ts";
import { loadModel } from "../src/node/models.ts";
import { oneHot } from "../src/train/goals.ts";
import { call, metricsOf, modelBytes, neoblast, type Outcome, signalAt, train } from "./commandLine.ts";

const GROW = [
  ..."grow 🦎 🦋 --conditional --size 8 --padding 4 --steps 12 --pool 8 --rollout 10..12".split(" "),
  ..."--set training.warmup=1 --set rule.hidden=[16]".split(" "),
];

const home = process.cwd();
let place: string;
let grown: Outcome;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-conditional-"));
  process.chdir(place);
  grown = await neoblast(GROW, place);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const RUN = "runs/lizard-and-butterfly-1";

function npy(name: string) {
  return decodeNpy(readFileSync(join(place, name))).data;
}

describe("grow --conditional", () => {
  it("says what it grows, and what to do next", () => {
    expect(grown).toMatchObject({ code: 0, stdout: `${RUN}\n` });
    expect(grown.stderr).toMatch(
      /^Growing 🦎 lizard and 🦋 butterfly in runs\/lizard-and-butterfly-1\n16 x 16 cells, persistent, 2 goals, 12 steps, seed 0; /,
    );
    expect(grown.stderr).toContain(`neoblast.js run ${RUN} --goal 2@200 --steps 400 --out turned.webp\n`);
  });

  it("leaves a folder with the goals in its model and its pictures", async () => {
    const { picture, ...config } = JSON.parse(readFileSync(join(RUN, "config.json"), "utf8"));
    expect(config).toMatchObject({
      target: { source: ["🦎", "🦋"], size: 8, padding: 4 },
      rule: { channels: 32, hidden: [16], inputSize: 2 },
      training: { batch: 4, pool: { size: 8, reseed: 1, switched: 1 } },
    });
    const parts = [
      { name: "lizard", description: "🦎 lizard (Noto Emoji)" },
      { name: "butterfly", description: "🦋 butterfly (Noto Emoji)" },
    ];
    expect(picture).toEqual({
      name: "lizard-and-butterfly",
      description: "🦎 lizard and 🦋 butterfly",
      parts,
    });

    const { provenance } = await loadModel(RUN);
    expect(provenance).toMatchObject({
      grid: [16, 16],
      target: "🦎 lizard and 🦋 butterfly",
      goals: ["🦎", "🦋"].map((source, i) => ({
        target: parts[i].description,
        picture: { source, size: 8, padding: 4 },
      })),
    });
    expect(provenance.picture).toBeUndefined();

    const kept = decodeNpy(readFileSync(join(RUN, "checkpoint", "target.npy")));
    expect(kept.shape).toEqual([2, 16, 16, 4]);
    const butterfly = await loadTarget("🦋", { size: 8, padding: 4, premultiplied: true });
    expect(kept.data.subarray(16 * 16 * 4)).toEqual(butterfly.data);

    const film = await sharp(join(RUN, "growth.gif"), { pages: -1 }).metadata();
    expect(film.width).toBe(2 * film.pageHeight!);
    // A row a goal, and as many again for what becomes of one whose goal changes.
    const sheet = await sharp(join(RUN, "sheet.png")).metadata();
    expect(sheet.height).toBeGreaterThan(4 * 144);
  });

  it("killed, it goes on as if nothing had happened", async () => {
    await train([...GROW, "--out", "whole"], place);
    expect(modelBytes("whole")).toEqual(modelBytes(RUN));
    const often = ["--checkpoint-every", "0", "--out", "killed"];
    const { signal } = await signalAt([...GROW, ...often], place, "SIGKILL", ({ step }) => step === 6);
    expect(signal).toBe("SIGKILL");
    await train("grow --resume killed --threads 1".split(" "), place);
    expect(modelBytes("killed")).toEqual(modelBytes(RUN));
    expect(metricsOf("killed")).toEqual(metricsOf(RUN));
  });

  it("is resumed by the same words, and by no others", async () => {
    expect(await call([...GROW, "--resume", RUN])).toMatchObject({ stdout: `${RUN}\n` });
    expect(await call(["grow", "--conditional", "--resume", RUN])).toMatchObject({ stdout: `${RUN}\n` });
    const { code, stderr } = await call(["grow", "🦎", "😀", "--conditional", "--resume", RUN]);
    expect(code).toBe(2);
    expect(stderr).toContain("so target.source cannot change");
  });

  it("takes its pictures from a configuration file, too", async () => {
    await train(["grow", "--config", join(RUN, "config.json"), "--out", "again"], place);
    expect(modelBytes("again")).toEqual(modelBytes(RUN));
  });
});

/** Runs the automaton into a file. */
function to(name: string, ...words: string[]) {
  return call(["run", RUN, ...words, "--seed", "3", "--out", name]);
}

describe("run --goal", () => {
  beforeAll(async () => {
    await to("first.npy", "--steps", "20");
    await to("second.npy", "--steps", "20", "--goal", "🦋");
    await to("input.npy", "--steps", "20", "--input", "0,1");
    await to("turned.npy", "--steps", "35", "--goal", "butterfly@20");
    await to("rest.npy", "--steps", "15", "--state", "first.npy", "--first-step", "20", "--goal", "2");
  });

  it("begins with the first, or with the one that is named", async () => {
    const model = await loadModel(RUN);
    const { createEngine } = await import("../src/node/engine.ts");
    const { seedState } = await import("../src/model/seed.ts");
    const engine = await createEngine({ threads: 1 });
    const { rule, parameters, provenance } = model;
    const { grid } = provenance;
    const start = seedState(model, grid);
    const inputs = [oneHot(0, 2), oneHot(1, 2)];
    const states = [start, start];
    const sampleIds = [0, 0];
    const { final } = await engine.rollout({
      rule,
      parameters,
      grid,
      states,
      inputs,
      sampleIds,
      steps: 20,
      seed: 3,
    });
    expect(npy("first.npy")).toEqual(await final[0].read());
    expect(npy("second.npy")).toEqual(await final[1].read());
    await engine.dispose();
    expect(npy("first.npy")).not.toEqual(npy("second.npy"));
    expect(npy("input.npy")).toEqual(npy("second.npy"));
  });

  it("changes after the step that is named", () => {
    expect(npy("turned.npy")).toEqual(npy("rest.npy"));
  });

  it("lets a page begin with it", async () => {
    await call(["run", RUN, "--goal", "2", "--goal", "1@50", "--out", "page.html"]);
    const [, settings] = /<script id="settings"[^>]*>([^<]*)</.exec(readFileSync("page.html", "utf8"))!;
    expect(decodeSettings(settings).input).toEqual(oneHot(1, 2));
  });

  it.each([
    ["run --out a.png --goal cat", 'has no goal "cat"; its goals are 1 🦎 lizard, 2 🦋 butterfly'],
    ["run --out a.png --goal 2@900", "--goal 2@900 comes after the last step, 200"],
    ["run --out a.png --input 1,2,3", "--input has 3 numbers; the automaton expects 2"],
    ["evaluate", "grows several pictures; say by --goal which: 1 🦎 lizard, 2 🦋 butterfly"],
    ["evaluate --goal 3", 'has no goal "3"; its goals are'],
    ["inspect --out none", "grows several pictures; say by --goal which: 1 🦎 lizard, 2 🦋 butterfly"],
    ["evolve --start", "needs an input; --start takes a model of one picture"],
  ])("%s is refused", async (words, sentence) => {
    const [command, ...options] = words.split(" ");
    const { code, stdout, stderr } = await call(
      command === "evolve" ? [command, ...options, RUN] : [command, RUN, ...options],
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/^neoblast: .*\n$/);
    expect(readdirSync(place)).not.toContain("none");
  });
});

describe("looking at one goal", () => {
  it("evaluate measures against that goal's picture", async () => {
    const words = "--angles 0 --steps 20 --runs 1 --json --out e.png".split(" ");
    const reports: { target: string; error: number }[] = [];
    for (const goal of [
      ["--goal", "🦎"],
      ["--goal", "2"],
      ["🦋", "--goal", "2"],
      ["🦎", "--goal", "2"],
    ]) {
      const { stdout } = await call(["evaluate", RUN, ...goal, ...words]);
      const { target, angles } = JSON.parse(stdout);
      reports.push({ target, error: angles[0].growth.errors[0].mean });
    }
    const [lizard, butterfly, named, other] = reports;
    expect(lizard.target).toBe("🦎 lizard (Noto Emoji)");
    expect(butterfly).toEqual(named);
    expect(butterfly.target).toBe("🦋 butterfly (Noto Emoji)");
    expect(new Set(reports.map(({ error }) => error)).size).toBe(3);
    expect(other.target).toBe(lizard.target);
  });

  it("inspect runs the automaton with its input", async () => {
    const words = "--steps 20 --seed 3 --at 8,8 --out inside".split(" ");
    expect((await call(["inspect", RUN, "--goal", "butterfly", ...words])).code).toBeUndefined();
    const traces = decodeNpy(readFileSync("inside/traces.npy"));
    const wanted = npy("second.npy").subarray((8 * 16 + 8) * 32, (8 * 16 + 9) * 32);
    // The input has become part of the bias, so that sums round in another order.
    const last = traces.data.subarray(20 * 32, 21 * 32);
    wanted.forEach((value, i) => expect(last[i]).toBeCloseTo(value, 3));
    expect(readFileSync("inside/report.html", "utf8")).toContain("🦋 butterfly (Noto Emoji)");
  });

  it("export and import keep the goals", async () => {
    await call(["export", RUN, "--out", "plain.safetensors"]);
    await call(["import", "plain.safetensors", "--from", "torch", "--out", "imported.safetensors"]);
    const [before, after] = await Promise.all([loadModel(RUN), loadModel("imported.safetensors")]);
    expect(after.parameters).toEqual(before.parameters);
    expect(after.provenance.goals).toEqual(before.provenance.goals);
  });
});
