/** `neoblast reconstruct`, `interpolate` and `sample`. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handwritingSets } from "../src/data/handwriting.ts";
import { isLabelled } from "../src/data/pictureSet.ts";
import { drawing, randomParameters } from "../src/conformance/scenario.ts";
import {
  asDrawer,
  type Drawer,
  drawingErrors,
  drawInputs,
  latentOf,
  nearestMeanAccuracy,
  sampleLatents,
} from "../src/analysis/latents.ts";
import { decodeModel, encodeModel, type Model } from "../src/model/model.ts";
import { type EncoderSettings, initialEncoder } from "../src/nets/encoder.ts";
import { createEngine } from "../src/node/engine.ts";
import { stateRaster } from "../src/render/rgba.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { call } from "./commandLine.ts";

const SIDE = 12;
const settings: EncoderSettings = { grid: [SIDE, SIDE], channels: 1, features: [4], latent: 3 };
const conventions = splitRule({
  ...picturePresets.cax,
  channels: 6,
  hidden: [8],
  inputSize: 3,
  alive: { mask: "both", channel: 5, threshold: 0.1 },
  image: { offset: 5, channels: 1, premultiplied: false },
  seed: { from: 5, to: 6 },
});
const { rule } = conventions;
const latent = { mean: [0.5, 0, -1], deviation: [1, 2, 0.1] };

const home = process.cwd();
let place: string;
let model: Drawer;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-drawing-"));
  process.chdir(place);
  const plain: Model = {
    ...conventions,
    parameters: randomParameters(rule, drawing(3), 1),
    provenance: { grid: [SIDE, SIDE], latent },
  };
  const encoder = { settings, parameters: initialEncoder(settings, 4) };
  mkdirSync("run");
  writeFileSync("run/model.safetensors", encodeModel({ ...plain, encoder }));
  writeFileSync("plain.safetensors", encodeModel(plain));
  const { latent: _, ...bare } = plain.provenance;
  writeFileSync("bare.safetensors", encodeModel({ ...plain, provenance: bare, encoder }));
  model = asDrawer(decodeModel(readFileSync("run/model.safetensors")));
  const save = (name: string, index: number) =>
    sharp(Buffer.from(digit(index).map((value) => 255 * value)), {
      raw: { width: SIDE, height: SIDE, channels: 1 },
    })
      .png()
      .toFile(name);
  await save("a.png", 0);
  await save("b.png", 1);
  writeFileSync("text.txt", "no picture");
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const digit = (index: number) => handwritingSets(SIDE).test.picture(index);

/** What the same calls of the library come to. */
async function drawn(inputs: readonly Float32Array[], stops: readonly number[], seed = 0) {
  const engine = await createEngine({ threads: 1 });
  const states = new Map<number, Float32Array[]>();
  for await (const stop of drawInputs({ engine, model, inputs, stops, seed }))
    states.set(stop.step, stop.states);
  await engine.dispose();
  return states;
}

