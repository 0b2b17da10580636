/** Bad input: one clear sentence, the right exit status, and nothing left behind. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeNpy } from "../src/formats/npy.ts";
import { decodeSafetensors, encodeSafetensors } from "../src/formats/safetensors.ts";
import { encodeModel } from "../src/model/model.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { type PictureRule, splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { BIN, call, neoblast, TINY } from "./commandLine.ts";

const home = process.cwd();
let place: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-faults-"));
  process.chdir(place);
  await solid(1, 1, 1).png().toFile("dot.png");
  await solid(20, 20, 0).png().toFile("clear.png");
  await solid(20, 20, 1).png().toFile("even.png");
  await solid(640, 20, 1).png().toFile("strip.png");
  writeFileSync("huge.png", blackPng(20_000));
  writeFileSync("text.png", "not a picture");
  writeFileSync("torn.json", "{");
  writeFileSync("list.json", "[]");
  writeFileSync("typo.json", '{ "training": { "stepz": 3 } }');
  writeFileSync("recipe.json", '{ "recipe": "growing" }');
  writeFileSync("rule.json", JSON.stringify({ rule: picturePresets.cax }));
  mkdirSync("full");
  writeFileSync("full/file", "x");

  const model = modelFile({});
  writeFileSync("model.safetensors", model);
  writeFileSync("cut.safetensors", model.subarray(0, 1500));
  writeFileSync("hungry.safetensors", modelFile({ inputSize: 3 }));
  writeFileSync("tapped.safetensors", modelFile({ kernels: [{ taps: [{ offset: [0, 1], weight: 1 }] }] }));
  const { tensors, metadata } = decodeSafetensors(model);
  const altered = (from: string, to: string) =>
    encodeSafetensors({ tensors, metadata: { neoblast: metadata.neoblast.replace(from, to) } });
  writeFileSync("unfit.safetensors", altered('"hidden":[8]', '"hidden":[9]'));
  writeFileSync("vast.safetensors", altered('"grid":[8,8]', '"grid":[16000000,16000000]'));
  writeFileSync("ten.npy", encodeNpy({ shape: [4, 4, 10], data: new Float32Array(160) }));
  const holed = Float32Array.from({ length: 64 }, (_, i) => (i === 7 ? NaN : 0));
  writeFileSync("nan.npy", encodeNpy({ shape: [2, 2, 16], data: holed }));
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

function modelFile(changes: Partial<PictureRule>): Uint8Array {
  const rule = { ...picturePresets.distill, hidden: [8], ...changes };
  return encodeModel({
    ...splitRule(rule),
    parameters: initialParameters(rule, 0),
    provenance: { grid: [8, 8] },
  });
}

/** A picture of one colour. */
function solid(width: number, height: number, alpha: number) {
  const background = { r: 9, g: 9, b: 9, alpha };
  return sharp({ create: { width, height, channels: 4, background } });
}

/** A square PNG of one bit a pixel, small however large its picture. */
function blackPng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))));
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

let before: string[];
const listing = () => readdirSync(place, { recursive: true, encoding: "utf8" }).toSorted();
beforeEach(() => void (before = listing()));

/** A wrong call or a failure: words, exit status, sentence. */
type Case = [words: string, code: 1 | 2, sentence: string];

