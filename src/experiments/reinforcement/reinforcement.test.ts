import { describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { createEngine } from "../../node/engine.ts";
import { criticTable } from "../../nets/critic.ts";
import { vaeTable } from "../../nets/vae.ts";
import { parameterTable, tableSize } from "../../rule/parameters.ts";
import { picturePresets } from "../../model/presets.ts";
import {
  createReinforcement,
  type ReinforcementConfig,
  reinforcementConfigSchema,
  reinforcementCritic,
  reinforcementPresetNames,
  reinforcementVae,
} from "./reinforcement.ts";
import { resolveReinforcementConfig, SMALL_AUTOENCODER } from "./presets.ts";

const small = { ...SMALL_AUTOENCODER, features: [4, 4], hidden: 16, latent: 3 };
const latent = [
  "training.critic.sees=latent",
  "training.critic.relative=false",
  `training.autoencoder=${JSON.stringify(small)}`,
];

describe("resolveReinforcementConfig", () => {
  it("has complete defaults, which are plain JSON", () => {
    const config = resolveReinforcementConfig();
    expect(config).toMatchObject({ seed: 0, preset: "small", rule: picturePresets.distill });
    for (const preset of reinforcementPresetNames) {
      const own = resolveReinforcementConfig({ preset });
      expect(own.preset).toBe(preset);
      expect(reinforcementConfigSchema.parse(JSON.parse(JSON.stringify(own)))).toEqual(own);
    }
  });

  it("small: a critic that processors can bear, by strided convolutions and a mean over space", () => {
    const { training, target } = resolveReinforcementConfig();
    expect(training).toMatchObject({
      batch: 8,
      horizon: 16,
      reward: { kind: "decrease" },
      discount: 0.997,
      returns: { kind: "lambda", lambda: 0.95 },
      memory: { kind: "buffer", reseed: 1 },
      autoencoder: null,
    });
    const critic = reinforcementCritic(resolveReinforcementConfig(), [40, 40]);
    expect(critic).toMatchObject({ grid: [40, 40], channels: 4, pooling: "mean" });
    expect(tableSize(criticTable(critic!))).toBeLessThan(10_000);
    expect(target.size + 2 * target.padding).toBe(40);
  });

  it("cax-rl: number 63 of CAX, number by number", () => {
    const config = resolveReinforcementConfig({ preset: "cax-rl" });
    expect(config.target).toEqual({ source: "🦎", size: 40, padding: 16, seeds: [[0, 0]] });
    expect(config.rule).toEqual(picturePresets.cax);
    expect(config.training).toMatchObject({
      batch: 32,
      horizon: 64,
      every: 1,
      learningRate: 3e-3,
      schedule: { kind: "cosine" },
      warmup: 200,
      optimizer: { kind: "adam" },
      gradient: { normalize: true, clip: 0.5 },
      reward: { kind: "error", scale: 1 },
      discount: 0.999,
      returns: { kind: "lambda", lambda: 0.95 },
      memory: { kind: "pool", size: 1024, reseed: 16 },
      critic: {
        output: "negative",
        learningRate: 3e-4,
        schedule: { kind: "constant" },
        optimizer: { kind: "adam" },
        gradient: { normalize: false, clip: 1 },
        updates: 4,
        follow: 0.05,
        trust: null,
        bootstrap: { from: 0, to: 1, over: 200 },
      },
      autoencoder: null,
    });
  });

  it("cax-draft: the first notebook, with three optimisers of their own", () => {
    const config = resolveReinforcementConfig({ preset: "cax-draft" });
    const { training } = config;
    expect(config.target).toEqual({ source: "🦎", size: 40, padding: 16, seeds: [[0, 0]] });
    expect(training).toMatchObject({
      batch: 8,
      horizon: 16,
      every: 1,
      reward: { kind: "decrease", scale: 1 },
      discount: 0.997,
      returns: { kind: "lambda", lambda: 0.95 },
      memory: { kind: "buffer", size: 10_024, reseed: 1, every: 1 },
      critic: { sees: "pixels", updates: 1, follow: 1, trust: null, bootstrap: 1 },
    });
    for (const own of [training, training.critic, training.autoencoder]) {
      expect(own).toMatchObject({
        learningRate: 1e-3,
        schedule: { kind: "linear", final: 0.1, over: 50_000 },
        warmup: 0,
        optimizer: { kind: "adam" },
        gradient: { normalize: false, clip: 1 },
      });
    }
  });

  it("cax-draft has the 108,461,333 numbers that its notebook counted", () => {
    const config = resolveReinforcementConfig({ preset: "cax-draft" });
    const { rule } = config;
    const counts = [
      tableSize(parameterTable(rule)),
      tableSize(criticTable(reinforcementCritic(config, [72, 72])!)),
      tableSize(vaeTable(reinforcementVae(config, [72, 72])!)),
      // The notebook counts the filters, which stay as they are: three of nine weights on each channel.
      rule.channels * rule.kernels.length * 9,
    ];
    expect(counts).toEqual([8336, 666_721, 107_785_844, 432]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(108_461_333);
  });

  it.each<[string[], string]>([
    [
      [...latent, "training.autoencoder=null"],
      "training.autoencoder must not be null: the critic sees its latent vectors",
    ],
    [
      [...latent, "training.critic.relative=true"],
      "training.critic.relative must be false for a critic that sees latent vectors",
    ],
    [
      ["training.critic.features=[]"],
      "training.critic.features must name the features of at least one convolution",
    ],
    [
      ["training.critic.output=negative"],
      "training.critic.output must be linear where the reward is a decrease: returns can be above 0 then",
    ],
    [["training.horizon=10"], "training.every must divide the horizon"],
    [
      ['training.memory={"kind":"pool","size":7}'],
      "training.memory.size must be at least the batch size where it is a pool",
    ],
    [
      ['training.memory={"kind":"pool","size":{"from":7,"to":100,"over":9}}'],
      "training.memory.size must be at least the batch size where it is a pool",
    ],
    [
      ["training.memory.size=15", "training.memory.every=2"],
      "training.memory.size must be at least what a batch writes: its size times horizon / every / memory.every",
    ],
    [
      ["training.memory.reseed=9"],
      "training.memory.reseed must be at most the batch size, damaged samples included",
    ],
    [
      ['training.memory={"kind":"pool","size":32,"reseed":4,"damaged":5}'],
      "training.memory.reseed must be at most the batch size, damaged samples included",
    ],
    [
      [...latent, "target.padding=7"],
      "training.autoencoder.features must be fewer, or the grid of another size: each halves its side, which must come out even",
    ],
    [["rule.inputSize=1"], "rule.inputSize must be 0: growing one picture gives cells no input"],
    [["training.discount=1"], "training.discount is 1; it must be at most 0.99999"],
    [["training.returns.lambda=2"], "training.returns.lambda is 2; it must be at most 1"],
    [["training.returns.kind=all"], 'training.returns.kind is "all"; it must be "n-step" or "lambda"'],
    [["training.reward.kind=joy"], 'training.reward.kind is "joy"; it must be "decrease" or "error"'],
    [["training.critic.follow=2"], "training.critic.follow is 2; it must be at most 1"],
    [
      ["training.rollout=[8,8]"],
      "training.rollout is not a known field; there are steps, batch, horizon, every, learningRate, schedule, warmup, optimizer, gradient, average, loss, reward, discount, returns, memory, critic, autoencoder",
    ],
  ])("refuses %j", (sets, sentence) => {
    expect(() => resolveReinforcementConfig({ sets })).toThrow(new UserError(sentence, { exitCode: 2 }));
  });

  it("takes what is just within those bounds", () => {
    for (const sets of [
      ["training.memory.size=16", "training.memory.every=2"],
      ["training.memory.reseed=8"],
      ['training.memory={"kind":"pool","size":8,"reseed":3,"damaged":5}'],
      ["training.critic=null", "training.horizon=10", "training.every=5"],
      ["training.critic.output=negative", "training.reward.kind=error"],
      [...latent, "target.padding=8", "training.critic.features=[]"],
    ]) {
      expect(() => resolveReinforcementConfig({ sets })).not.toThrow();
    }
  });
});

/** On 8 x 8 cells, of which a picture fills the inner 4 x 4. */
const tiny = [
  "seed=3",
  "target.size=4",
  "target.padding=2",
  "rule.channels=8",
  "rule.hidden=[16]",
  "rule.seed.to=8",
  "training.steps=100",
  "training.batch=4",
  "training.horizon=8",
  "training.every=2",
  "training.warmup=5",
  "training.memory.size=64",
  "training.memory.every=2",
  "training.memory.reseed=2",
  "training.critic.features=[4,6]",
  "training.critic.hidden=8",
  "training.critic.bootstrap.over=20",
];
const data = new Float32Array(64 * 4);
const target: Target = { grid: [8, 8], data };
for (let y = 2; y < 6; y++) for (let x = 2; x < 6; x++) data.set([x < 4 ? 1 : 0, 0, 0.5, 1], (y * 8 + x) * 4);
/** Error of an empty grid. */
const EMPTY = data.reduce((sum, value) => sum + value * value, 0) / data.length;

/** Strict kernels and the networks give the same bits on every machine. */
const strict = (threads: number) => createEngine({ threads, kernels: "strict" });

async function trained(engine: Engine, sets: readonly string[]) {
  const config: ReinforcementConfig = resolveReinforcementConfig({ sets: [...tiny, ...sets] });
  const trainer = await createReinforcement({ engine, config, target });
  const events = [];
  for await (const event of trainer.run()) events.push(event);
  return { events, trainer };
}

describe("createReinforcement", () => {
  // Seven digits leave room for a change of what is computed, and for one of how jax-js adds: fused, unless it was first used in
  // this process before an engine had V8 allow that.
  it.each([
    ["pixels", [], 0.08056879136920539, 0.013352323789149523],
    ["latent", latent, 0.07072960944046346, 0.015138015616685152],
  ])("with a critic of %s reaches known losses", async (_sees, sets, loss, criticLoss) => {
    const { events } = await trained(await strict(0), sets);
    const last = events.at(-1)!;
    const mean = events.slice(-20).reduce((sum, event) => sum + event.loss, 0) / 20;
    expect(mean).toBeLessThan(0.75 * EMPTY);
    expect([last.loss, last.criticLoss]).toEqual([loss, criticLoss].map((known) => expect.closeTo(known, 7)));
  });

  it("same seed, same bits, whatever the number of threads", async () => {
    const runs = [];
    for (const threads of [0, 1, 2]) {
      const engine = await strict(threads);
      const { events, trainer } = await trained(engine, [...latent, "training.steps=6"]);
      const { tensors } = await trainer.save();
      await engine.dispose();
      runs.push({ events: events.map((event) => ({ ...event, seconds: 0 })), tensors });
    }
    expect(runs[0].events).toHaveLength(6);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});
