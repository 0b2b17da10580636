/** `neoblast digits` from Enter to the page, and its resuming. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handwritingSets } from "../src/data/handwriting.ts";
import { asDrawer, latentOf, latentStatistics } from "../src/analysis/latents.ts";
import { decodeModel } from "../src/model/model.ts";
import { encoderTable } from "../src/nets/encoder.ts";
import { tableSize } from "../src/rule/parameters.ts";
import { call, metricsOf, modelBytes, neoblast, signalAt, train } from "./commandLine.ts";

/** Ten steps on 8 x 8 cells. */
const TINY = [
  ..."--size 8 --latent 3 --steps 10 --batch 3 --pool 8 --rollout 6..8".split(" "),
  ..."--set encoder.features=[4] --set rule.hidden=[8] --set training.pool.switched=1".split(" "),
];

const home = process.cwd();
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-digits-"));
  process.chdir(place);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const modelOf = (folder: string) => asDrawer(decodeModel(modelBytes(place, folder)));

describe("a run of neoblast digits", () => {
  beforeAll(async () => {
    const { code, stderr, stdout } = await neoblast(["digits", ...TINY, "--out", "run"], place);
    expect(stderr).toContain(
      "Learning to draw handwriting: 60,000 grey pictures of 8 x 8, 10,000 held out in run",
    );
    expect([code, stdout]).toEqual([0, "run\n"]);
  }, 60_000);

  it("leaves a model with its encoder, and how its latent vectors are distributed", () => {
    const model = modelOf("run");
    const { settings, parameters } = model.encoder;
    expect(settings).toEqual({ grid: [8, 8], channels: 1, features: [4], latent: 3 });
    expect(parameters).toHaveLength(tableSize(encoderTable(settings)));
    expect(model.provenance.steps).toBe(10);
    const { train: known } = handwritingSets(8);
    const latents = Array.from({ length: 500 }, (_, i) => latentOf(model, known.picture(i)));
    expect(model.provenance.latent).toEqual(latentStatistics(latents));
  });

  it("leaves pictures and a page", async () => {
    const names = ["sheet.png", "interpolation.png", "growth.webp", "growth.gif", "loss.svg", "player.html"];
    for (const name of names) expect(existsSync(join(place, "run", name)), name).toBe(true);
    // Sixteen pictures in rows of four, a frame every other step up to 128.
    const film = await sharp(join(place, "run/growth.gif"), { animated: true }).metadata();
    expect(film.width).toBe(film.pageHeight);
    expect(film.delay!.reduce((sum, delay) => sum + delay, 0)).toBe(64 * 40 + 1500);
    const { width, height } = await sharp(join(place, "run/interpolation.png")).metadata();
    expect(width).toBeGreaterThan(5 * height);
  });

  it("is the same after SIGKILL and --resume, on other threads", async () => {
    const words = ["digits", ...TINY, "--checkpoint-every", "0", "--threads", "1", "--out", "killed"];
    const killed = await signalAt(
      words,
      place,
      "SIGKILL",
      ({ event, step }) => event === "step" && step === 4,
    );
    expect(killed.signal).toBe("SIGKILL");
    await train(["digits", "--resume", "killed", "--threads", "2"], place);
    expect(modelBytes(place, "killed").equals(modelBytes(place, "run"))).toBe(true);
    expect(metricsOf(place, "killed")).toEqual(metricsOf(place, "run"));
  }, 60_000);

  it("with a beta, latent vectors are spread and held together", async () => {
    const words = ["digits", ...TINY, "--steps", "3", "--beta", "1", "--out", "beta"];
    await train(words, place);
    const { encoder } = JSON.parse(readFileSync(join(place, "beta/config.json"), "utf8"));
    expect(encoder).toMatchObject({ beta: 1, noise: 1 });
    for (const { objective, loss } of metricsOf(place, "beta"))
      expect(objective).toBeGreaterThan(Number(loss));
  }, 60_000);
});

