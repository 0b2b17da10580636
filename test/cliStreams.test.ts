/** Standard input and output: pipes, full disks, terminals' control characters, and files that are read and written. */
import { spawn, spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeModel, encodeModel, type Provenance } from "../src/model/model.ts";
import { decodeNpy } from "../src/formats/npy.ts";
import { decodeSafetensors } from "../src/formats/safetensors.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { BIN, call, TINY, train } from "./commandLine.ts";

const HOSTILE = "a\x1b[31m\u202Eb\u2066\x9b1m\nc";
const FORBIDDEN = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

const home = process.cwd();
let place: string;
beforeAll(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), "neoblast-streams-")));
  process.chdir(place);
  writeFileSync("model.safetensors", modelFile({ grid: [8, 8] }));
  const picture = { source: "🦋", size: 4, padding: 2 };
  writeFileSync("hostile.safetensors", modelFile({ grid: [8, 8], target: HOSTILE, picture }));
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

function modelFile(provenance: Pick<Provenance, "grid"> & Partial<Provenance>): Uint8Array {
  const rule = { ...picturePresets.distill, hidden: [8] };
  return encodeModel({ ...splitRule(rule), parameters: initialParameters(rule, 0), provenance });
}

/** Runs `neoblast` with bytes on standard input. */
function piped(args: readonly string[], input: Uint8Array) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    input,
    maxBuffer: 2 ** 26,
  });
  return { code: status, stdout, stderr: stderr.toString() };
}

/** Whether something of lines would reach a terminal that only its owner should send there. */
const isFit = (text: string) => !FORBIDDEN.test(text.replaceAll("\n", ""));

/** Runs `neoblast` with a full disk for standard output. */
const full = (args: readonly string[]) =>
  spawnSync("sh", ["-c", 'exec "$@" > /dev/full', "sh", process.execPath, BIN, ...args], {
    encoding: "utf8",
  });

describe.skipIf(process.platform !== "linux")("a full disk", () => {
  const sentence = "neoblast: cannot write to standard output: the disk is full\n";

  it.each([
    ["--help"],
    ["--version"],
    ["help run"],
    ["evaluate model.safetensors 🦋 --size 4 --padding 2 --steps 1 --angles 0 --runs 1 --json"],
    ["export model.safetensors --out -"],
  ])("ends %s in a sentence", (words) => {
    const { status, stderr } = full(words.split(" "));
    expect({ status, last: stderr.slice(-sentence.length) }).toEqual({ status: 1, last: sentence });
    expect(stderr).not.toMatch(/Measured|Drew|Stopped/);
  });

  it("stops training, which is kept, and says how to go on", () => {
    const { status, stderr } = full(["grow", "🦋", ...TINY, "--steps", "2000", "--json", "--out", "full"]);
    expect({ status, lines: stderr.split("\n").length }).toEqual({ status: 1, lines: 2 });
    expect(stderr).toMatch(
      /^neoblast: cannot write to standard output: the disk is full; training stopped at step \d+ and can go on from step \d+ once that is put right: .*grow --resume full\n$/,
    );
    expect(readdirSync("full")).toContain("model.safetensors");
  });
});

it("ends quietly where nobody reads", async () => {
  const child = spawn(process.execPath, [BIN, "help", "grow"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += String(text)));
  const code = await new Promise((resolve) => void child.on("close", resolve));
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
});

describe("what others wrote", () => {
  it("does not reach the terminal raw in errors, whatever names it", async () => {
    for (const args of [
      ["grow", `${HOSTILE}.png`],
      ["run", `${HOSTILE}.safetensors`, "--out", "x.png"],
      ["run", "model.safetensors", "--out", `${HOSTILE}.bmp`],
      ["evaluate", "model.safetensors", `${HOSTILE}.png`],
      ["grow", `--${HOSTILE}`],
      ["grow", "--resume", HOSTILE],
      [HOSTILE],
    ]) {
      const { code, stderr } = await call(args);
      expect(code, stderr).toBeGreaterThan(0);
      expect(stderr.split("\n")).toHaveLength(2);
      expect(isFit(stderr), JSON.stringify(stderr)).toBe(true);
    }
  });

  it("does not reach it in reports, and is escaped in JSON", async () => {
    mkdirSync("described", { recursive: true });
    const quick = "--steps 1 --angles 0 --runs 1 --out described/e.png".split(" ");
    const { code, stdout, stderr } = await call(["evaluate", "hostile.safetensors", ...quick]);
    expect({ code, fit: isFit(stdout + stderr) }).toEqual({ code: undefined, fit: true });
    await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).toFile("red.png");
    writeFileSync(`${HOSTILE}.png`, readFileSync("red.png"));
    const small = ["--size", "4", "--padding", "2"];
    const words = ["evaluate", "hostile.safetensors", `${HOSTILE}.png`, ...small, ...quick, "--json"];
    const json = await call(words);
    expect(isFit(json.stdout)).toBe(true);
    expect(JSON.parse(json.stdout).target).toBe(`${HOSTILE}.png`);
  });

  it("does not reach it from the config.json of a run that goes on", async () => {
    await train(["grow", "🦋", ...TINY, "--steps", "2", "--out", "run"], place);
    const config = JSON.parse(readFileSync("run/config.json", "utf8"));
    config.picture.description = HOSTILE;
    writeFileSync("run/config.json", JSON.stringify(config));
    const { code, stderr } = await call(["grow", "--resume", "run", "--steps", "3"]);
    expect({ code, shown: stderr.split("\n")[0] }).toEqual({
      code: undefined,
      shown: "Resuming after step 2: a?[31m?b??1m?c in run",
    });
    expect(isFit(stderr)).toBe(true);
    // The page and the chart are markup, which says what it means by escapes.
    expect(decodeModel(readFileSync("run/model.safetensors")).provenance.target).toBe(HOSTILE);
  }, 120_000);
});

