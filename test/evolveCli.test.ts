/** `neoblast evolve` from the command line; what it shares with `grow` is tested there. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { evolutionConfigSchema } from "../src/experiments/evolution/evolution.ts";
import { decodeCheckpoint } from "../src/train/checkpoint.ts";
import { encodeModel } from "../src/model/model.ts";
import { decodeNpy } from "../src/formats/npy.ts";
import { loadModel } from "../src/node/models.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import type { GivenCoordinates } from "../src/model/start.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { VERSION } from "../src/version.ts";
import {
  call,
  metricsOf,
  modelBytes,
  neoblast,
  type Outcome,
  RUN_FILES,
  signalAt,
  train,
} from "./commandLine.ts";

/** A butterfly on 10 x 10 cells, three generations of eight. */
const TINY = "--size 6 --padding 2 --population 8 --generations 3 --rollout 8".split(" ");
const EVOLVE = ["evolve", "🦋", ...TINY];
const RULE = { ...picturePresets.distill, hidden: [8] };

const home = process.cwd();
let place: string;
let evolved: Outcome;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-evolve-"));
  process.chdir(place);
  evolved = await neoblast(EVOLVE, place);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const run = () => join(place, "runs", "butterfly-1");
const configOf = (folder: string) => JSON.parse(readFileSync(join(place, folder, "config.json"), "utf8"));

/** The parameters that a run's checkpoint holds. */
function parametersIn(folder: string): Float32Array {
  const { tensors } = decodeCheckpoint(readFileSync(join(place, folder, "checkpoint", "state.safetensors")));
  return Float32Array.from(tensors["search.mean"].data, Number);
}

function targetIn(folder: string) {
  return decodeNpy(readFileSync(join(place, folder, "checkpoint", "target.npy")));
}

function modelFile(provenance: object, coordinates?: GivenCoordinates): Uint8Array {
  const parameters = initialParameters(RULE, 7);
  const conventions = splitRule(RULE, [[0, 0]], coordinates);
  return encodeModel({ ...conventions, parameters, provenance: { grid: [10, 10], ...provenance } });
}

describe("evolve", () => {
  it("says where it went and what became of it, by generations", () => {
    expect(evolved).toMatchObject({ code: 0, stdout: "runs/butterfly-1\n" });
    for (const line of [
      /^Evolving 🦋 butterfly \(Noto Emoji\) in runs\/butterfly-1\n10 x 10 cells, open-es, population 8, 3 generations, seed 0; /,
      /^generation 1\/3 {2}loss \d\S+ {2}best \d/m,
      /^generation 3\/3 {2}loss \d\S+ {2}best \S+ {2}\S+ generations\/s/m,
      /^Trained 3 generations to loss \d/m,
    ]) {
      expect(evolved.stderr).toMatch(line);
    }
  });

  it("leaves a complete folder", async () => {
    expect(readdirSync(run()).toSorted()).toEqual(RUN_FILES);
    const { version, experiment, engine, picture, ...config } = configOf("runs/butterfly-1");
    expect({ version, experiment }).toEqual({ version: VERSION, experiment: "evolve" });
    expect(picture).toEqual({ name: "butterfly", description: "🦋 butterfly (Noto Emoji)" });
    expect(evolutionConfigSchema.parse(config)).toEqual(config);
    expect(config.training).toMatchObject({ generations: 3, population: 8, rollout: 8 });

    const metrics = metricsOf(run());
    expect(metrics.map(({ step }) => step)).toEqual([0, 1, 2]);
    for (const { loss, best, failed } of metrics) {
      expect(failed).toBe(0);
      expect(Number(best)).toBeGreaterThan(0);
      expect(Number(best)).toBeLessThan(Number(loss));
    }
    const { provenance, ...model } = await loadModel(run());
    expect(model).toMatchObject(splitRule(config.rule, config.target.seeds));
    expect(provenance).toMatchObject({ grid: [10, 10], steps: 3, seed: 0, build: engine.build });
    const svg = readFileSync(join(run(), "loss.svg"), "utf8");
    for (const word of [">generation<", ">median ", ">best "]) expect(svg).toContain(word);
  });

  it.each([
    ["one thread", ["--threads", "1"]],
    ["two threads", ["--threads", "2"]],
    ["four threads", ["--threads", "4"]],
  ])("makes the same model with %s", async (_name, more) => {
    await train([...EVOLVE, ...more, "--out", more.join("")], place);
    expect(modelBytes(place, more.join(""))).toEqual(modelBytes(run()));
  });

  it("makes the same model from another run's config.json", async () => {
    await train(["evolve", "--config", join(run(), "config.json"), "--out", "again"], place);
    expect(modelBytes(place, "again")).toEqual(modelBytes(run()));
  });

  it.each([
    [1, ["--checkpoint-every", "0"]],
    [1, []],
  ])("killed after generation %i %j, it goes on as if nothing had happened", async (moment, more) => {
    const folder = `killed-${moment}${more.join("")}`;
    const { signal } = await signalAt(
      [...EVOLVE, ...more, "--out", folder],
      place,
      "SIGKILL",
      ({ event, step }) => event === "step" && step === moment,
    );
    expect(signal).toBe("SIGKILL");
    await train(["evolve", "--resume", folder, "--threads", "1"], place);
    expect(modelBytes(place, folder)).toEqual(modelBytes(run()));
    expect(metricsOf(place, folder)).toEqual(metricsOf(run()));
  });

  it("takes up every option", async () => {
    const words =
      "--strategy snes --sigma 0.03 --learning-rate 0.5 --fitness last:3 --objective wrong-pixels --seed 4";
    await train([...EVOLVE, ...words.split(" "), "--out", "options"], place);
    expect(configOf("options")).toMatchObject({
      seed: 4,
      training: {
        strategy: { kind: "snes", sigma: 0.03, learningRate: 0.5 },
        fitness: "last:3",
        objective: { kind: "wrong-pixels" },
      },
    });
    await train([...EVOLVE, "--sigma", "0.04", "--out", "sigma"], place);
    expect(configOf("sigma").training.strategy).toMatchObject({ kind: "open-es", sigma: 0.04 });
  });
});

