import * as z from "zod/mini";
import { fieldAt, mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import { whole } from "../../config/fields.ts";
import { DRAWN, EXAMPLES, MIN_WIDTH, SYMBOLS } from "../../data/rowPuzzles.ts";
import type { PictureRule } from "../../model/pictureRule.ts";
import { isWithinChannels, readoutSchema } from "../../model/readout.ts";
import { seedCellSchema } from "../../model/startSchema.ts";
import { ruleChecks, ruleFields } from "../../rule/schema.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import type { Choices } from "../experiment.ts";

/** The channel that is 1 in every cell, so that cells see where the row ends. */
export const HERE = 0;
/** Rows that cells are shown beside the question: the inputs and outputs of all examples. */
export const SHOWN = 2 * EXAMPLES;

/** Channels that are pinned: {@link HERE}, and the embedded colours of the rows that are shown. */
export function pinnedChannels(embedding: number): number {
  return 1 + SHOWN * embedding;
}

const rowRuleSchema = z.strictObject({ ...ruleFields, image: readoutSchema, seed: seedCellSchema }).check(
  ...ruleChecks,
  z.refine(({ axes }) => axes === 1, { path: ["axes"], error: "must be 1: puzzles are rows" }),
  z.refine(({ inputSize }) => inputSize === 0, {
    path: ["inputSize"],
    error: "must be 0: cells are given a puzzle, and no input",
  }),
  z.refine(({ image }) => image.classes?.count === SYMBOLS, {
    path: ["image", "classes"],
    error: `must say which ${SYMBOLS} channels hold the scores of the colours`,
  }),
  z.refine((rule) => isWithinChannels(rule.image, rule), {
    path: ["image"],
    error: "must lie within the channels",
  }),
);

/** Everything that a run depends on, as plain JSON. */
export const arcConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    data: z.strictObject({
      /** `drawn`, or a folder in the form of 1D-ARC. */
      source: z.string().check(z.minLength(1)),
      /** Cells of a row. */
      width: whole(MIN_WIDTH, 512),
    }),
    /** Numbers that a colour becomes in the rows that cells are shown; learned along. */
    embedding: whole(1, 5),
    rule: rowRuleSchema,
    training: z.strictObject({ ...bpttFields, loss: z.strictObject(placementFields) }),
  })
  .check(
    z.refine(
      ({ rule, embedding }) =>
        rule.pinned?.length === pinnedChannels(embedding) && rule.pinned.every((channel, i) => channel === i),
      { path: ["rule", "pinned"], error: "must be the first channels, 1 and those of the embedded rows" },
    ),
    z.refine(({ rule }) => (rule.image.classes?.offset ?? 0) >= (rule.pinned?.length ?? 0), {
      path: ["rule", "image", "classes"],
      error: "must not be pinned",
    }),
  );
/** Everything that a run depends on, as plain JSON. */
export type ArcConfig = Readonly<z.infer<typeof arcConfigSchema>>;

/** Channels that are the cells' own. */
const HIDDEN = 19;

/** A cell, and its neighbours to the left and right, as they are: the first layer is a convolution. */
const convolution = [-1, 0, 1].map((offset) => ({ taps: [{ offset: [offset], weight: 1 }] }));

/** @param embedding numbers of an embedded colour. */
function arcRule(embedding: number): PictureRule {
  const shown = pinnedChannels(embedding);
  const channels = shown + HIDDEN + SYMBOLS;
  return {
    axes: 1,
    channels,
    kernels: convolution,
    boundary: "zero",
    hidden: [128],
    inputSize: 0,
    outputBias: true,
    alive: { mask: "none", channel: HERE, threshold: 0.1 },
    fireRate: 1,
    stepSize: 1,
    pinned: Array.from({ length: shown }, (_, channel) => channel),
    image: {
      offset: HERE,
      channels: 1,
      premultiplied: false,
      classes: { offset: channels - SYMBOLS, count: SYMBOLS },
    },
    seed: { from: HERE, to: 1 },
  };
}

export function arcDefaults(embedding = 3): ArcConfig {
  return arcConfigSchema.parse({
    seed: 0,
    data: { source: DRAWN, width: 32 },
    embedding,
    rule: arcRule(embedding),
    training: {
      steps: 16000,
      batch: 16,
      rollout: [32, 40],
      learningRate: 2e-3,
      schedule: { kind: "cosine", final: 0.02 },
      warmup: 20,
      optimizer: { kind: "muon" },
      gradient: { normalize: true, clip: null },
      loss: { placement: "last" },
    },
  });
}

/** The complete configuration of a run. @throws UserError naming the faulty field, its value and what is allowed. */
export function resolveArcConfig(choices: Choices = {}): ArcConfig {
  const changes = withChanges({}, choices);
  const embedding = fieldAt(changes, "embedding");
  const known =
    typeof embedding === "number" && Number.isInteger(embedding) && embedding > 0 && embedding <= 5;
  return parseConfig(arcConfigSchema, mergeConfig(arcDefaults(known ? embedding : undefined), changes));
}
