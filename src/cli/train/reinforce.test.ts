import { describe, expect, it } from "vitest";
import { parseConfig } from "../../config/config.ts";
import { reinforce, type ReinforcementValues } from "../../experiments/reinforcement/experiment.ts";
import {
  type ReinforcementConfig,
  reinforcementConfigSchema,
  type ReinforcementPreset,
} from "../../experiments/reinforcement/reinforcement.ts";
import { checkUnchanged, resolveSettings } from "./settings.ts";

type Options = ReinforcementValues & { preset?: ReinforcementPreset };

const wordsOf = (options: Options) => ({ args: [], options: { threads: 1, checkpointEvery: 0, ...options } });

/** The configuration that options and a file ask for. */
function asked(options: Options, training?: object) {
  const file = training && { path: "some.json", overrides: { training } };
  const config = resolveSettings(reinforce, wordsOf(options), { file, start: undefined });
  return parseConfig(reinforcementConfigSchema, config);
}

/** Checks options on resuming a run of this configuration. */
function resume(config: ReinforcementConfig, options: Options): void {
  const engine = { name: "wasm", build: "strict", threads: 1 } as const;
  const picture = { name: "lizard", description: "a lizard" };
  const record = { version: "1.0.0", experiment: reinforce.name, engine, picture, config };
  checkUnchanged(reinforce, record, wordsOf(options), "run");
}

const trainingOf = (...words: Parameters<typeof asked>) => asked(...words).training;
const criticOf = (...words: Parameters<typeof asked>) => trainingOf(...words).critic;

describe("options of neoblast reinforce", () => {
  it("leave to the preset what they do not name", () => {
    expect(asked({})).toEqual(reinforce.resolve({}));
    const words = { preset: "cax-rl", returns: "n-step", buffer: 64 } as const;
    const preset = reinforce.resolve({ presets: { preset: "cax-rl" } }).training;
    expect(trainingOf(words)).toEqual({
      ...preset,
      returns: { kind: "n-step" },
      memory: { ...preset.memory, size: 64 },
    });
  });

  it("leave to a file what they do not name", () => {
    const file = {
      reward: { scale: 5 },
      returns: { kind: "lambda", lambda: 0.5 },
      memory: { every: 2 },
      every: 3,
      critic: { hidden: 32 },
      autoencoder: { latent: 4 },
    };
    const words = { reward: "error", returns: "lambda", buffer: 500, horizon: 9, critic: "latent" } as const;
    expect(trainingOf(words, file)).toMatchObject({
      reward: { kind: "error", scale: 5 },
      returns: { kind: "lambda", lambda: 0.5 },
      memory: { kind: "buffer", size: 500, every: 2 },
      every: 3,
      critic: { sees: "latent", hidden: 32 },
      autoencoder: { latent: 4, hidden: 128 },
    });
  });

  it.each([
    [16, 4],
    [10, 2],
    [9, 3],
    [7, 1],
    [3, 3],
    [1, 1],
  ])("--horizon %i: each %i-th state is judged, by the largest divisor up to 4", (horizon, every) => {
    expect(trainingOf({ horizon }).every).toBe(every);
  });

  it("a critic of latent vectors gets an autoencoder, and sees no difference", () => {
    const { critic, autoencoder } = trainingOf({ critic: "latent" });
    expect([critic?.relative, autoencoder?.latent]).toEqual([false, 16]);
    expect(trainingOf({ critic: "state" })).toMatchObject({
      critic: { relative: true },
      autoencoder: null,
    });
    const draft = trainingOf({ preset: "cax-draft", critic: "latent" });
    expect(draft.autoencoder).toEqual(trainingOf({ preset: "cax-draft" }).autoencoder);
  });

  it("a decrease as reward needs a critic whose values can be above 0", () => {
    expect(criticOf({ preset: "cax-rl" })?.output).toBe("negative");
    expect(criticOf({ preset: "cax-rl", reward: "decrease" })?.output).toBe("linear");
  });

  it("a smaller batch starts from the seed in half its samples at most", () => {
    const reseeds = [32, 16, 8, 1].map((batch) => trainingOf({ preset: "cax-rl", batch }).memory.reseed);
    expect(reseeds).toEqual([16, 8, 4, 1]);
    expect(trainingOf({ batch: 2 }).memory.reseed).toBe(1);
  });

  it("take the critic away, and bring it back", () => {
    const without = { critic: null, autoencoder: null };
    expect(trainingOf({ critic: "none", reward: "decrease" })).toMatchObject(without);
    expect(trainingOf({ reward: "decrease" }, { critic: null })).toMatchObject(without);
    expect(criticOf({ critic: "state" }, { critic: null })).toEqual({ ...criticOf({}), sees: "state" });
  });

  it.each<[Options, object]>([
    [{}, {}],
    [{ horizon: 10, batch: 4, buffer: 200, reward: "error", discount: 0.9 }, {}],
    [{ critic: "latent", lambda: 0.5 }, { autoencoder: { latent: 4 } }],
    [{ critic: "none" }, {}],
    [{ preset: "cax-rl", reward: "decrease", batch: 8 }, {}],
    [{ preset: "cax-draft", returns: "n-step", critic: "latent" }, {}],
    [{ batch: 8 }, { memory: { reseed: 8 } }],
  ])("%j on resuming what was begun so are no change", (options, file) => {
    expect(() => resume(asked(options, file), options)).not.toThrow();
  });

  it("a run without a critic does not get one on resuming", () => {
    const config = asked({ critic: "none" });
    expect(() => resume(config, { critic: "pixels" })).toThrow(/so training\.critic cannot change/);
    expect(() => resume(config, { lambda: 0.95 })).toThrow(/^--lambda is about what a critic learns/);
    expect(() => resume(config, { horizon: 10 })).toThrow(/so training\.horizon cannot change/);
  });
});
