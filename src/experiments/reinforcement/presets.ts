/** Where a reinforcement run begins. */
import type * as z from "zod/mini";
import { type DeepPartial, parseConfig, withChanges } from "../../config/config.ts";
import type { PictureRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { ONE_SEED } from "../../model/start.ts";
import {
  type ReinforcementConfig,
  reinforcementConfigSchema,
  type ReinforcementPreset,
} from "./reinforcement.ts";

type Training = z.input<typeof reinforcementConfigSchema>["training"];
type Preset = Readonly<{ target: ReinforcementConfig["target"]; rule: PictureRule; training: Training }>;

const adam = { kind: "adam" } as const;

/** An autoencoder for two processor cores, for a critic that sees its latents. */
export const SMALL_AUTOENCODER: NonNullable<Training["autoencoder"]> = {
  features: [16, 32, 32],
  hidden: 128,
  latent: 16,
  learningRate: 1e-3,
  schedule: { kind: "constant" },
  warmup: 0,
  optimizer: adam,
  gradient: { normalize: false, clip: 100 },
};

const small: Preset = {
  target: { source: "🦎", size: 24, padding: 8, seeds: "picture" },
  rule: picturePresets.distill,
  training: {
    steps: 4000,
    batch: 8,
    horizon: 16,
    every: 4,
    learningRate: 3e-3,
    schedule: { kind: "cosine", final: 0.02 },
    warmup: 20,
    optimizer: { kind: "muon" },
    gradient: { normalize: true, clip: null },
    loss: { overflow: 0.02 },
    reward: { kind: "decrease", scale: 10 },
    discount: 0.997,
    returns: { kind: "lambda", lambda: 0.95 },
    memory: { kind: "buffer", size: 1024, reseed: 1, every: 4 },
    critic: {
      sees: "pixels",
      relative: true,
      features: [8, 16, 16],
      pooling: "mean",
      hidden: 64,
      output: "linear",
      learningRate: 1e-3,
      schedule: { kind: "constant" },
      warmup: 0,
      optimizer: adam,
      gradient: { normalize: false, clip: 1 },
      updates: 1,
      follow: 0.05,
      trust: 0.3,
      bootstrap: { from: 0, to: 1, over: 200 },
    },
    autoencoder: null,
  },
};

/** Number 63 of CAX, "Growing Neural Cellular Automata with Reinforcement Learning". */
const caxRl: Preset = {
  target: { source: "🦎", size: 40, padding: 16, seeds: ONE_SEED },
  rule: picturePresets.cax,
  training: {
    steps: 16_384,
    batch: 32,
    horizon: 64,
    learningRate: 3e-3,
    schedule: { kind: "cosine", final: 0.02 },
    warmup: 200,
    optimizer: adam,
    gradient: { normalize: true, clip: 0.5 },
    loss: {},
    reward: { kind: "error" },
    discount: 0.999,
    returns: { kind: "lambda", lambda: 0.95 },
    memory: { kind: "pool", size: 1024, reseed: 16 },
    critic: {
      sees: "state",
      features: [32, 64, 128],
      pooling: "mean",
      hidden: 128,
      output: "negative",
      learningRate: 3e-4,
      schedule: { kind: "constant" },
      warmup: 0,
      optimizer: adam,
      gradient: { normalize: false, clip: 1 },
      updates: 4,
      follow: 0.05,
      bootstrap: { from: 0, to: 1, over: 200 },
    },
    autoencoder: null,
  },
};

const draftOptimiser = {
  learningRate: 1e-3,
  schedule: { kind: "linear", final: 0.1, over: 50_000 },
  warmup: 0,
  optimizer: adam,
  gradient: { normalize: false, clip: 1 },
} as const;

/** The notebook that CAX never finished, with its 108 million numbers. */
const caxDraft: Preset = {
  target: { source: "🦎", size: 40, padding: 16, seeds: ONE_SEED },
  rule: picturePresets.cax,
  training: {
    steps: 8192,
    batch: 8,
    horizon: 16,
    ...draftOptimiser,
    loss: {},
    reward: { kind: "decrease" },
    discount: 0.997,
    returns: { kind: "lambda", lambda: 0.95 },
    memory: { kind: "buffer", size: 10_024 },
    critic: {
      sees: "pixels",
      features: [16, 16],
      pooling: "flatten",
      hidden: 128,
      output: "linear",
      ...draftOptimiser,
    },
    autoencoder: { features: [32, 32], hidden: null, latent: 8, ...draftOptimiser },
  },
};

const PRESETS: Readonly<Record<ReinforcementPreset, Preset>> = {
  small,
  "cax-rl": caxRl,
  "cax-draft": caxDraft,
};

/** Default configuration of a preset. */
export function reinforcementDefaults(preset: ReinforcementPreset = "small"): ReinforcementConfig {
  return reinforcementConfigSchema.parse({ seed: 0, preset, ...PRESETS[preset] });
}

/** What a configuration is resolved from; all else is the preset's. */
export type ReinforcementChoices = Readonly<{
  preset?: ReinforcementPreset | undefined;
  /** Any part of a configuration, which wins over the defaults. */
  overrides?: DeepPartial<ReinforcementConfig> | undefined;
  /** Settings as `training.horizon=8`, which win over everything else, the last one first. */
  sets?: readonly string[] | undefined;
}>;

/**
 * The complete configuration of a reinforcement run.
 * @throws UserError naming the faulty field, its value and what is allowed.
 */
export function resolveReinforcementConfig({
  preset,
  ...choices
}: ReinforcementChoices = {}): ReinforcementConfig {
  return parseConfig(reinforcementConfigSchema, withChanges(reinforcementDefaults(preset), choices));
}
