/** A run that travels has the bits of one that stays. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Executor } from "../../cluster/executor.ts";
import type { JobKind } from "../../cluster/job.ts";
import { localExecutor } from "../../cluster/local.ts";
import { decodePart, encodePart } from "../../cluster/message.ts";
import type { Engine } from "../../engine.ts";
import { createEngine } from "../../node/engine.ts";
import { parsePlan } from "../../sweep/plan.ts";
import { begin, createdRun } from "../train/openRun.ts";
import { askedSweep } from "./asked.ts";
import { filesToSend, type RunFiles, sentRun } from "./jobs.ts";
import { trainersElsewhere, trainersHere } from "./sweep.ts";
import { TINY_RUN } from "./tinyRun.case.ts";

const place = mkdtempSync(join(tmpdir(), "neoblast-jobs-"));
let engine: Engine;
const files = (folder: string) =>
  Object.fromEntries(
    ["model.safetensors", "checkpoint/state.safetensors"].map((name) => [
      name,
      readFileSync(join(place, folder, name)),
    ]),
  );

beforeAll(async () => {
  engine = await createEngine({ threads: 1, kernels: "strict" });
  const asked = await askedSweep(parsePlan({ experiment: "grow", settings: TINY_RUN }));
  const run = await asked.run({ arm: 0, words: ["🦋"], seed: 1 });
  const created = await createdRun(asked.kind, run, { engine, name: "wasm", threads: 1 });
  await (await begin(created, join(place, "here"))).folder.release();
  cpSync(join(place, "here"), join(place, "elsewhere"), { recursive: true });
});
afterAll(async () => {
  await engine.dispose();
  rmSync(place, { recursive: true });
});

/** What arrives of a value that was sent. */
function sent<T>(value: T, { encode, decode }: JobKind<T, T>["input"]): T {
  const { shared: _, ...part } = encode(value);
  return decode({ ...decodePart(encodePart(part)), shared: {} });
}

/** Sends what goes in and comes out as bytes, as a queue does. */
function byMessages(inner: Executor): Executor {
  return {
    ...inner,
    async submit(kind, input, options) {
      const done = await inner.submit(kind, sent(input, kind.input), options);
      return { ...done, output: sent(done.output, kind.output) };
    },
  };
}

it("half and then to its end: the same model, checkpoint, measures and report", async () => {
  const executor = localExecutor([engine]);
  const here = trainersHere(executor, 0);
  const elsewhere = trainersElsewhere(byMessages(executor));
  const reports: unknown[] = [];
  const how = { signal: new AbortController().signal, onProgress: (report: unknown) => reports.push(report) };
  for (const part of [0.5, 1]) {
    const stretch = { part, draw: false };
    const one = await here.train(join(place, "here"), stretch, how);
    const other = await elsewhere.train(join(place, "elsewhere"), stretch, how);
    expect(other).toEqual(one);
    expect(one).toMatchObject({ measured: { part, steps: 4 * part } });
    const { "model.safetensors": model, "checkpoint/state.safetensors": state } = files("here");
    expect(files("elsewhere")["model.safetensors"].equals(model)).toBe(true);
    // At its end nothing goes on from it, so it stays where it was.
    if (part < 1) expect(files("elsewhere")["checkpoint/state.safetensors"].equals(state)).toBe(true);
  }
  expect(readdirSync(join(place, "elsewhere")).toSorted()).toEqual(
    readdirSync(join(place, "here")).toSorted(),
  );
  expect(reports).toContainEqual({ step: 1, total: 2 });
  expect(reports).toContainEqual({ step: 4, total: 4 });
  await executor.close();
});

const context = () => ({ engine, signal: new AbortController().signal, progress: () => {} });

describe("a worker", () => {
  const message = { name: "x", part: 1, draw: false };

  it("takes no file that is none of a run, and no stretch that is none", () => {
    const tensor = { shape: [1], data: Uint8Array.of(1) };
    const decode = (head: unknown, name: string) => () =>
      sentRun.input.decode({ head, tensors: { [name]: tensor }, shared: {} });
    for (const name of [
      "../config.json",
      "/etc/passwd",
      ".lock",
      "a/b.json",
      "checkpoint/../x.npy",
      "config",
    ]) {
      expect(decode(message, name), name).toThrow("which is no file in the folder of a run");
    }
    expect(decode({ ...message, part: 2 }, "config.json")).toThrow("part is 2; it must be at most 1");
    expect(decode({ ...message, path: "/" }, "config.json")).toThrow("path is not a known field");
    expect(decode(message, "config.json")()).toEqual({ ...message, files: { "config.json": tensor.data } });
  });

  it("opens no folder that a message names, and leaves nothing behind", async () => {
    const kept = await filesToSend(join(place, "here"));
    const config = JSON.parse(new TextDecoder().decode(kept["config.json"]));
    const changedBy = (fields: object): RunFiles => ({
      ...kept,
      "config.json": new TextEncoder().encode(JSON.stringify({ ...config, ...fields })),
    });
    mkdirSync(join(place, "temporary"));
    vi.stubEnv("TMPDIR", join(place, "temporary"));
    for (const [changed, sentence] of [
      [
        changedBy({ data: { source: "/home" } }),
        'the run is trained on the folder "/home", which no worker opens',
      ],
      [
        changedBy({ engine: { ...config.engine, build: "relaxed" } }),
        join(place, "temporary", "neoblast-run-"),
      ],
      [changedBy({ experiment: "fly" }), 'experiment is "fly"; it must be grow'],
      [changedBy({ training: {} }), "config.json: training."],
      [{}, "the message holds no config.json of a run"],
    ] as const) {
      await expect(sentRun.run({ ...message, files: changed }, context())).rejects.toThrow(sentence);
    }
    expect(readdirSync(join(place, "temporary"))).toEqual([]);
    vi.unstubAllEnvs();
  });
});
