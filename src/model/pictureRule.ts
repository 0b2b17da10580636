/**
 * A rule with what belongs to its conventions: how its states are looked at and what a seed cell holds. So presets and the
 * configurations of experiments have it; what computes takes the parts.
 */
import * as z from "zod/mini";
import type { Frozen, Rule } from "../rule/rule.ts";
import { ruleChecks, ruleFields } from "../rule/schema.ts";
import { isWithinChannels, type Readout, readoutSchema } from "./readout.ts";
import { isCellWithinChannels } from "./seed.ts";
import { seedCellSchema } from "./startSchema.ts";
import { channelsOfCoordinates, type GivenCoordinates, ONE_SEED, type Seeds, type Start } from "./start.ts";

export const pictureRuleSchema = z
  .strictObject({
    ...ruleFields,
    /** `Readout`. */
    image: readoutSchema,
    /** `SeedCell`. */
    seed: seedCellSchema,
  })
  .check(
    z.refine(({ axes = 2 }) => axes === 2, {
      path: ["axes"],
      error: "must be 2: pictures have rows and columns",
    }),
    ...ruleChecks,
    z.refine((rule) => isWithinChannels(rule.image, rule), {
      path: ["image"],
      error: "must lie within the channels",
    }),
    z.refine((rule) => isCellWithinChannels(rule.seed, rule), {
      path: ["seed"],
      error: "must be a non-empty range within the channels",
    }),
  );
/**
 * A rule with where its picture lies and what a seed is: conventions as configurations have them. `splitRule` takes it
 * apart.
 */
export type PictureRule = Frozen<z.infer<typeof pictureRuleSchema>>;

/** The parts of a model that are conventions. */
export type Conventions = Readonly<{ rule: Rule; readout: Readout; start: Start }>;

/**
 * Takes the conventions of a configuration apart, as models keep them.
 *
 * @param seeds where they lie; default {@link ONE_SEED}.
 * @param coordinates that cells are given, whose channels the rule then pins; default none.
 *
 * @example
 * ```ts
 * import { picturePresets, splitRule } from "neoblast";
 *
 * const { rule, readout, start } = splitRule({ ...picturePresets.distill, hidden: [64], fireRate: 1 });
 * console.log(rule.hidden, rule.fireRate); // [ 64 ] 1
 * console.log(readout); // { offset: 0, channels: 4, premultiplied: true }
 * console.log(start.seeds); // [ [ 0, 0 ] ]
 * ```
 */
export function splitRule(
  { image, seed, ...rule }: PictureRule,
  seeds: Seeds = ONE_SEED,
  coordinates?: GivenCoordinates,
): Conventions {
  const start = { seeds, cell: seed };
  if (!coordinates) return { rule, readout: image, start };
  const pinned = [...new Set([...(rule.pinned ?? []), ...channelsOfCoordinates(coordinates)])].toSorted(
    (a, b) => a - b,
  );
  return { rule: { ...rule, pinned }, readout: image, start: { ...start, coordinates } };
}

/** Undoes {@link splitRule}, but for where seeds lie, and coordinates. */
export function joinRule({ rule, readout, start }: Conventions): PictureRule {
  return { ...rule, image: readout, seed: start.cell };
}
