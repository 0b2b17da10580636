/** A run that was stopped, by whatever it was, ends as one that was not. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricsOf, modelBytes, neoblast, signalAt, TINY } from "./commandLine.ts";

const STEPS = 40;
const GROW = ["grow", "🦋", ...TINY, "--steps", String(STEPS)];
const FILES = [
  "checkpoint",
  "config.json",
  "growth.gif",
  "growth.webp",
  "loss.svg",
  "metrics.jsonl",
  "model.safetensors",
  "player.html",
  "sheet.png",
];

let place: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-resume-"));
  const { code, stderr } = await neoblast([...GROW, "--out", "whole"], place);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(place, { recursive: true }));

/** Finishes a run and compares it with the one that was never stopped. */
async function expectWhole(folder: string): Promise<void> {
  const { code, stdout, stderr } = await neoblast(["grow", "--resume", folder], place);
  expect({ code, stdout, stderr: code === 0 ? "" : stderr }).toEqual({
    code: 0,
    stdout: `${folder}\n`,
    stderr: "",
  });
  expect(readdirSync(join(place, folder)).toSorted()).toEqual(FILES);
  expect(metricsOf(place, folder)).toEqual(metricsOf(place, "whole"));
  for (const name of [
    "model.safetensors",
    "sheet.png",
    "growth.webp",
    "growth.gif",
    "loss.svg",
    "player.html",
  ]) {
    const same = readFileSync(join(place, folder, name)).equals(readFileSync(join(place, "whole", name)));
    expect(same, name).toBe(true);
  }
}

describe("killed", () => {
  // Anywhere between two steps, within one, or within a checkpoint: whatever falls on the moment.
  const moments = Array.from({ length: 3 }, () => Math.floor(Math.random() * (STEPS - 2)));
  it.each(moments)("after step %i, it goes on as if nothing had happened", async (moment) => {
    const folder = `killed-${moment}`;
    rmSync(join(place, folder), { recursive: true, force: true });
    const args = [...GROW, "--checkpoint-every", "0", "--out", folder];
    const outcome = await signalAt(
      args,
      place,
      "SIGKILL",
      ({ event, step }) => event === "step" && step === moment,
    );
    expect(outcome.signal).toBe("SIGKILL");
    await expectWhole(folder);
  });

  it("before its first checkpoint, it begins again", async () => {
    const args = [...GROW, "--out", "early"];
    await signalAt(args, place, "SIGKILL", ({ event, step }) => event === "step" && step === 5);
    expect(metricsOf(place, "whole").length).toBe(STEPS);
    await expectWhole("early");
  });

  it("twice, with another number of threads each time", async () => {
    const every = ["--checkpoint-every", "0"];
    const at = (wanted: number) => (event: Record<string, unknown>) => event.step === wanted;
    await signalAt([...GROW, ...every, "--threads", "1", "--out", "twice"], place, "SIGKILL", at(8));
    await signalAt(["grow", "--resume", "twice", ...every, "--threads", "4"], place, "SIGKILL", at(20));
    await expectWhole("twice");
  });

  it("while it draws, it still draws everything", async () => {
    await signalAt([...GROW, "--out", "drawing"], place, "SIGKILL", ({ event }) => event === "drawing");
    await expectWhole("drawing");
  });
});

describe("asked to stop", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s, it saves everything and says how to resume", async (signal, code) => {
    const folder = `stopped-${signal}`;
    const atStep = (event: Record<string, unknown>) => event.step === 11;
    const outcome = await signalAt([...GROW, "--out", folder], place, signal, atStep);
    expect(outcome).toMatchObject({ code, stderr: "" });
    const stopped = JSON.parse(outcome.stdout.trimEnd().split("\n").at(-1)!);
    expect(stopped).toMatchObject({ event: "stopped", reason: "interrupted" });
    expect(stopped.resume).toMatch(new RegExp(`grow --resume ${folder}$`));
    expect(stopped.saved).toBe(stopped.steps);
    expect(stopped.steps).toBeGreaterThanOrEqual(12);
    expect(metricsOf(place, folder)).toHaveLength(stopped.steps);
    const model = await neoblast(["run", folder, "--steps", "5", "--out", `${signal}.png`], place);
    expect(model.code).toBe(0);
    await expectWhole(folder);
  });
});

describe("resuming", () => {
  it("finishes what is missing of a trained run", async () => {
    const { code } = await neoblast([...GROW, "--out", "bare"], place);
    expect(code).toBe(0);
    for (const name of ["sheet.png", "player.html", "model.safetensors"]) rmSync(join(place, "bare", name));
    await expectWhole("bare");
  });

  it("says when there is nothing to do", async () => {
    const before = modelBytes(place, "whole");
    expect(await neoblast(["grow", "--resume", "whole"], place)).toEqual({
      code: 0,
      signal: null,
      stdout: "whole\n",
      stderr: `All ${STEPS} steps are trained and all pictures drawn; there is nothing to resume\n`,
    });
    expect(modelBytes(place, "whole")).toEqual(before);
  });

  it("accepts the same settings once more", async () => {
    const same = ["grow", "🦋", ...TINY, "--steps", String(STEPS), "--seed", "0", "--recipe", "persistent"];
    expect((await neoblast([...same, "--resume", "whole"], place)).code).toBe(0);
  });

  it.each([
    [["--steps", "50"], "training.steps"],
    [["🦎"], "target.source"],
    [["--seed", "1"], "seed"],
    [["--preset", "cax"], "rule.kernels.1"],
    [["--engine", "reference"], "engine"],
    [["--set", "training.learningRate=1"], "training.learningRate"],
  ])("refuses %j", async (words, name) => {
    const { code, stderr } = await neoblast(["grow", ...words, "--resume", "whole"], place);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `neoblast: --resume goes on with the settings that whole began with, so ${name} cannot change; leave that out, or start a new run with --config whole/config.json\n`,
    });
  });

  it("needs neither the picture nor the folder where they were", async () => {
    await sharp({ create: { width: 9, height: 9, channels: 3, background: "teal" } })
      .png()
      .toFile(join(place, "teal.png"));
    const teal = ["grow", "teal.png", ...TINY];
    await neoblast([...teal, "--out", "teal"], place);
    await signalAt([...teal, "--out", "moved"], place, "SIGINT", ({ step }) => step === 3);
    rmSync(join(place, "teal.png"));
    const { code } = await neoblast(["grow", "--resume", join(place, "moved")], tmpdir());
    expect(code).toBe(0);
    expect(modelBytes(place, "moved")).toEqual(modelBytes(place, "teal"));
  });

  it("refuses a checkpoint of another version, and a damaged one", async () => {
    await neoblast(["grow", "🦋", ...TINY, "--out", "old"], place);
    const path = join(place, "old", "checkpoint", "state.safetensors");
    const bytes = readFileSync(path);
    const resumed = () => neoblast(["grow", "--resume", "old", "--threads", "1"], place);
    // latin1 keeps every byte.
    const text = bytes.toString("latin1");
    writeFileSync(path, Buffer.from(text.replace(/(version\\":\\")\d/, "$19"), "latin1"));
    expect(await resumed()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^neoblast: old\/checkpoint\/state\.safetensors: this checkpoint was written by neoblast "9\..*\n$/,
      ),
    });
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    expect(await resumed()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^neoblast: old\/checkpoint\/state\.safetensors: truncated safetensors file: .*\n$/,
      ),
    });
    writeFileSync(join(place, "old", "config.json"), '{ "version": 3 }');
    expect(await resumed()).toMatchObject({
      code: 1,
      stderr: "neoblast: old/config.json: version is 3; it must be text\n",
    });
  });
});
