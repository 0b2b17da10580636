import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { initialParameters } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { Snapshot } from "../train/snapshot.ts";
import { loadModel } from "./models.ts";
import { RunFolder } from "./runFolder.ts";

let root: string;
let place: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "neoblast-runs-"));
});
beforeEach(() => {
  place = mkdtempSync(join(root, "test-"));
});
afterAll(() => rmSync(root, { recursive: true }));

const snapshot = (step: number): Snapshot => ({
  meta: { step },
  tensors: { parameters: { shape: [2], data: Float32Array.of(step, -step) } },
});

describe("creating a run folder", () => {
  it("makes parents, or takes an empty folder", async () => {
    const path = join(place, "a", "b");
    await RunFolder.create(path);
    await RunFolder.create(path);
    expect(readdirSync(path)).toEqual([".lock"]);
  });

  it("keeps a folder for this process, until it is released", async () => {
    const path = join(place, "mine");
    const run = await RunFolder.create(path);
    expect(readFileSync(join(path, ".lock"), "utf8")).toBe(`${process.pid}\n`);
    await run.release();
    expect(readdirSync(path)).toEqual([]);
    // A process that runs has it, one that is gone has not.
    writeFileSync(join(path, ".lock"), `${process.ppid}\n`);
    await expect(RunFolder.create(path)).rejects.toThrow(
      new UserError(
        `process ${process.ppid} is training in ${path}; stop it first, or delete ${join(path, ".lock")} if it is doing something else`,
      ),
    );
    writeFileSync(join(path, ".lock"), "999999999\n");
    await RunFolder.create(path);
    expect(readFileSync(join(path, ".lock"), "utf8")).toBe(`${process.pid}\n`);
  });

  it("refuses a folder with files in it, a file, and a path below a file", async () => {
    writeFileSync(join(place, "file"), "x");
    await expect(RunFolder.create(place)).rejects.toThrow(
      new UserError(
        `${place} already holds files; choose another folder, or resume the run in it: --resume ${place}`,
      ),
    );
    await expect(RunFolder.create(join(place, "file"))).rejects.toThrow(
      new UserError(`${join(place, "file")} is a file, not a folder`),
    );
    await expect(RunFolder.create(join(place, "file", "run"))).rejects.toThrow(
      new UserError(`${join(place, "file")} is a file, not a folder`),
    );
    expect(readdirSync(place)).toEqual(["file"]);
  });

  it("says where no folder can be made", async ({ skip }) => {
    if (!existsSync("/proc/self")) skip("needs /proc, in which nobody can write");
    await expect(RunFolder.create("/proc/neoblast")).rejects.toThrow(/^cannot write \/proc\/neoblast: /);
  });

  it("takes the next free number", async () => {
    mkdirSync(join(place, "lizard-2"));
    writeFileSync(join(place, "lizard-3"), "a file");
    const paths = [];
    for (let i = 0; i < 3; i++) paths.push((await RunFolder.createNext(place, "lizard")).path);
    expect(paths).toEqual(["lizard-1", "lizard-4", "lizard-5"].map((name) => join(place, name)));
  });
});

