import * as z from "zod/mini";
import { fieldAt, mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import { whole } from "../../config/fields.ts";
import { HANDWRITING } from "../../data/handwriting.ts";
import { isLabelled, kindsOf, type Labelled, type PictureSet } from "../../data/pictureSet.ts";
import { UserError } from "../../errors.ts";
import { type PictureRule, pictureRuleSchema } from "../../model/pictureRule.ts";
import { neighbourOffsets } from "../../rule/kernels.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { poolChecks, poolSchema } from "../../train/memory/pool.ts";

/** Everything that a run depends on, as plain JSON. */
export const classificationConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    data: z.strictObject({
      /** `handwriting`, or a folder of MNIST's files or of pictures in a subfolder for each class. */
      source: z.string().check(z.minLength(1)),
      /** Sides of a picture, and of the grid, in cells. */
      size: whole(8, 128),
      /** 1: grey; 4: RGBA, not premultiplied. */
      channels: z.union([z.literal(1), z.literal(4)]),
    }),
    rule: pictureRuleSchema.check(
      z.refine(({ inputSize }) => inputSize === 0, {
        path: ["inputSize"],
        error: "must be 0: cells are given a picture, and no input",
      }),
      z.refine(({ image }) => image.classes !== undefined, {
        path: ["image", "classes"],
        error: "must say which channels hold the scores of the classes",
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
  );
/** Everything that a run depends on, as plain JSON. */
export type ClassificationConfig = Readonly<z.infer<typeof classificationConfigSchema>>;

/** Channels beside the picture and the scores. */
const HIDDEN = 9;
/** As many as digits. */
const CLASSES = 10;

/** A kernel for each cell of a neighbourhood of 3 x 3, so that the first layer is a convolution. */
const convolution = neighbourOffsets(2, 1).map((offset) => ({ taps: [{ offset: [...offset], weight: 1 }] }));

/**
 * The rule of the article: the picture is pinned, and the channels beside it, of which the last hold the scores, are
 * changed by a convolution of 3 x 3 cells and two layers of one cell each, where there is ink alone.
 */
function classificationRule(channels: 1 | 4): PictureRule {
  const pinned = Array.from({ length: channels }, (_, channel) => channel);
  return {
    channels: channels + HIDDEN + CLASSES,
    kernels: convolution,
    boundary: "zero",
    hidden: [80, 80],
    inputSize: 0,
    outputBias: true,
    alive: { mask: "both", channel: channels - 1, threshold: 0.1, reach: 0 },
    fireRate: 0.5,
    stepSize: 1,
    noise: 0.02,
    pinned,
    image: {
      offset: 0,
      channels,
      premultiplied: false,
      classes: { offset: channels + HIDDEN, count: CLASSES },
    },
    seed: { from: 0, to: channels },
  };
}

/** @param channels numbers a cell of the pictures holds. */
export function classificationDefaults(channels: 1 | 4 = 1): ClassificationConfig {
  return classificationConfigSchema.parse({
    seed: 0,
    data: { source: HANDWRITING, size: 28, channels },
    rule: classificationRule(channels),
    training: {
      steps: 8000,
      batch: 16,
      rollout: [20, 20],
      learningRate: 4e-3,
      schedule: { kind: "cosine", final: 0.02 },
      warmup: 20,
      optimizer: { kind: "muon" },
      gradient: { normalize: true, clip: null },
      loss: { placement: "mean", every: 5 },
      pool: { size: 1024, reseed: 4, switched: 4 },
    },
  });
}

/**
 * The complete configuration of a run. Where its pictures have colours, its rule has them by default, too.
 *
 * @throws UserError naming the faulty field, its value and what is allowed.
 */
export function resolveClassificationConfig(
  choices: Readonly<{
    /** Any part of a configuration, which wins over the defaults. */
    overrides?: unknown;
    /** Settings as `training.learningRate=1e-3`, which win over everything else, the last one first. */
    sets?: readonly string[] | undefined;
  }> = {},
): ClassificationConfig {
  const changes = withChanges({}, choices);
  const defaults = classificationDefaults(fieldAt(changes, "data", "channels") === 4 ? 4 : 1);
  return parseConfig(classificationConfigSchema, mergeConfig(defaults, changes));
}

/** Pictures whose labels are known. @throws UserError (exit status 2) where they are not. */
export function labelled(pictures: PictureSet, source: string): Labelled {
  if (isLabelled(pictures)) return pictures;
  throw new UserError(
    `nobody says what the pictures of ${source} show: give MNIST's files with their labels, or a folder with a subfolder for each class`,
    { exitCode: 2 },
  );
}

/**
 * A configuration whose rule has a channel for the score of each class of the pictures, and their names.
 *
 * @throws UserError (exit status 2) for pictures without labels, or of more classes than cells have channels for.
 */
export function fitClassificationConfig(
  config: ClassificationConfig,
  pictures: PictureSet,
): ClassificationConfig {
  const names = [...kindsOf(labelled(pictures, config.data.source))];
  const { rule } = config;
  const classes = rule.image.classes!;
  const fitted = {
    ...rule,
    channels: rule.channels + names.length - classes.count,
    image: { ...rule.image, classes: { ...classes, count: names.length, names } },
  };
  const result = classificationConfigSchema.safeParse({ ...config, rule: fitted });
  if (result.success) return result.data;
  throw new UserError(
    `the pictures of ${config.data.source} are of ${names.length} kinds, and cells have no channels for so many scores; take fewer`,
    { exitCode: 2 },
  );
}