const grow: Case[] = [
  ["--foo", 2, "unknown option '--foo'; did you mean --pool?"],
  [
    "🦎 🦋",
    2,
    "one automaton grows 2 pictures only with --conditional; add that, or --each for one automaton each",
  ],
  [
    "🦎 --conditional",
    2,
    "--conditional is for an automaton that grows any of several pictures; name two or more",
  ],
  [
    "--conditional",
    2,
    "--conditional is for an automaton that grows any of several pictures; name two or more",
  ],
  ["🦎 🦎 --conditional", 2, "target.source must not name a picture twice"],
  ["🦎 none.png --conditional", 1, "cannot read none.png: it does not exist"],
  ["--size", 2, "option '--size <cells>' argument missing"],
  ["--size 0", 2, "--size is 0; it must be a whole number from 4 to 512"],
  ["--size -3", 2, "--size is -3; it must be a whole number from 4 to 512"],
  ["--size NaN", 2, '--size is "NaN"; it must be a whole number from 4 to 512'],
  ["--size 1e9", 2, "--size is 1e9; it must be a whole number from 4 to 512"],
  ["--size 12x", 2, '--size is "12x"; it must be a whole number from 4 to 512'],
  ["--padding 2.5", 2, "--padding is 2.5; it must be a whole number from 0 to 256"],
  ["--steps 0", 2, "--steps is 0; it must be a whole number from 1 to 1000000"],
  ["--steps -1", 2, "--steps is -1; it must be a whole number from 1 to 1000000"],
  ["--steps 1e999", 2, "--steps is 1e999; it must be a whole number from 1 to 1000000"],
  ["--batch 257", 2, "--batch is 257; it must be a whole number from 1 to 256"],
  ["--pool 0", 2, "--pool is 0; it must be a whole number from 1 to 16384"],
  ["--batch 8 --pool 4", 2, "training.pool.size must be at least the batch size"],
  [
    "--recipe growing --pool 4",
    2,
    "the recipe growing has no pool; leave out --pool, or choose --recipe persistent",
  ],
  ["--seed 4294967296", 2, "--seed is 4294967296; it must be a whole number from 0 to 4294967295"],
  ["--recipe shrinking", 2, '--recipe is "shrinking"; it must be growing, persistent or regenerating'],
  ["--preset distil", 2, '--preset is "distil"; it must be distill, article, cax or tutorial'],
  ["--engine gpu", 2, '--engine is "gpu"; it must be wasm, webgpu, webgpu-f16, reference or auto'],
  ["--kernels fast", 2, '--kernels is "fast"; it must be auto, strict or relaxed'],
  ["--threads 0", 2, "--threads is 0; it must be auto or a whole number from 1 to 256"],
  [
    "--engine reference --threads 2",
    2,
    "the reference engine has neither threads nor kernels to choose from; leave those options out",
  ],
  ["--checkpoint-every -1", 2, "--checkpoint-every is -1; it must be a number from 0 to 86400"],
  ["--set foo", 2, '"foo" is not a setting; write name=value, for example training.batch=8'],
  ["--set training.foo=1", 2, "training.foo is not a known field"],
  ["--set training.learningRate=fast", 2, 'training.learningRate is "fast"; it must be a finite number'],
  ["--set recipe=growing", 2, "--set recipe=growing would change the name of the recipe only; use --recipe"],
  ["--config typo.json", 2, "typo.json: training.stepz is not a known field"],
  ["--config torn.json", 1, "torn.json: not JSON"],
  ["--config list.json", 1, "list.json: not a configuration, which is a JSON object"],
  ["--config none.json", 1, "cannot read none.json: it does not exist"],
  [
    "--config recipe.json --recipe persistent",
    2,
    "the recipe of recipe.json is growing, not persistent; leave --recipe out or choose another file",
  ],
  [
    "--config rule.json --preset distill",
    2,
    "rule.json holds a whole rule, so --preset would change nothing; leave one of them out",
  ],
  ["none.png", 1, "cannot read none.png: it does not exist"],
  ["./full", 1, "./full is a folder, not a file"],
  ["text.png", 1, "text.png: not a picture that can be read: PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO"],
  ["dot.png", 1, "dot.png: the picture has 1 x 1 pixels; each side needs at least 4 to show something"],
  [
    "huge.png",
    1,
    "huge.png: the picture has 20000 x 20000 pixels, and at most 100 million are read; make it smaller first",
  ],
  ["clear.png", 1, "clear.png: the picture is fully transparent, so there is nothing to grow"],
  ["🦎🦎", 1, "neither Noto Emoji nor Twemoji has 🦎🦎; give a picture file instead, such as picture.png"],
  ["--out full", 1, "full already holds files; choose another folder, or resume the run in it"],
  ["--out text.png", 1, "text.png is a file, not a folder"],
  ["--out text.png/run", 1, "text.png is a file, not a folder"],
  ["--resume none", 1, "cannot read none: it does not exist"],
  ["--resume full", 1, "full is not the folder of a run: it has no config.json"],
  ["--resume full --out x", 2, "option '--resume <folder>' cannot be used with option '--out <folder>'"],
];

