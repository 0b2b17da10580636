/** `neoblast reinforce` from the command line; what it shares with `grow` is tested there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reinforcementConfigSchema } from "../src/experiments/reinforcement/reinforcement.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { loadModel } from "../src/node/models.ts";
import { VERSION } from "../src/version.ts";
import {
  call,
  metricsOf,
  modelBytes,
  neoblast,
  type Outcome,
  RUN_FILES,
  signalAt,
  train,
} from "./commandLine.ts";

/** A butterfly on 16 x 16 cells, two dozen training steps. */
const TINY = [
  ..."--size 8 --padding 4 --horizon 6 --steps 24 --batch 3 --buffer 32".split(" "),
  ..."--set rule.hidden=[16] --set training.critic.features=[4,6] --set training.critic.hidden=8".split(" "),
  ..."--set training.warmup=2 --set training.critic.bootstrap.over=10".split(" "),
];
const REINFORCE = ["reinforce", "🦋", ...TINY];
/** The same with an autoencoder, whose features halve the grid twice. */
const LATENT = [
  ...REINFORCE,
  ..."--critic latent --steps 12 --set training.autoencoder.features=[4,6]".split(" "),
  ..."--set training.autoencoder.hidden=8 --set training.autoencoder.latent=3".split(" "),
];

const home = process.cwd();
let place: string;
let reinforced: Outcome;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-reinforce-"));
  process.chdir(place);
  reinforced = await neoblast([...REINFORCE, "--threads", "1"], place);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const RUN = "runs/butterfly-1";
const configOf = (folder: string) => JSON.parse(readFileSync(join(place, folder, "config.json"), "utf8"));

describe("reinforce", () => {
  it("says where it went and what became of it, in lines of at most 100 columns", () => {
    expect(reinforced).toMatchObject({ code: 0, stdout: `${RUN}\n` });
    const { stderr } = reinforced;
    for (const line of [
      /^Reinforcing 🦋 butterfly \(Noto Emoji\) in runs\/butterfly-1\n16 x 16 cells, horizon 6, critic of pixels, 24 steps, seed 0; /,
      /^step 1\/24 {2}loss \d\S+ {2}critic \d\S+ {2}values -?\d+\.\d\d to -?\d+\.\d\d$/m,
      /^step 24\/24 {2}loss \d\S+ {2}critic \d\S+ {2}values \S+ to \S+ {2}\S+ steps\/s {2}0:00 left$/m,
      /^Trained 24 steps to loss \d/m,
      /^Next: .* run runs\/butterfly-1 --damage half-left@100 --out healing\.webp$/m,
    ]) {
      expect(stderr).toMatch(line);
    }
    const lines = stderr.split("\n").filter((line) => line.startsWith("step "));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  });

  it("leaves a complete folder", async () => {
    expect(readdirSync(RUN).toSorted()).toEqual(RUN_FILES);
    const { version, experiment, engine, picture, ...config } = configOf(RUN);
    expect([version, experiment, engine.name]).toEqual([VERSION, "reinforce", "wasm"]);
    expect(picture).toEqual({ name: "butterfly", description: "🦋 butterfly (Noto Emoji)" });
    expect(reinforcementConfigSchema.parse(config)).toEqual(config);
    const { rule, provenance } = await loadModel(RUN);
    expect(rule).toEqual(splitRule(config.rule).rule);
    expect(provenance).toMatchObject({
      grid: [16, 16],
      steps: 24,
      picture: { source: "🦋", size: 8, padding: 4 },
    });
  });

  it("measures actor and critic at every step", () => {
    const metrics = metricsOf(RUN);
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    for (const step of metrics) {
      expect(Object.keys(step)).toEqual(
        expect.arrayContaining(["objective", "criticLoss", "gradientNorm", "criticGradientNorm"]),
      );
      expect(Number(step.valueLow)).toBeLessThanOrEqual(Number(step.valueHigh));
      expect(step.criticResets).toBe(0);
      expect(step).not.toHaveProperty("reconstruction");
    }
    const { loss, criticLoss, criticGradientNorm, gradientNorm } = metrics.at(-1)!;
    expect(loss).toBeLessThan(Number(metrics[0].loss));
    for (const value of [criticLoss, criticGradientNorm, gradientNorm]) expect(value).toBeGreaterThan(0);
  });

  it("its model runs, and is evaluated", async () => {
    const ran = await call(["run", RUN, "--steps", "20", "--out", "grown.png"]);
    expect([ran.code, ran.stdout]).toEqual([undefined, "grown.png\n"]);
    expect(readFileSync("grown.png").subarray(1, 4).toString()).toBe("PNG");
    const few = "--steps 4,20 --runs 2 --angles 0 --json".split(" ");
    const { code, stdout } = await call(["evaluate", RUN, ...few]);
    expect(code).toBeUndefined();
    const [{ growth }] = JSON.parse(stdout).angles;
    for (const { mean } of growth.errors) expect(mean).toBeGreaterThan(0);
  });

  it("killed, it goes on as if nothing had happened, on other threads", async () => {
    const words = [...REINFORCE, "--threads", "2", "--checkpoint-every", "0", "--out", "killed"];
    const killed = await signalAt(
      words,
      place,
      "SIGKILL",
      ({ event, step }) => event === "step" && step === 9,
    );
    expect(killed.signal).toBe("SIGKILL");
    expect(metricsOf("killed").length).toBeLessThan(24);
    await train(["reinforce", "--resume", "killed", "--threads", "1"], place);
    expect(modelBytes("killed").equals(modelBytes(RUN))).toBe(true);
    expect(metricsOf("killed")).toEqual(metricsOf(RUN));
  });

  it("Ctrl-C saves, and says how to go on", async () => {
    const words = [...REINFORCE, "--steps", "1000", "--out", "stopped"];
    const { code, stdout } = await signalAt(
      words,
      place,
      "SIGINT",
      ({ event, step }) => event === "step" && step === 5,
    );
    expect(code).toBe(130);
    const { steps, saved, reason, resume } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    expect({ saved, reason }).toEqual({ saved: steps, reason: "interrupted" });
    expect(resume).toMatch(/ reinforce --resume stopped$/);
    expect((await loadModel("stopped")).provenance.steps).toBe(steps);
  });
});