describe("evolve --start", () => {
  beforeAll(() => {
    const picture = { source: "🦋", size: 6, padding: 2 };
    writeFileSync("begun.safetensors", modelFile({ picture, target: "a butterfly" }));
    writeFileSync("silent.safetensors", modelFile({}));
    const box = { top: -3, left: -3, height: 6, width: 6 };
    writeFileSync("told.safetensors", modelFile({ picture }, { channels: [4, 5], box, unit: 1 }));
    writeFileSync("gone.safetensors", modelFile({ picture: { ...picture, source: "gone.png" } }));
  });
  const few = "--population 8 --rollout 8 --generations".split(" ");

  it("takes a model's parameters, rule and picture, which resuming needs no more", async () => {
    const start = ["evolve", "--start", "begun.safetensors", ...few, "3", "--checkpoint-every", "0"];
    await train([...start, "--out", "started"], place);
    const { rule, target, ...rest } = configOf("started");
    expect(rule).toEqual(RULE);
    expect(target).toEqual({ source: "🦋", size: 6, padding: 2, seeds: [[0, 0]] });
    expect(rest.start).toBe("begun.safetensors");
    // What is grown is not to be unlearned.
    const strategy = { kind: "open-es", sigma: 3e-4, learningRate: 1e-4 };
    expect(rest.training).toMatchObject({ rollout: 8, fitness: "last:16", strategy });

    await signalAt([...start, "--out", "stopped"], place, "SIGKILL", ({ event }) => event === "config");
    expect(parametersIn("stopped")).toEqual(initialParameters(RULE, 7));
    cpSync("begun.safetensors", "kept.safetensors");
    rmSync("begun.safetensors");
    await train(["evolve", "--resume", "stopped"], place);
    expect(modelBytes(place, "stopped")).toEqual(modelBytes(place, "started"));

    const { stderr } = await call(["evolve", "--config", "stopped/config.json"]);
    expect(stderr).toBe(
      "neoblast: cannot read begun.safetensors: it does not exist; npx neoblast ls lists the runs\n",
    );
    cpSync("kept.safetensors", "begun.safetensors");
    await train(["evolve", "--config", "stopped/config.json", "--out", "repeated"], place);
    expect(modelBytes(place, "repeated")).toEqual(modelBytes(place, "started"));
  });

  it("takes a run folder, with the target as it lies there", async () => {
    cpSync("started", "moved-5", { recursive: true });
    cpSync("gone.safetensors", "moved-5/model.safetensors");
    await train(["evolve", "--start", "moved-5", ...few, "1"], place);
    expect(targetIn("runs/moved-1")).toEqual(targetIn("started"));
  });

  it.each([
    ["--start none", 1, "cannot read none: it does not exist"],
    [
      "--start gone.safetensors",
      2,
      "gone.safetensors draws gone.png, and no file is opened because a model names it; name the picture, too",
    ],
    ["gone.png --start gone.safetensors", 1, "cannot read gone.png: it does not exist"],
    ["--start gone.safetensors --set target.source=there.png", 1, "cannot read there.png: it does not exist"],
    [
      "--start silent.safetensors",
      2,
      "silent.safetensors does not say what it draws; name an emoji or a picture, too",
    ],
    [
      "--start told.safetensors",
      2,
      "told.safetensors starts from more than seeds: from coordinates that its cells are given, which evolve knows nothing of",
    ],
    [
      "--start begun.safetensors --set rule.hidden=[9]",
      2,
      "--start takes the parameters of begun.safetensors, so rule.hidden cannot change; leave that out",
    ],
    [
      "--start silent.safetensors --resume started",
      2,
      "option '--resume <folder>' cannot be used with option '--start <model>'",
    ],
  ])("%s is refused", (words, code, sentence) =>
    expectRefused(["evolve", ...words.split(" ")], code, sentence),
  );
});