/** A bright corner on black. */
const dot = (size: number, channels: 3 | 4, colour: number[]) =>
  sharp({ create: { width: size, height: size, channels, background: "black" } })
    .composite([
      {
        input: {
          create: {
            width: 4,
            height: 4,
            channels: 3,
            background: { r: colour[0], g: colour[1], b: colour[2] },
          },
        },
      },
    ])
    .png();

describe("pictures of one's own", () => {
  beforeAll(async () => {
    for (const folder of ["grey", "red", "empty", "broken"]) mkdirSync(join(place, folder));
    for (let i = 0; i < 7; i++) {
      await dot(8 + 4 * i, 3, [255 - i, 255 - i, 255 - i]).toFile(join(place, "grey", `${i}.png`));
      await dot(12, 4, [255, 30 * i, 0]).toFile(join(place, "red", `${i}.png`));
    }
    writeFileSync(join(place, "broken", "train-images-idx3-ubyte"), Buffer.from([0, 0, 8, 3, 0, 0, 0, 2]));
  });

  it.each([
    ["grey", [], 1],
    ["red", ["--colour"], 4],
  ])(
    "%s ones",
    async (folder, flags, channels) => {
      const words = ["digits", "--data", folder, ...flags, ...TINY, "--steps", "2", "--out", `${folder}-run`];
      const { code, stderr } = await call(words);
      expect([code, stderr.includes("internal")]).toEqual([undefined, false]);
      const { encoder, readout } = modelOf(`${folder}-run`);
      expect([encoder.settings.channels, readout.channels]).toEqual([channels, channels]);
    },
    60_000,
  );

  it.each([
    ["digits --data red", 1, /\/red has pictures in colour or with transparent parts; add --colour\n$/],
    ["digits --data grey --colour", 1, /the pictures of .*\/grey are all grey; leave out --colour\n$/],
    ["digits --data empty", 1, /^neoblast: .*\/empty holds no pictures/],
    ["digits --data broken", 1, /train-images-idx3-ubyte/],
    [
      "digits --data nowhere",
      1,
      /^neoblast: cannot read .*\/nowhere: it does not exist; --download fetches MNIST into it\n$/,
    ],
    ["digits --size 64", 2, /^neoblast: encoder is too large for these pictures/],
    ["digits --download", 2, "--download needs a folder to fetch into; name it, such as --data mnist"],
    ["digits --latent 0", 2, "--latent is 0; it must be a whole number from 1 to 1024"],
    [
      "digits --set rule.inputSize=0",
      2,
      "rule.inputSize must be above 0: it is the length of the latent vector",
    ],
    ["digits seven.png", 2, /too many arguments/],
    ["grow --resume run", 2, /run is a run of neoblast digits/],
  ])("%s", async (words, code, sentence) => {
    const outcome = await call(words.split(" "));
    if (typeof sentence === "string") expect(outcome.stderr).toBe(`neoblast: ${sentence}\n`);
    else expect(outcome.stderr).toMatch(sentence);
    expect(outcome.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(outcome.code).toBe(code);
  });

  it("other pictures, or a folder that moved, stop a resumed run in one sentence", async () => {
    mkdirSync(join(place, "moving"));
    for (let i = 0; i < 7; i++)
      copyFileSync(join(place, "grey", `${i}.png`), join(place, "moving", `${i}.png`));
    const words = ["digits", "--data", "moving", ...TINY, "--checkpoint-every", "0", "--out", "stopped"];
    await signalAt(words, place, "SIGKILL", ({ event, step }) => event === "step" && step === 1);
    copyFileSync(join(place, "grey", "3.png"), join(place, "moving", "1.png"));
    const changed = await call(["digits", "--resume", "stopped"]);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(
      /^neoblast: the pictures of .*\/moving are not those that the run in stopped began with\n$/,
    );
    rmSync(join(place, "moving"), { recursive: true });
    const moved = await call(["digits", "--resume", "stopped"]);
    expect(moved.code).toBe(1);
    expect(moved.stderr).toMatch(/^neoblast: cannot read .*\/moving: it does not exist\n$/);
  }, 60_000);
});