describe("reinforce --critic latent", () => {
  beforeAll(() => train([...LATENT, "--threads", "1", "--out", "latent"], place));

  it("trains an autoencoder along, and reports it", () => {
    expect(configOf("latent").training).toMatchObject({
      critic: { sees: "latent", relative: false },
      autoencoder: { features: [4, 6], latent: 3 },
    });
    const metrics = metricsOf("latent");
    for (const { reconstruction, divergence } of metrics) {
      expect(reconstruction).toBeGreaterThan(0);
      expect(divergence).toBeGreaterThan(0);
    }
    expect(metrics.at(-1)!.reconstruction).toBeLessThan(Number(metrics[0].reconstruction));
  });

  it("killed, it goes on as if nothing had happened, on other threads", async () => {
    const words = [...LATENT, "--threads", "1", "--checkpoint-every", "0", "--out", "latent-killed"];
    await signalAt(words, place, "SIGKILL", ({ event, step }) => event === "step" && step === 5);
    await train(["reinforce", "--resume", "latent-killed", "--threads", "2"], place);
    expect(modelBytes("latent-killed").equals(modelBytes("latent"))).toBe(true);
    expect(metricsOf("latent-killed")).toEqual(metricsOf("latent"));
  });
});

describe("options", () => {
  it("are taken up", async () => {
    const words =
      "--size 8 --padding 4 --horizon 10 --reward error --discount 0.9 --returns lambda --lambda 0.5 --critic latent --buffer 99 --steps 7 --batch 5 --seed 4";
    const args = ["reinforce", "🦋", ...words.split(" "), "--out", "asked"];
    await signalAt(args, place, "SIGKILL", ({ event }) => event === "config");
    const { seed, training } = configOf("asked");
    expect(seed).toBe(4);
    expect(training).toMatchObject({
      steps: 7,
      batch: 5,
      horizon: 10,
      discount: 0.9,
      returns: { kind: "lambda", lambda: 0.5 },
      reward: { kind: "error", scale: 10 },
      memory: { kind: "buffer", size: 99, reseed: 1 },
      // What hangs on the others: the largest divisor of 10 that is at most 4; and what latent vectors need.
      every: 2,
      critic: { sees: "latent", relative: false },
      autoencoder: { latent: 16 },
    });
  });
});

