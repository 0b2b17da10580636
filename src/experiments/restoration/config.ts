import * as z from "zod/mini";
import { fieldAt, mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import { between, whole } from "../../config/fields.ts";
import { HANDWRITING } from "../../data/handwriting.ts";
import { type PictureRule, pictureRuleSchema } from "../../model/pictureRule.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { poolChecks, poolSchema } from "../../train/memory/pool.ts";
import type { Choices } from "../experiment.ts";
import { corruptionKinds } from "./corruption.ts";

/** `denoise`: pictures under noise; `complete`: pictures of which pixels are missing. */
export type Restoration = "denoise" | "complete";

/** Everything that a run depends on, as plain JSON. */
export const restorationConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    data: z.strictObject({
      /** `handwriting`, or a folder of MNIST's files or of pictures. */
      source: z.string().check(z.minLength(1)),
      /** Sides of a picture, and of the grid, in cells. */
      size: whole(8, 128),
      /** 1: grey; 4: RGBA, not premultiplied. */
      channels: z.union([z.literal(1), z.literal(4)]),
    }),
    /** How pictures are spoilt. */
    corruption: z.strictObject({
      /** Of which one is drawn for each sample. */
      kinds: z.array(z.enum(corruptionKinds)).check(z.minLength(1)),
      /** Between which a level is drawn: 0 spoils nothing, 1 everything. */
      level: z
        .tuple([between(0, 1), between(0, 1)])
        .check(z.refine(([low, high]) => low <= high, "must be a lowest and a highest level")),
    }),
    rule: pictureRuleSchema.check(
      z.refine(({ inputSize }) => inputSize === 0, {
        path: ["inputSize"],
        error: "must be 0: cells are given a picture, and no input",
      }),
      z.refine(({ alive }) => alive.mask === "none", {
        path: ["alive", "mask"],
        error: 'must be "none": all pixels are cells that live',
      }),
    ),
    training: z
      .strictObject({
        ...bpttFields,
        loss: z.strictObject({ ...placementFields, ...penaltyFields }),
        pool: z.nullable(poolSchema),
      })
      .check(...poolChecks),
  })
  .check(
    ...penaltyChecks(),
    z.refine(({ rule, data }) => rule.image.channels === data.channels, {
      path: ["rule", "image", "channels"],
      error: "must be data.channels",
    }),
    z.refine(({ rule: { pinned = [], image } }) => isGiven(pinned, image.channels), {
      path: ["rule", "pinned"],
      error:
        "must be the first channels: those of the picture that is given, and the one that says where it is known",
    }),
    z.refine(({ rule: { image } }) => image.offset > image.channels, {
      path: ["rule", "image", "offset"],
      error: "must be behind the pinned channels",
    }),
  );
/** Everything that a run depends on, as plain JSON. */
export type RestorationConfig = Readonly<z.infer<typeof restorationConfigSchema>>;

function isGiven(pinned: readonly number[], channels: number): boolean {
  return pinned.length === channels + 1 && pinned.every((channel, i) => channel === i);
}

/** Channels beside what is given and what is made of it. */
const HIDDEN = 10;

/**
 * Cells see the picture that is given and whether it is known there, both pinned; what they make of it is in the channels
 * after that.
 */
function restorationRule(channels: 1 | 4): PictureRule {
  const given = channels + 1;
  const total = given + channels + HIDDEN;
  return {
    channels: total,
    kernels: ["identity", "sobelX", "sobelY", "laplacian"],
    boundary: "zero",
    hidden: [96],
    inputSize: 0,
    outputBias: true,
    alive: { mask: "none", channel: channels, threshold: 0.1 },
    fireRate: 0.5,
    stepSize: 1,
    pinned: Array.from({ length: given }, (_, channel) => channel),
    image: { offset: given, channels, premultiplied: false, given: 0 },
    seed: { from: 0, to: 1 },
  };
}

const corruptions = {
  denoise: { kinds: ["noise"], level: [0, 1] },
  complete: { kinds: ["scattered", "block"], level: [0.3, 0.7] },
} as const;

/** @param channels numbers a cell of the pictures holds. */
export function restorationDefaults(what: Restoration, channels: 1 | 4 = 1): RestorationConfig {
  return restorationConfigSchema.parse({
    seed: 0,
    data: { source: HANDWRITING, size: 28, channels },
    corruption: corruptions[what],
    rule: restorationRule(channels),
    training: {
      steps: 3000,
      batch: 4,
      rollout: [24, 32],
      learningRate: 4e-3,
      schedule: { kind: "cosine", final: 0.02 },
      warmup: 20,
      optimizer: { kind: "muon" },
      gradient: { normalize: true, clip: null },
      loss: { placement: "mean", every: 8, overflow: 0.02 },
      pool: { size: 128, reseed: 2 },
    },
  });
}

/** The complete configuration of a run. @throws UserError naming the faulty field, its value and what is allowed. */
export function resolveRestorationConfig(what: Restoration, choices: Choices = {}): RestorationConfig {
  const changes = withChanges({}, choices);
  const channels = fieldAt(changes, "data", "channels") === 4 ? 4 : 1;
  return parseConfig(restorationConfigSchema, mergeConfig(restorationDefaults(what, channels), changes));
}
