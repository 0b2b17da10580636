/** A run that was stopped, by whatever it was, ends as one that was not. */
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { loadModel } from "../src/node/models.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, metricsOf, modelBytes, signalAt, start, TINY, train } from "./commandLine.ts";

const STEPS = 24;
const GROW = ["grow", "🦋", ...TINY, "--steps", String(STEPS)];
const home = process.cwd();
let place: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-resume-"));
  process.chdir(place);
  const { code, stderr } = await call([...GROW, "--out", "whole"]);
  if (code !== undefined) throw new Error(stderr);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

/** Trains a run to its end and compares all that training leaves with the run that was never stopped. */
async function expectTrained(folder: string, ...more: string[]): Promise<void> {
  await train(["grow", "--resume", folder, ...more], place);
  expect(metricsOf(place, folder)).toEqual(metricsOf(place, "whole"));
  expectSame(folder, ["model.safetensors", "checkpoint/state.safetensors"]);
}

/** Finishes a run and compares everything. */
async function expectFinished(folder: string): Promise<void> {
  const { code, stdout } = await call(["grow", "--resume", folder]);
  expect({ code, stdout }).toEqual({ code: undefined, stdout: `${folder}\n` });
  expect(readdirSync(join(place, folder)).toSorted()).toEqual(readdirSync(join(place, "whole")).toSorted());
  const pictures = ["sheet.png", "growth.webp", "growth.gif", "loss.svg", "player.html"];
  expectSame(folder, ["model.safetensors", ...pictures]);
}

function expectSame(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const same = readFileSync(join(place, folder, name)).equals(readFileSync(join(place, "whole", name)));
    expect(same, name).toBe(true);
  }
}

const atStep = (wanted: number) => (event: Record<string, unknown>) =>
  event.event === "step" && event.step === wanted;

describe("killed", () => {
  const often = ["--checkpoint-every", "0"];

  // Anywhere between two steps, within one, or within a checkpoint: whatever falls on the moment.
  const moments = [Math.floor(Math.random() * 20)];
  it.each(moments)("after step %i, it goes on as if nothing had happened", async (moment) => {
    const folder = `killed-${moment}`;
    const outcome = await signalAt([...GROW, ...often, "--out", folder], place, "SIGKILL", atStep(moment));
    expect(outcome.signal).toBe("SIGKILL");
    await expectTrained(folder);
  });

  it("before its first checkpoint, it begins again", async () => {
    await signalAt([...GROW, "--out", "early"], place, "SIGKILL", atStep(5));
    await expectTrained("early");
  });

  it("twice, with another number of threads each time", async () => {
    await signalAt([...GROW, ...often, "--threads", "1", "--out", "twice"], place, "SIGKILL", atStep(8));
    await signalAt(["grow", "--resume", "twice", ...often, "--threads", "4"], place, "SIGKILL", atStep(20));
    await expectTrained("twice", "--threads", "2");
  });

  it("between two validations, it is validated as if nothing had happened, and keeps the same best model", async () => {
    const validation = '{"aim":0,"every":4,"runs":2,"steps":[20,40]}';
    const validated = [...GROW, "--set", `training.validation=${validation}`];
    await train([...validated, "--out", "validated"], place);
    await signalAt([...validated, ...often, "--out", "again"], place, "SIGKILL", atStep(22));
    await train(["grow", "--resume", "again"], place);
    expect(metricsOf(place, "again")).toEqual(metricsOf(place, "validated"));
    expect(metricsOf(place, "again").at(-1)!.validated).toEqual(expect.any(Number));
    expect(modelBytes(place, "again")).toEqual(modelBytes(place, "validated"));
  });

  it("while it draws, it still draws everything; and again what is missing", async () => {
    await signalAt([...GROW, "--out", "drawing"], place, "SIGKILL", ({ event }) => event === "drawing");
    await expectFinished("drawing");
    for (const name of ["sheet.png", "model.safetensors"]) rmSync(join(place, "drawing", name));
    await expectFinished("drawing");
  });
});

