import * as z from "zod/mini";
import { HANDWRITING } from "../../data/handwriting.ts";
import type { PictureRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { highest } from "../../train/ramp.ts";
import { type DeepPartial, mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import { COORDINATES, type DigitsConfig, digitsConfigSchema } from "./digits.ts";

/** What a configuration is resolved from; all else is the default. */
export type DigitsChoices = Readonly<{
  /** Any part of a configuration, which wins over the defaults. */
  overrides?: DeepPartial<DigitsConfig> | undefined;
  /** Settings as `training.learningRate=1e-3`, which win over everything else, the last one first. */
  sets?: readonly string[] | undefined;
}>;

/**
 * CAX's conventions: the picture in the last channels, its last the one that keeps cells alive. The first two hold where a cell
 * is: without them, digits slide as they grow old.
 */
function digitsRule(channels: 1 | 4): PictureRule {
  const last = { from: 31, to: 32 };
  return {
    ...picturePresets.cax,
    channels: 32,
    hidden: [256],
    inputSize: 8,
    alive: { mask: "both", channel: last.from, threshold: 0.1 },
    pinned: [...COORDINATES],
    image: { offset: 32 - channels, channels, premultiplied: false },
    seed: last,
  };
}

/** @param channels numbers a cell of the pictures holds. */
export function digitsDefaults(channels: 1 | 4 = 1): DigitsConfig {
  return digitsConfigSchema.parse({
    seed: 0,
    data: { source: HANDWRITING, size: 28, channels },
    encoder: { features: [32, 32], noise: 0 },
    rule: digitsRule(channels),
    training: {
      steps: 6000,
      batch: 8,
      rollout: [48, 48],
      learningRate: 1e-3,
      schedule: { kind: "linear", final: 0.1 },
      warmup: 0,
      optimizer: { kind: "adam" },
      gradient: { normalize: false, clip: 1 },
      loss: { placement: "random" },
      pool: { size: 1024, switched: 3 },
    },
  });
}

/**
 * The complete configuration of a run. Where its pictures have colours, its rule has them by default, too; where beta is
 * above 0, latent vectors are spread by noise; and a small batch switches fewer goals.
 *
 * @throws UserError naming the faulty field, its value and what is allowed.
 */
export function resolveDigitsConfig(choices: DigitsChoices = {}): DigitsConfig {
  const changes = withChanges({}, choices);
  const asked = askedSchema.safeParse(changes).data;
  const defaults = digitsDefaults(asked?.data?.channels === 4 ? 4 : 1);
  const { pool } = defaults.training;
  const mostSwitched = Math.max(0, Math.min(highest(pool.switched), (asked?.training?.batch ?? 8) - 1));
  const derived = {
    encoder: { noise: (asked?.encoder?.beta ?? 0) > 0 ? 1 : 0 },
    training: { pool: { switched: mostSwitched } },
  };
  return parseConfig(digitsConfigSchema, [derived, changes].reduce(mergeConfig, defaults));
}

/** What defaults depend on. */
const askedSchema = z.object({
  data: z.optional(z.object({ channels: z.catch(z.optional(z.number()), undefined) })),
  encoder: z.optional(z.object({ beta: z.catch(z.optional(z.number()), undefined) })),
  training: z.optional(z.object({ batch: z.catch(z.optional(z.number()), undefined) })),
});