describe("each run goes on by the command that began it", () => {
  beforeAll(async () => {
    const tiny = "--size 6 --padding 2 --steps 2 --batch 2 --pool 4 --rollout 4".split(" ");
    await train(["grow", "🦋", ...tiny, "--out", "grown"], place);
    cpSync("grown", "older", { recursive: true });
    const { experiment, ...older } = configOf("grown");
    expect(experiment).toBe("grow");
    writeFileSync("older/config.json", JSON.stringify(older));
  });

  it.each([
    ["grow", "runs/butterfly-1", "evolve"],
    ["evolve", "grown", "grow"],
    ["evolve", "older", "grow"],
  ])("not %s --resume %s", async (command, folder, right) => {
    const { code, stdout, stderr } = await call([command, "--resume", folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(
        `^neoblast: ${folder} is a run of neoblast ${right}; go on with it by .* ${right} --resume ${folder}\n$`,
      ),
    );
  });

  it.each([
    ["grow", "runs/butterfly-1", "evolve"],
    ["evolve", "grown", "grow"],
    ["evolve", "older", "grow"],
  ])("not %s --config %s/config.json", (command, folder, right) =>
    expectRefused(
      [command, "--config", `${folder}/config.json`],
      2,
      `${folder}/config.json is for neoblast ${right}, which has other settings than ${command}`,
    ),
  );

  it("an older one of grow, too, which does not say what it is", async () => {
    await train(["grow", "--resume", "older"], place);
    expect(modelBytes(place, "older")).toEqual(modelBytes(place, "grown"));
  });
});

describe("a wrong call", () => {
  beforeAll(() => writeFileSync("starts.json", '{ "start": "model.safetensors" }'));

  it.each([
    ["--population 0", 2, "--population is 0; it must be a whole number from 1 to 65536"],
    ["--population 65537", 2, "--population is 65537; it must be a whole number from 1 to 65536"],
    ["--generations 1.5", 2, "--generations is 1.5; it must be a whole number from 1 to 1000000"],
    ["--rollout 8..9", 2, '--rollout is "8..9"; it must be a whole number from 1 to 100000'],
    ["--sigma 0", 2, "--sigma is 0; it must be a number above 0, at most 100"],
    ["--learning-rate -1", 2, "--learning-rate is -1; it must be a number above 0, at most 100"],
    ["--strategy cma", 2, '--strategy is "cma"; it must be open-es, pgpe or snes'],
    ["--preset large", 2, '--preset is "large"; it must be small, cax-es or cax-es-2026'],
    ["--objective beauty", 2, '--objective is "beauty"; it must be error, wrong-pixels, recovery or cells'],
    [
      "--fitness last:0",
      2,
      '--fitness is "last:0"; it must be all-steps, final, or last:N with N from 1 to 99999',
    ],
    ["--set preset=small", 2, "--set preset=small would change the name of the preset only; use --preset"],
    [
      "--set training.fitness=never",
      2,
      "training.fitness must be all-steps, final, or last:N with N from 1 to 99999",
    ],
    ["--set constructor=1", 2, "constructor is not a known field"],
    ["--set training.batch=8", 2, "training.batch is not a known field"],
    ["--config starts.json", 2, "starts.json: start is not a known field"],
    ["--recipe persistent", 2, "unknown option '--recipe'"],
  ])("%s", (words, code, sentence) => expectRefused(["evolve", ...words.split(" ")], code, sentence));

  it.each([
    ["--population 9", "training.population"],
    ["--preset cax-es", "preset"],
    ["--objective cells", "training.objective.kind"],
  ])("%s on resuming", (words, name) =>
    expectRefused(
      ["evolve", "--resume", "runs/butterfly-1", ...words.split(" ")],
      2,
      `--resume goes on with the settings that runs/butterfly-1 began with, so ${name} cannot change`,
    ),
  );
});

let before: string[];
const listing = () => readdirSync(place, { recursive: true, encoding: "utf8" });
beforeEach(() => void (before = listing()));

/** One sentence, the exit status, and nothing left behind. */
async function expectRefused(args: string[], code: number, sentence: string): Promise<void> {
  const outcome = await call(args);
  expect(outcome).toMatchObject({ code, stdout: "" });
  expect(outcome.stderr).toContain(`neoblast: ${sentence}`);
  expect(outcome.stderr).toMatch(/^.*\n$/);
  expect(listing()).toEqual(before);
}