const texture: Case[] = [
  ["dot.png", 1, "dot.png: the picture has 1 x 1 pixels; each side needs at least 4 to show something"],
  ["even.png", 1, "the picture has one colour throughout, so there is no texture to learn"],
  [
    "strip.png",
    1,
    "the picture has 64 x 2 cells; a texture needs at least 16 on each side, so choose a larger size or cut out a part that is less long",
  ],
  ["bark --set rule.boundary=zero", 2, 'rule.boundary must be "wrap": a texture has no edge'],
];

const run: Case[] = [
  ["", 2, "missing required argument 'model'"],
  ["model.safetensors", 2, "there is nothing to write to; name a file, such as --out grown.webp"],
  [
    "model.safetensors --out a.bmp",
    2,
    '--out is "a.bmp"; its name must end in one of .npy, .png, .gif, .webp, .mp4',
  ],
  ["model.safetensors --out none/a.png", 1, "cannot write none/a.png: its folder does not exist"],
  ["none.safetensors --out a.png", 1, "cannot read none.safetensors: it does not exist"],
  ["full --out a.png", 1, "cannot read full/model.safetensors: it does not exist"],
  [
    "text.png --out a.png",
    1,
    "text.png: not a safetensors file: its header would be 7597608172902445000 bytes long",
  ],
  ["cut.safetensors --out a.png", 1, "cut.safetensors: truncated safetensors file: "],
  [
    "unfit.safetensors --out a.png",
    1,
    "unfit.safetensors: tensor update.0.weight has shape [48, 8]; the model's rule needs [48, 9]",
  ],
  [
    "vast.safetensors --out a.png",
    1,
    "a grid of 16000000 x 16000000 cells is too large for an automaton of 16 channels; choose --size 2896 or less",
  ],
  [
    "hungry.safetensors --out a.png",
    2,
    "this automaton expects an input of 3 numbers; give them by --input, with commas between them",
  ],
  ["hungry.safetensors --out a.png --input 1,2", 2, "--input has 2 numbers; the automaton expects 3"],
  [
    "hungry.safetensors --out a.png --input 1,x,2",
    2,
    '--input is "1,x,2"; it must be a list such as A,B,C, each a number from -1000000 to 1000000',
  ],
  [
    "hungry.safetensors --out a.png --goal 1",
    2,
    "hungry.safetensors names no goals; give its input of 3 numbers by --input",
  ],
  [
    "hungry.safetensors --out a.png --goal 1 --input 1,2,3",
    2,
    "option '--input <numbers>' cannot be used with option '--goal <name[@step]>'",
  ],
  [
    "model.safetensors --out a.png --input 1",
    2,
    "the cells of model.safetensors have no input; leave out --input",
  ],
  [
    "model.safetensors --out a.png --goal 🦎",
    2,
    "model.safetensors grows one picture, so there is no goal to choose; leave out --goal",
  ],
  [
    "tapped.safetensors --out a.png --angle 45",
    2,
    "--angle: a kernel given by taps turns by multiples of 90 degrees only, not by 45",
  ],
  ["model.safetensors --out a.png --steps 0", 2, "--steps is 0; it must be a whole number from 1 to 1000000"],
  ["model.safetensors --out a.png --fire-rate 1.5", 2, "--fire-rate is 1.5; it must be a number from 0 to 1"],
  [
    "model.safetensors --out a.png --damage circle",
    2,
    '--damage is "circle"; it must be KIND@STEP, such as circle@100; the kinds are ',
  ],
  ["model.safetensors --out a.png --damage hole@201", 2, "--damage hole@201 comes after the last step, 200"],
  [
    "model.safetensors --out a.gif --size 1000",
    2,
    "201 frames of 4000 x 4000 pixels are too many; choose a smaller --scale or a larger --every",
  ],
  [
    "model.safetensors --out a.png --state text.png",
    1,
    "text.png: not a .npy file as numpy.save writes it, or a damaged one",
  ],
  [
    "model.safetensors --out a.png --state ten.npy",
    1,
    "ten.npy: the array has shape (4, 4, 10); a state of this model has (H, W, 16) or (T, H, W, 16)",
  ],
  [
    "model.safetensors --out a.png --state nan.npy",
    1,
    "nan.npy: the state holds NaN; its numbers must be finite",
  ],
  [
    "model.safetensors --out a.png --state ten.npy --size 9",
    2,
    "option '--size <cells>' cannot be used with option '--state <file>'",
  ],
];

