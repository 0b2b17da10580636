import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf, generatedFiles, isCurrent, leave, sourceFiles } from "../scripts/stamp.mjs";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "neoblast-stamp-"))));
afterEach(() => rmSync(folder, { recursive: true }));

it("knows what a build reads and makes", () => {
  const read = sourceFiles();
  for (const name of [
    "package.json",
    "node_modules/.package-lock.json",
    "scripts/build.mjs",
    "src/index.ts",
    "src/engine/wasm/assembly/index.ts",
    "src/experiments/growing/pretrained.safetensors",
    "src/player/page/player.css",
  ])
    expect(read).toContain(name);
  expect(read.filter((name) => name.endsWith(".test.ts"))).toEqual([]);
  expect(generatedFiles().toSorted()).toEqual([
    "src/element/generated/style.ts",
    "src/engine/wasm/generated/kernels.ts",
    "src/engine/wasm/generated/wideKernels.ts",
    "src/experiments/growing/generated/pretrained.ts",
    "src/player/generated/pictures.ts",
    "src/player/generated/player.ts",
    "src/report/generated/report.ts",
    "src/train/loss/generated/kernels.ts",
    "src/train/optim/generated/kernels.ts",
  ]);
  expect(read.filter((name) => name.includes("/generated/"))).toEqual([]);
});

const stamp = () => join(folder, ".built");
const made = () => ["a.js", "b.js"].map((name) => join(folder, name));

describe("a build is current", () => {
  beforeEach(() => {
    for (const path of made()) writeFileSync(path, "made");
    leave(stamp(), "digest", made());
  });

  it("where it read the same, and what it made is there", () => {
    expect(isCurrent(stamp(), "digest", made())).toBe(true);
  });

  it.each<[string, () => boolean]>([
    ["it would read something else", () => isCurrent(stamp(), "another", made())],
    ["there was none", () => isCurrent(join(folder, ".none"), "digest", made())],
    ["there is a file less", () => isCurrent(stamp(), "digest", made().slice(1))],
    ["there is a file more", () => isCurrent(stamp(), "digest", [...made(), stamp()])],
    [
      "a file has been changed",
      () => {
        writeFileSync(made()[1], "Made");
        return isCurrent(stamp(), "digest", made());
      },
    ],
    [
      "a file has gone meanwhile",
      () => {
        renameSync(made()[1], join(folder, "c.js"));
        return isCurrent(stamp(), "digest", made());
      },
    ],
  ])("not where %s", (_, current) => expect(current()).toBe(false));
});

it("tells contents and names apart", () => {
  const [one, other] = ["1", "2"].map((name) => join(folder, name));
  for (const path of [one, other]) writeFileSync(path, "same");
  const digests = [[one], [other], [one, other], []].map(digestOf);
  expect(new Set(digests).size).toBe(4);
  expect(digestOf([other, one])).toBe(digests[2]);
  writeFileSync(one, "sane");
  expect(digestOf([one])).not.toBe(digests[0]);
});