async function pixels(file: string) {
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The part of a table of pictures, without gaps, that shows one of them. */
async function tile(file: string, row: number, column: number, side: number): Promise<Buffer> {
  return sharp(file)
    .extract({ left: column * side, top: row * side, width: side, height: side })
    .ensureAlpha()
    .raw()
    .toBuffer();
}

describe("reconstruct", () => {
  it("measures held-out pictures, and how the latent space keeps their kinds apart", async () => {
    const { code, stdout, stderr } = await call(
      "reconstruct run --count 5 --steps 9,4 --json --out r.png".split(" "),
    );
    expect(code).toBeUndefined();
    const report = JSON.parse(stdout);
    const { train, test } = handwritingSets(SIDE);
    const pictures = [0, 1, 2, 3, 4].map(digit);
    const states = await drawn(
      pictures.map((picture) => latentOf(model, picture)),
      [4, 9],
    );
    const errors = [4, 9].map((step) => drawingErrors(model, states.get(step)!, pictures));
    expect(report.errors).toEqual(
      [4, 9].map((step, i) => ({
        step,
        mean: errors[i].reduce((sum, value) => sum + value, 0) / 5,
        worst: Math.max(...errors[i]),
      })),
    );
    if (!isLabelled(train) || !isLabelled(test)) throw new Error("handwriting has labels");
    expect(report.accuracy).toBe(nearestMeanAccuracy(model, train, test));
    expect(stderr).toBe("r.png\n");
    const { width, height } = await pixels("r.png");
    expect([width, height].map((length) => length > 5 * 3 * SIDE)).toEqual([true, true]);
  });

  it("draws pictures that are named, also as a film", async () => {
    const { code, stdout } = await call(
      "reconstruct run a.png b.png --steps 6 --json --out r.gif --scale 2".split(" "),
    );
    expect(code).toBeUndefined();
    const report = JSON.parse(stdout);
    expect(report.latents.map(({ image }: { image: string }) => image)).toEqual(["a.png", "b.png"]);
    expect(report.latents[1].latent).toEqual([...latentOf(model, digit(1))]);
    expect(report.accuracy).toBeUndefined();
    // Two pictures side by side at steps 0, 2, 4, 6.
    const film = await sharp("r.gif", { animated: true }).metadata();
    expect([film.width, film.pageHeight, film.pages]).toEqual([2 * 2 * SIDE, 2 * SIDE, 4]);
  });
});

describe("interpolate", () => {
  it("draws a table between four corners, the first of which is the first picture", async () => {
    const words =
      "interpolate run --between a.png,b.png,b.png,a.png --grid 3x4 --grow 10 --scale 1 --out t.png";
    const { code, stderr } = await call(words.split(" "));
    expect([code, stderr]).toEqual([undefined, ""]);
    expect(await pixels("t.png")).toMatchObject({ width: 4 * SIDE, height: 3 * SIDE });
    const corner = (await drawn([latentOf(model, digit(0))], [10])).get(10)![0];
    const expected = stateRaster(corner, conventions, [SIDE, SIDE]).data;
    expect([...(await tile("t.png", 0, 0, SIDE))]).toEqual([...expected]);
  });

  it("draws a row between held-out pictures, and a walk there and back", async () => {
    const { code, stdout } = await call(
      "interpolate run --steps 4 --grow 8 --out i.png --out w.gif --scale 1".split(" "),
    );
    expect([code, stdout]).toEqual([undefined, "i.png\nw.gif\n"]);
    const film = await sharp("w.gif", { animated: true }).metadata();
    // 8 steps of growth, 32 of rest, 96 there, 32 of rest and 96 back; every other one.
    const frames = (8 + 32 + 96 + 32 + 96) / 2;
    expect(film.width).toBe(2 * SIDE);
    // Frames alike become one that stays longer; the last stays for a second and a half.
    expect(film.delay!.reduce((sum, delay) => sum + delay, 0)).toBe(40 * (frames - 1) + 1500);
  });
});

describe("sample", () => {
  it.each([
    ["fitted", latent],
    ["normal", {}],
  ])("draws latent vectors from the %s prior", async (prior, statistics) => {
    const words = `sample run --grid 2x3 --grow 12 --seed 5 --scale 1 --prior ${prior} --out s.png`;
    expect((await call(words.split(" "))).code).toBeUndefined();
    const inputs = sampleLatents(6, 3, { seed: 5, ...statistics });
    const states = (await drawn(inputs, [12], 5)).get(12)!;
    expect(await pixels("s.png")).toMatchObject({ width: 3 * SIDE, height: 2 * SIDE });
    for (const [i, state] of states.entries()) {
      const picture = await tile("s.png", Math.floor(i / 3), i % 3, SIDE);
      expect([...picture], `picture ${i}`).toEqual([...stateRaster(state, conventions, [SIDE, SIDE]).data]);
    }
  });

  it("writes samples.png by default", async () => {
    expect((await call("sample run --grid 1x1 --grow 1".split(" "))).stdout).toBe("samples.png\n");
    expect(existsSync("samples.png")).toBe(true);
  });
});

describe("wrong calls", () => {
  it.each([
    [
      "sample plain.safetensors",
      1,
      "plain.safetensors: this model has no encoder, so pictures mean nothing to it; train one with neoblast digits",
    ],
    [
      "sample bare.safetensors",
      1,
      "bare.safetensors does not say how its latent vectors are distributed; use --prior normal",
    ],
    ["sample run --grid 8", 2, "--grid is 8; it must be ROWSxCOLUMNS, such as 8x8, each from 1 to 32"],
    ["sample run --out s.txt", 2, '--out is "s.txt"; its name must end in one of .png, .gif, .webp, .mp4'],
    [
      "sample run --out nowhere/s.png",
      1,
      "cannot write nowhere/s.png: its folder does not exist; make it first: mkdir -p nowhere",
    ],
    ["interpolate run --between a.png", 2, "--between names 1 pictures; 2 are needed"],
    [
      "interpolate run --between a.png,b.png --grid 2x2",
      2,
      "--between names 2 pictures; 4 are needed with --grid",
    ],
    [
      "interpolate run --between a.png,b.png --data .",
      2,
      "--data names other pictures than --between; leave one of them out",
    ],
    [
      "reconstruct run a.png --data .",
      2,
      "--data names other pictures than those given; leave one of them out",
    ],
    [
      "reconstruct run text.txt",
      1,
      "text.txt: not a picture that can be read: PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO",
    ],
    ["reconstruct run nothing.png", 1, "cannot read nothing.png: it does not exist"],
    ["reconstruct run --data nowhere", 1, "cannot read nowhere: it does not exist"],
  ])("%s", async (words, code, sentence) => {
    const outcome = await call(words.split(" "));
    expect(outcome.stderr).toBe(`neoblast: ${sentence}\n`);
    expect(outcome.code).toBe(code);
  });
});