describe("a pipe", () => {
  it("brings a model and takes a picture, or what the name after the dash says", async () => {
    const model = readFileSync("model.safetensors");
    const drawn = piped(["run", "-", "--steps", "2", "--scale", "2", "--out", "-"], model);
    expect(drawn.code, drawn.stderr).toBe(0);
    const { format, width } = await sharp(drawn.stdout).metadata();
    expect({ format, width }).toEqual({ format: "png", width: 16 });

    const state = piped(["run", "-", "--steps", "2", "--out", "-.npy", "--out", "s.npy"], model);
    expect(decodeNpy(state.stdout).shape).toEqual([8, 8, 16]);
    expect(state.stdout).toEqual(readFileSync("s.npy"));
    // Standard output is taken, so the other path is printed elsewhere.
    expect(state.stderr).toMatch(/^s\.npy$/m);
    const { stdout } = piped(["export", "-", "--out", "-"], model);
    expect(Object.keys(decodeSafetensors(stdout).tensors)).toContain("update.0.weight");
  });

  it("brings a picture to grow, which a model does not ask for later", async () => {
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const grown = piped(["grow", "-", ...TINY, "--steps", "1", "--out", "piped"], picture);
    expect(grown.code, grown.stderr).toBe(0);
    expect(grown.stderr).toContain("Growing standard input in piped\n");
    const { target, picture: source } = decodeModel(readFileSync("piped/model.safetensors")).provenance;
    expect({ target, source }).toEqual({ target: "standard input", source: undefined });
    const empty = piped(["grow", "-", "--out", "none"], new Uint8Array(0));
    expect(empty).toMatchObject({ code: 1, stderr: "neoblast: standard input is empty\n" });
    const text = piped(["grow", "-", "--out", "none"], Buffer.from("text"));
    expect(text.stderr).toMatch(/^neoblast: standard input: not a picture that can be read/);
  }, 60_000);

  it.each([
    ["inspect model.safetensors --out -", '--out is "-"; it must be the path of a folder'],
    ["grow --out -", '--out is "-"; it must be the path of a folder'],
    ["run model.safetensors --out - --out -.npy", "--out names standard output more than once"],
    ["evaluate model.safetensors 🦋 --json --out -", "--json and --out - both want standard output"],
    ["export model.safetensors --out -.png", '--out is "-.png"; its name must end in .safetensors or .npz'],
  ])("is not for %s", async (words, sentence) => {
    const { code, stderr } = await call(words.split(" "));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) });
  });

  it("is not a terminal", async () => {
    Object.defineProperty(process.stdout, "isTTY", { value: true, configurable: true });
    try {
      const { code, stderr } = await call(["run", "model.safetensors", "--out", "-"]);
      expect(code).toBe(2);
      expect(stderr).toBe(
        "neoblast: --out - is standard output, which is a terminal here; send it elsewhere: command > file.png\n",
      );
    } finally {
      Object.defineProperty(process.stdout, "isTTY", { value: undefined, configurable: true });
    }
  });
});

describe("a file that is read", () => {
  it("is never written, by whatever name", async () => {
    symlinkSync("model.safetensors", "link.safetensors");
    mkdirSync("folder");
    writeFileSync("folder/model.safetensors", readFileSync("model.safetensors"));
    await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).toFile("own.png");
    const before = readFileSync("model.safetensors");
    for (const words of [
      "export model.safetensors --out model.safetensors",
      "export model.safetensors --out ./folder/../model.safetensors",
      "export model.safetensors --out link.safetensors",
      "export link.safetensors --out model.safetensors",
      "export folder --out folder/model.safetensors",
      "evaluate model.safetensors own.png --out own.png",
      "run model.safetensors --graft model.safetensors@own.png --out own.png",
      "import model.safetensors --from torch --out link.safetensors",
    ]) {
      const { code, stderr } = await call(words.split(" "));
      expect({ code, stderr }, words).toEqual({
        code: 2,
        stderr: expect.stringContaining("which is read here and stays as it is; choose another name"),
      });
    }
    expect(readFileSync("model.safetensors")).toEqual(before);
    const others = "inspect model.safetensors inside/cells.png --out inside".split(" ");
    mkdirSync("inside");
    writeFileSync("inside/cells.png", readFileSync("own.png"));
    expect((await call(others)).code).toBe(2);
  });

  it("may be a link that is written through", async () => {
    mkdirSync("far");
    symlinkSync("far/new.npz", "to.npz");
    symlinkSync("far/runs", "runs-link");
    expect((await call("export model.safetensors --out to.npz".split(" "))).code).toBeUndefined();
    expect(lstatSync("to.npz").isSymbolicLink()).toBe(true);
    expect(readdirSync("far")).toEqual(["new.npz"]);
    const args = "inspect model.safetensors --steps 1 --out runs-link".split(" ");
    expect((await call(args)).code).toBeUndefined();
    expect(lstatSync("runs-link").isSymbolicLink()).toBe(true);
    expect(readdirSync("far/runs")).toContain("report.html");
  });
});

it.skipIf(process.platform !== "linux")("says in a sentence that it may open too few files", () => {
  const args = ["-c", 'ulimit -n 24; exec "$@"', "sh", process.execPath, BIN, "--version"];
  const { status, stderr } = spawnSync("sh", args, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "neoblast: cannot start: it may open 24 files only (ulimit -n)\n",
  });
});