describe("asked to stop", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s, it saves everything and says how to resume", async (signal, code) => {
    const folder = `stopped-${signal}`;
    const outcome = await signalAt([...GROW, "--out", folder], place, signal, atStep(11));
    expect(outcome).toMatchObject({ code, stderr: "" });
    const stopped = JSON.parse(outcome.stdout.trimEnd().split("\n").at(-1)!);
    expect(stopped).toMatchObject({ event: "stopped", reason: "interrupted", saved: stopped.steps });
    expect(stopped.resume).toMatch(new RegExp(`grow --resume ${folder}$`));
    expect(stopped.steps).toBeGreaterThanOrEqual(12);
    expect(metricsOf(place, folder)).toHaveLength(stopped.steps);
    expect((await loadModel(join(place, folder))).provenance.steps).toBe(stopped.steps);
    // Steps made after the checkpoint, and half a line, as a crash may leave them.
    appendFileSync(join(place, folder, "metrics.jsonl"), `{"step":${stopped.steps},"seconds":1}\n{"ste`);
    await expectTrained(folder);
  });

  it("it says so in words where nobody asked for JSON", async () => {
    const { child, outcome } = start([...GROW, "--steps", "2000", "--out", "words"], place);
    child.stderr!.on("data", (text: string) => text.includes("step 10/") && child.kill("SIGINT"));
    const { code, stdout, stderr } = await outcome;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(
      /\nStopped after step \d+ of 2000\. Resume: node .*neoblast\.js grow --resume words\n$/,
    );
  });
});

describe("resuming", () => {
  it("goes on with more steps, where they are asked for", async () => {
    cpSync(join(place, "whole"), join(place, "more"), { recursive: true });
    await train(["grow", "--resume", "more", "--steps", String(STEPS + 3)], place);
    expect(metricsOf(place, "more")).toHaveLength(STEPS + 3);
    expect(metricsOf(place, "more").slice(0, STEPS)).toEqual(metricsOf(place, "whole"));
    const config = JSON.parse(readFileSync(join(place, "more", "config.json"), "utf8"));
    expect(config.training.steps).toBe(STEPS + 3);
    const fewer = await call(["grow", "--resume", "more", "--steps", "20"]);
    expect(fewer).toMatchObject({
      code: 2,
      stderr: `neoblast: more has made ${STEPS + 3} steps and is as good as was asked for; ask for more\n`,
    });
  });

  it("says when there is nothing to do", async () => {
    const before = modelBytes(place, "whole");
    expect(await call(["grow", "--resume", "whole"])).toEqual({
      code: undefined,
      stdout: "whole\n",
      stderr: `All ${STEPS} steps are trained and all pictures drawn; there is nothing to resume unless more is asked for: --steps, or a higher --quality\n`,
    });
    expect(modelBytes(place, "whole")).toEqual(before);
  });

  it("accepts the same settings once more", async () => {
    const same = ["grow", "🦋", ...TINY, "--steps", String(STEPS), "--seed", "0", "--recipe", "persistent"];
    expect(await call([...same, "--resume", "whole"])).toMatchObject({ stdout: "whole\n" });
  });

  it.each([
    [["--batch", "2"], "training.batch"],
    [["🦎"], "target.source"],
    [["--seed", "1"], "seed"],
    [["--preset", "cax"], "preset"],
    [["--engine", "reference"], "engine"],
    [["--set", "training.learningRate=1"], "training.learningRate"],
  ])("refuses %j", async (words, name) => {
    const { code, stderr } = await call(["grow", ...words, "--resume", "whole"]);
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
    await train([...teal, "--out", "teal"], place);
    await signalAt([...teal, "--out", "moved"], place, "SIGINT", ({ step }) => step === 3);
    rmSync(join(place, "teal.png"));
    await train(["grow", "--resume", join(place, "moved")], tmpdir());
    expect(modelBytes(place, "moved")).toEqual(modelBytes(place, "teal"));
  });

  it("refuses a checkpoint of another format, a damaged one, and one of other kernels", async () => {
    cpSync(join(place, "whole"), join(place, "old"), { recursive: true });
    const path = join(place, "old", "checkpoint", "state.safetensors");
    const bytes = readFileSync(path);
    // latin1 keeps every byte.
    const text = bytes.toString("latin1");
    writeFileSync(path, Buffer.from(text.replace(/(format\\":)1/, "$19"), "latin1"));
    expect(await call(["grow", "--resume", "old"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^neoblast: old\/checkpoint\/state\.safetensors: this checkpoint has format 9 \(neoblast .*; this version of neoblast reads format 1\n$/,
      ),
    });
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    expect(await call(["grow", "--resume", "old"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^neoblast: old\/checkpoint\/state\.safetensors: truncated safetensors file: .*\n$/,
      ),
    });
    writeFileSync(path, bytes);
    const config = readFileSync(join(place, "old", "config.json"), "utf8");
    writeFileSync(join(place, "old", "config.json"), config.replace(/"build": "\w+"/, '"build": "fused"'));
    expect(await call(["grow", "--resume", "old"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^neoblast: old began with fused kernels, and only those go on with the same bits; here there are \w+ ones\n$/,
      ),
    });
    writeFileSync(join(place, "old", "config.json"), '{ "version": 3 }');
    expect(await call(["grow", "--resume", "old"])).toMatchObject({
      code: 1,
      stderr: "neoblast: old/config.json: version is 3; it must be text\n",
    });
  });
});