describe("opening a run folder", () => {
  it("refuses what is none", async () => {
    await expect(RunFolder.open(place)).rejects.toThrow(
      new UserError(`${place} is not the folder of a run: it has no config.json`),
    );
    const missing = join(place, "missing");
    await expect(RunFolder.open(missing)).rejects.toThrow(
      new UserError(`cannot read ${missing}: it does not exist`),
    );
  });

  it("reads back configuration, checkpoint and model, and clears leftovers", async () => {
    const run = await RunFolder.create(join(place, "run"));
    const conventions = splitRule(picturePresets.cax);
    const model = {
      ...conventions,
      parameters: initialParameters(conventions.rule, 2),
      provenance: { grid: [48, 48] as [number, number] },
    };
    await run.writeConfig({ seed: 3, list: [1] });
    await run.saveCheckpoint(snapshot(1));
    await run.saveCheckpoint(snapshot(2));
    await run.saveModel(model);
    const leftover = ".neoblast-9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d.tmp";
    for (const part of [".", "checkpoint"]) writeFileSync(join(run.path, part, leftover), "torn");

    const again = await RunFolder.open(run.path);
    expect(await again.readConfig()).toEqual({ seed: 3, list: [1] });
    expect(await again.loadCheckpoint()).toEqual(snapshot(2));
    expect(await again.loadModel()).toEqual(model);
    expect(await loadModel(run.path)).toEqual(model);
    expect(readdirSync(run.path).toSorted()).toEqual([
      ".lock",
      "checkpoint",
      "config.json",
      "model.safetensors",
    ]);
    expect(readdirSync(join(run.path, "checkpoint"))).toEqual(["state.safetensors"]);
  });

  it("names the file that is damaged or missing", async () => {
    const run = await RunFolder.create(join(place, "run"));
    await run.writeConfig({});
    await expect(run.loadCheckpoint()).rejects.toThrow(/cannot read .*state\.safetensors: it does not exist/);
    await run.saveCheckpoint(snapshot(1));
    const path = join(run.path, "checkpoint", "state.safetensors");
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    await expect(run.loadCheckpoint()).rejects.toThrow(
      new FormatError(
        `${path}: truncated safetensors file: its tensors take 8 bytes, but 7 follow the header`,
      ),
    );
    writeFileSync(join(run.path, "config.json"), "{");
    await expect(run.readConfig()).rejects.toThrow(
      new FormatError(`${join(run.path, "config.json")}: not JSON`),
    );
  });
});

describe("metrics", () => {
  it("are one object a line, and complete once a checkpoint is saved", async () => {
    const run = await RunFolder.create(join(place, "run"));
    expect(await run.metrics.read()).toEqual([]);
    run.metrics.append({ step: 1, loss: 0.5 });
    run.metrics.append({ step: 2, loss: NaN, skipped: true });
    await run.saveCheckpoint(snapshot(2));
    expect(readFileSync(run.file("metrics.jsonl"), "utf8")).toBe(
      '{"step":1,"loss":0.5}\n{"step":2,"loss":null,"skipped":true}\n',
    );
    expect(await run.metrics.read()).toEqual([
      { step: 1, loss: 0.5 },
      { step: 2, loss: null, skipped: true },
    ]);
  });

  it("reach the file without being asked, in time", async () => {
    const run = await RunFolder.create(join(place, "run"));
    for (let step = 1; step <= 1000; step++) run.metrics.append({ step, loss: 1 });
    expect((await run.metrics.read()).length).toBeGreaterThanOrEqual(1000 - 256);
  });

  it("are cut back to a step, a torn last line included", async () => {
    const run = await RunFolder.create(join(place, "run"));
    for (let step = 1; step <= 5; step++) run.metrics.append({ step, loss: step });
    run.metrics.flush();
    appendFileSync(run.file("metrics.jsonl"), '{"step":6,"lo');
    expect((await run.metrics.read()).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    await run.metrics.truncateAfter(9);
    expect(readFileSync(run.file("metrics.jsonl"), "utf8")).toMatch(/"step":5,"loss":5\}\n$/);
    await run.metrics.truncateAfter(3);
    run.metrics.append({ step: 4, loss: 40 });
    run.metrics.flush();
    expect((await run.metrics.read()).map(({ loss }) => loss)).toEqual([1, 2, 3, 40]);
    await run.metrics.truncateAfter(0);
    expect(readFileSync(run.file("metrics.jsonl"), "utf8")).toBe("");
  });

  it("are cut at the first line that is none", async () => {
    const run = await RunFolder.create(join(place, "run"));
    writeFileSync(run.file("metrics.jsonl"), '{"step":1,"loss":1}\n[]\n{"step":2,"loss":2}\n');
    await run.metrics.truncateAfter(5);
    expect(readFileSync(run.file("metrics.jsonl"), "utf8")).toBe('{"step":1,"loss":1}\n');
  });

  it("say when the disk is full", async ({ skip }) => {
    if (!existsSync("/dev/full")) skip("needs /dev/full, a disk that is always full");
    const run = await RunFolder.create(join(place, "run"));
    symlinkSync("/dev/full", run.file("metrics.jsonl"));
    run.metrics.append({ step: 1, loss: 1 });
    expect(() => run.metrics.flush()).toThrow(
      new UserError(`cannot write ${run.file("metrics.jsonl")}: the disk is full`),
    );
  });
});