describe.each([
  ["grow", grow],
  ["texture", texture],
  ["run", run],
])("neoblast %s", (command, cases) => {
  it.each(cases)("%s", async (words, code, sentence) => {
    const outcome = await call([command, ...words.split(" ").filter((word) => word !== "")]);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toContain(`neoblast: ${sentence}`);
    expect(outcome.stderr).toMatch(/^.*\n$/);
    expect(listing()).toEqual(before);
  });
});

it.each(["--size", "--state", "--out"])("refuses an empty name after %s", async (option) => {
  const { code, stderr } = await call(["run", "model.safetensors", "--out", "a.png", option, ""]);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`^neoblast: ${option} is ""; it must be a (path|whole number.*)\n$`));
});

describe("the program", () => {
  it("has the exit status", async () => {
    expect(await neoblast(["grow", "--foo"], place)).toMatchObject({ code: 2, stdout: "" });
    expect(await neoblast(["grow", "none.png"], place)).toMatchObject({
      code: 1,
      stderr: "neoblast: cannot read none.png: it does not exist\n",
    });
    expect(await neoblast(["fly"], place)).toMatchObject({
      code: 2,
      stderr: "neoblast: unknown command 'fly'; neoblast --help lists the commands\n",
    });
    expect((await neoblast([], place)).code).toBe(2);
  });

  it("says where a folder cannot be made", async ({ skip }) => {
    if (!existsSync("/proc/self")) skip("needs /proc, in which nobody can write");
    const { code, stderr } = await neoblast(["grow", "🦋", ...TINY, "--out", "/proc/run"], place);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "neoblast: cannot write /proc/run: its folder does not exist\n",
    });
  });

  it("keeps the last good files when the disk is full, and goes on from them", ({ skip }) => {
    if (process.platform === "win32") skip("needs ulimit");
    // A limit on file sizes, which lets the first checkpoints through. They grow with the states in the pool.
    const limited = (kilobytes: number, name: string) =>
      spawnSync(
        "bash",
        [
          "-c",
          `ulimit -f ${kilobytes}; exec "$@"`,
          "bash",
          process.execPath,
          BIN,
          "grow",
          "🦋",
          ...TINY,
          "--steps",
          "60",
          "--checkpoint-every",
          "0",
          "--out",
          name,
        ],
        { cwd: place, encoding: "utf8" },
      );
    const none = limited(200, "nothing");
    expect(none.status).toBe(1);
    expect(none.stderr).toBe(
      "neoblast: cannot write nothing/checkpoint/state.safetensors: the file would grow too large\n",
    );
    expect(existsSync(join(place, "nothing"))).toBe(false);

    const some = limited(430, "some");
    expect(some.status).toBe(1);
    expect(some.stderr).toMatch(
      /^neoblast: cannot write some\/checkpoint\/state\.safetensors: the file would grow too large; training stopped at step (\d+) and can go on from step \d+ once that is put right: .* grow --resume some\n$/m,
    );
    expect(readdirSync(join(place, "some")).toSorted()).toEqual([
      "checkpoint",
      "config.json",
      "metrics.jsonl",
    ]);
    expect(readdirSync(join(place, "some", "checkpoint")).toSorted()).toEqual([
      "state.safetensors",
      "target.npy",
    ]);
  });

  it("stops with the last good model where the learning rate explodes", async () => {
    const wild = "--set training.learningRate=100 --set training.gradient.normalize=false --steps 100".split(
      " ",
    );
    const { code, stderr } = await neoblast(["grow", "🦋", ...TINY, ...wild, "--out", "wild"], place);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nneoblast: training diverged: 10 steps in a row .*\n$/);
    expect(readdirSync(join(place, "wild")).toSorted()).toEqual([
      "checkpoint",
      "config.json",
      "metrics.jsonl",
      "model.safetensors",
    ]);
    expect(await neoblast(["run", "wild", "--steps", "5", "--out", "wild.png"], place)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(place, "wild.png")).length).toBeGreaterThan(0);
  });
});