describe("a wrong call", () => {
  it.each([
    ["--horizon 0", "--horizon is 0; it must be a whole number from 1 to 1000"],
    ["--reward joy", '--reward is "joy"; it must be decrease or error'],
    ["--returns all", '--returns is "all"; it must be n-step or lambda'],
    ["--critic touch", '--critic is "touch"; it must be pixels, latent, state or none'],
    ["--discount 1", "--discount is 1; it must be a number from 0 to 0.99999"],
    ["--lambda 1.5", "--lambda is 1.5; it must be a number from 0 to 1"],
    ["--preset large", '--preset is "large"; it must be small, cax-rl or cax-draft'],
    ["--buffer 0", "--buffer is 0; it must be a whole number from 1 to 131072"],
    [
      "--buffer 7",
      "training.memory.size must be at least what a batch writes: its size times horizon / every / memory.every",
    ],
    [
      "--preset cax-rl --buffer 31",
      "training.memory.size must be at least the batch size where it is a pool",
    ],
    ["--preset cax-rl --buffer 20000", "training.memory.size is 20000; it must be at most 16384"],
    [
      "--returns n-step --lambda 0.9",
      "n-step returns have no lambda; leave out --lambda, or choose --returns lambda",
    ],
    ["--critic none --lambda 0.9", "--lambda is about what a critic learns, and there is none; leave it out"],
    [
      "--critic none --returns n-step",
      "--returns is about what a critic learns, and there is none; leave it out",
    ],
    [
      "--config without.json --returns lambda",
      "--returns is about what a critic learns, and there is none; leave it out",
    ],
    [
      "--critic latent --padding 7",
      "training.autoencoder.features must be fewer, or the grid of another size: each halves its side, which must come out even",
    ],
    ["--set training.horizon=10", "training.every must divide the horizon"],
    ["--set training.rollout=[8,8]", "training.rollout is not a known field"],
    ["--set preset=small", "--set preset=small would change the name of the preset only; use --preset"],
    ["--config faulty.json --horizon 9", "faulty.json: training.critic is 5; it must be an object"],
    ["--config odd.json --horizon 9", "odd.json: training.every is 0; it must be at least 1"],
    ["--pool 9", "unknown option '--pool'"],
    ["🦋 🦎", "too many arguments"],
  ])("%s", (words, sentence) => {
    writeFileSync("without.json", '{"training":{"critic":null}}');
    writeFileSync("faulty.json", '{"training":{"critic":5}}');
    writeFileSync("odd.json", '{"training":{"every":0}}');
    before = listing();
    return expectRefused(["reinforce", ...words.split(" ")], sentence);
  });

  it.each([
    ["--horizon 10", "training.horizon"],
    ["--critic none", "training.critic"],
    ["--critic latent", "training.critic.sees"],
    ["--reward error", "training.reward.kind"],
    ["--returns n-step", "training.returns.kind"],
    ["--batch 8", "training.batch"],
    ["--preset cax-rl", "preset"],
  ])("%s on resuming", (words, name) =>
    expectRefused(
      ["reinforce", "--resume", RUN, ...words.split(" ")],
      `--resume goes on with the settings that ${RUN} began with, so ${name} cannot change`,
    ),
  );

  it("not a run of another command", () =>
    expectRefused(["grow", "--resume", RUN], `${RUN} is a run of neoblast reinforce; go on with it by`));
});

let before: string[];
const listing = () => readdirSync(place, { recursive: true, encoding: "utf8" });
beforeEach(() => void (before = listing()));

/** One sentence, exit status 2, and nothing left behind. */
async function expectRefused(args: string[], sentence: string): Promise<void> {
  const outcome = await call(args);
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain(`neoblast: ${sentence}`);
  expect(outcome.stderr).toMatch(/^.*\n$/);
  expect(listing()).toEqual(before);
}
