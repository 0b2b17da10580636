import * as z from "zod/mini";
import { fieldAt, mergeConfig, parseConfig, withChanges } from "../../config/config.ts";
import { whole, withDefault } from "../../config/fields.ts";
import { picturePresets } from "../../model/presets.ts";
import { MAX_GOALS } from "../../model/start.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { poolChecks, poolSchema } from "../../train/memory/pool.ts";
import type { Choices } from "../experiment.ts";
import { isPretrained } from "../growing/pretrained.ts";
import { colourRuleSchema } from "../picture.ts";

/** Everything that a run depends on, as plain JSON. */
export const transformConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: z.strictObject({
      /** Emoji, or names of picture files, in pairs: what cells start from, and what that becomes. */
      source: z
        .array(z.string().check(z.minLength(1)))
        .check(
          z.refine(
            (source) => source.length >= 2 && source.length % 2 === 0 && source.length <= 2 * MAX_GOALS,
            `must name pictures in pairs, from 1 to ${MAX_GOALS}: what cells start from, and what that becomes`,
          ),
        ),
      /** Longest side of a picture in cells. */
      size: whole(4, 512),
      /** Empty cells around it. */
      padding: whole(0, 256),
      /** None: nothing is planted. */
      seeds: withDefault(z.array(z.never()), []),
    }),
    /** The parameters that training begins with: fresh ones, or those of `growing/pretrained.ts`. */
    initial: z.enum(["random", "pretrained"]),
    rule: colourRuleSchema,
    training: z
      .strictObject({
        ...bpttFields,
        loss: z.strictObject({ ...placementFields, ...penaltyFields }),
        pool: z.nullable(poolSchema),
      })
      .check(...poolChecks),
  })
  .check(
    z.refine(({ initial, rule }) => initial === "random" || isPretrained(rule), {
      path: ["initial"],
      error: "must be random: the rule is not the one of the pretrained automaton",
    }),
    z.refine(({ target, rule }) => rule.inputSize === inputsFor(target.source.length / 2), {
      path: ["rule", "inputSize"],
      error: "must be the number of pairs, or 0 of one: each is called for by one number of the input",
    }),
    ...penaltyChecks(),
  );
/** Everything that a run depends on, as plain JSON. */
export type TransformConfig = Readonly<z.infer<typeof transformConfigSchema>>;

/** Numbers of the input that calls for one of so many pairs. */
function inputsFor(pairs: number): number {
  return pairs === 1 ? 0 : pairs;
}

/** @param pairs how many, which are yet to be named. @param begin what training of one begins with. */
export function transformDefaults(
  pairs = 1,
  begin: TransformConfig["initial"] = "pretrained",
): TransformConfig {
  const several = pairs > 1;
  return transformConfigSchema.parse({
    seed: 0,
    target: {
      source: Array.from({ length: pairs }, () => ["🦎", "🦋"]).flat(),
      size: 32,
      padding: 6,
    },
    initial: several ? "random" : begin,
    rule: several
      ? { ...picturePresets.distill, channels: 32, hidden: [256], inputSize: pairs }
      : picturePresets.distill,
    training: {
      steps: several ? 2500 : 1200,
      batch: several ? 4 : 2,
      rollout: { from: [32, 40], to: [48, 64], over: 300 },
      learningRate: 6e-3,
      schedule: { kind: "cosine", final: 0.02 },
      warmup: 20,
      optimizer: { kind: "muon" },
      gradient: { normalize: true, clip: null },
      loss: { overflow: 0.02, coordinates: several ? 0 : 1 },
      average: several ? null : 0.99,
      pool: { size: several ? 256 : 64 },
    },
  });
}

/** The complete configuration of a run. @throws UserError naming the faulty field, its value and what is allowed. */
export function resolveTransformConfig(choices: Choices = {}): TransformConfig {
  const changes = withChanges({}, choices);
  const source = fieldAt(changes, "target", "source");
  const pairs = Array.isArray(source) ? Math.min(Math.max(1, source.length >> 1), MAX_GOALS) : 1;
  const from = (begin?: TransformConfig["initial"]) => mergeConfig(transformDefaults(pairs, begin), changes);
  const merged = from();
  const begins = fieldAt(merged, "initial") !== "random" && isPretrained(fieldAt(merged, "rule"));
  return parseConfig(
    transformConfigSchema,
    begins ? merged : mergeConfig(transformDefaults(pairs, "random"), changes),
  );
}
