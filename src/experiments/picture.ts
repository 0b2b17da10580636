/** What experiments that grow pictures from one cell have in common. */
import * as z from "zod/mini";
import type { Grid } from "../rule/rule.ts";
import { ruleSchema } from "../rule/schema.ts";
import { whole } from "../train/fields.ts";

/** Most pictures that one automaton learns. */
export const MAX_GOALS = 64;

/** An emoji, or the name of a picture file. */
const sourceSchema = z.string().check(z.minLength(1));

const gridFields = {
  /** Longest side of the picture in cells. */
  size: whole(4, 512),
  /** Empty cells around it. */
  padding: whole(0, 256),
};

export const pictureTargetSchema = z.strictObject({ source: sourceSchema, ...gridFields });
export type PictureTarget = Readonly<z.infer<typeof pictureTargetSchema>>;

/** One picture; or several, which an input calls for, all on one grid. */
export const goalTargetSchema = z.strictObject({
  source: z
    .union([sourceSchema, z.array(sourceSchema)])
    .check(
      z.refine(
        (source) => typeof source === "string" || (source.length > 1 && source.length <= MAX_GOALS),
        `must name from 2 to ${MAX_GOALS} pictures where it is a list`,
      ),
    )
    .check(
      z.refine(
        (source) => typeof source === "string" || new Set(source).size === source.length,
        "must not name a picture twice",
      ),
    ),
  ...gridFields,
});
export type GoalTarget = Readonly<z.infer<typeof goalTargetSchema>>;

/** The targets of each picture by itself. */
export function pictureTargets({ source, ...grid }: GoalTarget): PictureTarget[] {
  return [source].flat().map((each) => ({ source: each, ...grid }));
}

/** A rule that can grow pictures in colour. */
export const colourRuleSchema = ruleSchema.check(
  z.refine(({ image }) => image.channels > 1, {
    path: ["image", "channels"],
    error: "must be 3 or 4: the target is in colour",
  }),
);

/** A rule that can grow one picture in colour. */
export const pictureRuleSchema = colourRuleSchema.check(
  z.refine(({ inputSize }) => inputSize === 0, {
    path: ["inputSize"],
    error: "must be 0: growing one picture gives cells no input",
  }),
);

/** Grid of a target: the picture and its padding. */
export function pictureGrid({ size, padding }: Pick<PictureTarget, "size" | "padding">): Grid {
  const side = size + 2 * padding;
  return [side, side];
}
