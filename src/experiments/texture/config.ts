import * as z from "zod/mini";
import { mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import type { PictureRule } from "../../model/pictureRule.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { textureSettings } from "../../train/loss/texture.ts";
import { poolChecks, poolSchema } from "../../train/memory/pool.ts";
import { onePictureRuleSchema } from "../picture.ts";

/** `small`: muNCA's rule; `full`: that of "Self-Organising Textures". */
export const textureModels = ["full", "small"] as const;
/** `small`: the rule of muNCA, 588 parameters; `full`: that of "Self-Organising Textures", 5,856. */
export type TextureModel = (typeof textureModels)[number];

const textureRuleSchema = onePictureRuleSchema.check(
  z.refine(({ alive }) => alive.mask === "none", {
    path: ["alive", "mask"],
    error: 'must be "none": of a texture, all cells live',
  }),
  z.refine(({ boundary }) => boundary === "wrap", {
    path: ["boundary"],
    error: 'must be "wrap": a texture has no edge',
  }),
);

/** Everything that a run depends on, as plain JSON. */
export const textureConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    model: z.enum(textureModels),
    target: z.strictObject({
      /** A material of the shelf, an emoji, or the name of a picture file. */
      source: z.string().check(z.minLength(1)),
      /** Longest side of the picture, and of the torus, in cells. */
      size: whole(16, 512),
      /** A texture has no empty cells around it. */
      padding: withDefault(z.literal(0), 0),
      /** None: nothing is planted. */
      seeds: withDefault(z.array(z.never()), []),
    }),
    rule: textureRuleSchema,
    training: z
      .strictObject({
        ...bpttFields,
        loss: z.strictObject({
          ...placementFields,
          ...penaltyFields,
          /** Middle of the range of colours that costs nothing, two wide. Runs that do not say are older than the field. */
          colourMiddle: withDefault(between(-1, 1), 0),
          /** Side of the patches that are compared, in cells. */
          patch: withDefault(z.union([z.literal(3), z.literal(5), z.literal(7)]), 5),
          /** Most levels of the pyramid, each half as large as the one before. */
          levels: withDefault(whole(1, 8), textureSettings.levels),
          /** Directions along which patches of a level are compared in a training step. */
          directions: withDefault(whole(1, 1024), textureSettings.directions),
          /** Most patches of a level that are compared in a training step. */
          patches: withDefault(whole(16, 2 ** 18), textureSettings.patches),
          /** By how much levels are sharpened before. */
          sharpness: withDefault(between(0, 100), textureSettings.sharpness),
        }),
        pool: z.nullable(poolSchema),
      })
      .check(...poolChecks),
  })
  .check(...penaltyChecks());
/** Everything that a run depends on, as plain JSON. */
export type TextureConfig = Readonly<z.infer<typeof textureConfigSchema>>;

/** What both models have in common: colours in the first three of 12 channels, a torus, no mask. */
const base: PictureRule = {
  channels: 12,
  kernels: ["identity", "sobelX", "sobelY", "laplacian"],
  boundary: "wrap",
  hidden: [96],
  inputSize: 0,
  outputBias: false,
  alive: { mask: "none", channel: 3, threshold: 0.1 },
  fireRate: 0.5,
  stepSize: 1,
  image: { offset: 0, channels: 3, premultiplied: true },
  seed: { from: 3, to: 12 },
};

/** 5,856 parameters (Niklasson et al., 2021). */
const full: PictureRule = base;

/** The Laplacian of the source, 16 times ours: of small features, weights would be learned slowly. */
const laplacianRaw = {
  taps: [1, 2, 1, 2, -12, 2, 1, 2, 1].map((weight, i) => ({
    offset: [Math.floor(i / 3) - 1, (i % 3) - 1],
    weight,
  })),
};

/** 588 parameters (Mordvintsev and Niklasson, 2021). */
const small: PictureRule = {
  ...base,
  perceive: { kind: "filter" },
  kernels: [laplacianRaw, "sobelXRaw", "sobelYRaw"],
  hidden: [],
  outputBias: true,
  fireRate: 1,
  seed: { ...base.seed, noise: 0.5 },
};

const rules: Readonly<Record<TextureModel, PictureRule>> = { full, small };

/**
 * How each trains. The small one has nothing that holds its states but what it learns: it pays more for what lies beyond, and
 * from a small pool, whose states start anew less and less often, and some never, it meets those of thousands of steps.
 */
const trainings = {
  full: {
    steps: 2400,
    learningRate: 2e-3,
    loss: { overflow: 1 },
    pool: { size: 64, reseed: 0.5 },
  },
  small: {
    steps: 2000,
    learningRate: 1e-3,
    loss: { overflow: 30, colourMiddle: 0.5 },
    pool: { size: 16, reseed: { from: 0.5, to: 0.1, over: 1200 }, kept: { share: 0.25, below: 0.5 } },
  },
} as const;

export function textureDefaults(model: TextureModel = "full"): TextureConfig {
  return textureConfigSchema.parse({
    seed: 0,
    model,
    target: { source: "bricks", size: 64 },
    rule: rules[model],
    training: {
      ...trainings[model],
      batch: 2,
      rollout: [32, 64],
      schedule: { kind: "cosine", final: 0.02 },
      warmup: 20,
      optimizer: { kind: "adam" },
      gradient: { normalize: true, clip: null },
    },
  });
}

/** What a configuration is resolved from; all else is the default of the model. */
export type TextureChoices = Readonly<{
  model?: TextureModel | undefined;
  /** Any part of a configuration, which wins over the defaults. */
  overrides?: unknown;
  /** Settings as `training.learningRate=1e-3`, which win over everything else, the last one first. */
  sets?: readonly string[] | undefined;
}>;

/** The complete configuration of a run. @throws UserError naming the faulty field, its value and what is allowed. */
export function resolveTextureConfig({ model, ...choices }: TextureChoices = {}): TextureConfig {
  const changes = withChanges({}, choices);
  const asked = z.object({ model: z.enum(textureModels) }).safeParse(changes).data?.model;
  return parseConfig(textureConfigSchema, mergeConfig(textureDefaults(model ?? asked), changes));
}
