/** Pictures of any shape and of several parts on the command line, and what older versions left of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeNpy } from "../src/formats/npy.ts";
import { encodeModel } from "../src/model/model.ts";
import { loadModel } from "../src/node/models.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { call, modelBytes, neoblast, signalAt, train } from "./commandLine.ts";

const SMALL = [
  ..."--size 12 --padding 4 --steps 4 --batch 2 --pool 4 --rollout 6..8 --kernels strict".split(" "),
  ..."--set rule.hidden=[8]".split(" "),
];
/** Two bars at the ends of 4 rows of 12, and their seeds on 12 x 20 cells. */
const SEEDS = [
  [0, -5],
  [0, 4],
];

let place: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-shapes-"));
  const bars = Buffer.alloc(4 * 12 * 4);
  for (let y = 0; y < 4; y++) {
    for (const x of [0, 1, 10, 11]) bars.set([200, 30, x < 6 ? 0 : 200, 255], (y * 12 + x) * 4);
  }
  await sharp(bars, { raw: { width: 12, height: 4, channels: 4 } })
    .png()
    .toFile(join(place, "bars.png"));
  const square = sharp(bars, { raw: { width: 12, height: 4, channels: 4 } });
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  await square.extend({ top: 4, bottom: 4, background }).png().toFile(join(place, "square.png"));
  await train(["grow", "bars.png", ...SMALL, "--out", "bars"], place);
});
afterAll(() => rmSync(place, { recursive: true }));

const configOf = (folder: string) => JSON.parse(readFileSync(join(place, folder, "config.json"), "utf8"));
const targetOf = (folder: string) =>
  decodeNpy(new Uint8Array(readFileSync(join(place, folder, "checkpoint", "target.npy"))));

describe("grow", () => {
  it("has the grid of its picture and a seed in each part, which folder and model say", async () => {
    const target = { source: "bars.png", size: 12, padding: 4, seeds: SEEDS, coordinates: "picture" };
    expect(configOf("bars").target).toEqual(target);
    expect(targetOf("bars").shape).toEqual([12, 20, 4]);
    const model = await loadModel(join(place, "bars"));
    expect(model.provenance).toMatchObject({
      grid: [12, 20],
      picture: { source: "bars.png", size: 12, padding: 4 },
    });
    expect(model.start).toEqual({ seeds: SEEDS, cell: { from: 3, to: 16 } });
  });

  it("goes on as if it had never stopped, and says its grid", async () => {
    const { stdout, stderr } = await neoblast(["grow", "--resume", "bars", "--json"], place);
    expect(stderr).toBe("");
    const [config] = stdout.split("\n").map((line) => line && JSON.parse(line));
    expect(config).toMatchObject({ event: "config", grid: [12, 20] });
    expect(config.config.target.seeds).toEqual(SEEDS);
  });

  it.each([
    ["the picture of the file", [], SEEDS],
    ["another picture", ["square.png"], SEEDS],
    [
      "another size",
      ["--size", "4"],
      [
        [0, -2],
        [0, 1],
      ],
    ],
    [
      "another size by --set",
      ["--set", "target.size=4"],
      [
        [0, -2],
        [0, 1],
      ],
    ],
    ["another picture, and seeds of its own", ["square.png", "--set", "target.seeds=[[0,0]]"], [[0, 0]]],
  ])("--config, %s", async (name, words, seeds) => {
    const out = name.replaceAll(/\W+/g, "-");
    const config = join("bars", "config.json");
    await train(["grow", ...words, "--config", config, "--set", "training.steps=1", "--out", out], place);
    expect(configOf(out).target.seeds).toEqual(seeds);
  });

  it("refuses seeds outside the grid, and makes no folder", async () => {
    const args = ["grow", "bars.png", ...SMALL, "--set", "target.seeds=[[0,0],[6,0]]", "--out", "none"];
    expect(await neoblast(args, place)).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "neoblast: target.seeds[1] is [6, 0], which lies outside the grid of 12 x 20 cells; seeds are rows down and columns right from its centre cell\n",
    });
    expect(() => configOf("none")).toThrow("ENOENT");
  });
});

describe("what older versions left", () => {
  it("goes on, though its config.json knows no seeds and its grid is square", async () => {
    // As it was before: the picture in the middle of a square grid, and one seed.
    const words = [
      "grow",
      "square.png",
      ...SMALL,
      "--set",
      "target.seeds=[[0,0]]",
      "--checkpoint-every",
      "0",
    ];
    await train([...words, "--out", "whole"], place);
    await signalAt([...words, "--out", "older"], place, "SIGKILL", ({ event, steps }) => {
      return event === "checkpoint" && steps === 2;
    });
    const { target, ...rest } = configOf("older");
    const { seeds: _, ...older } = target;
    const begun = { ...rest, target: { ...older, source: "bars.png" } };
    writeFileSync(join(place, "older", "config.json"), JSON.stringify(begun));
    expect(targetOf("older").shape).toEqual([20, 20, 4]);
    await train(["grow", "--resume", "older"], place);
    const model = await loadModel(join(place, "older"));
    expect(model.start.seeds).toEqual([[0, 0]]);
    expect(model.provenance.grid).toEqual([20, 20]);
    const picture = { ...model.provenance.picture!, source: "square.png" };
    const renamed = { ...model, provenance: { ...model.provenance, picture } };
    expect(Buffer.from(encodeModel(renamed))).toEqual(modelBytes(place, "whole"));
  });

  it("evaluates a model of a banner on its own square grid", async () => {
    const home = process.cwd();
    process.chdir(place);
    try {
      const rule = { ...picturePresets.distill, hidden: [8] };
      const picture = { source: "bars.png", size: 12, padding: 4 };
      const provenance = { grid: [20, 20] as const, picture };
      const model = encodeModel({ ...splitRule(rule), parameters: initialParameters(rule, 0), provenance });
      writeFileSync("banner.safetensors", model);
      const quick = "--runs 1 --steps 0 --angles 0 --json --out banner.png".split(" ");
      const { stdout } = await call(["evaluate", "banner.safetensors", "bars.png", ...quick]);
      const old = JSON.parse(stdout);
      expect(old.grid).toEqual([20, 20]);
      const padded = await call(["evaluate", "banner.safetensors", "square.png", ...quick]);
      expect(old.angles).toEqual(JSON.parse(padded.stdout).angles);
      const other = await call(["evaluate", "banner.safetensors", "bars.png", "--padding", "2", ...quick]);
      expect(JSON.parse(other.stdout).grid).toEqual([8, 16]);
    } finally {
      process.chdir(home);
    }
  });
});
