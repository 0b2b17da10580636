/** What experiments that grow one picture from one cell have in common. */
import * as z from "zod/mini";
import type { Grid } from "../rule/rule.ts";
import { ruleSchema } from "../rule/schema.ts";
import { whole } from "../train/fields.ts";

export const pictureTargetSchema = z.strictObject({
  /** An emoji, or the name of a picture file. */
  source: z.string().check(z.minLength(1)),
  /** Longest side of the picture in cells. */
  size: whole(4, 512),
  /** Empty cells around it. */
  padding: whole(0, 256),
});
export type PictureTarget = Readonly<z.infer<typeof pictureTargetSchema>>;

/** A rule that can grow one picture in colour. */
export const pictureRuleSchema = ruleSchema.check(
  z.refine(({ inputSize }) => inputSize === 0, {
    path: ["inputSize"],
    error: "must be 0: growing one picture gives cells no input",
  }),
  z.refine(({ image }) => image.channels > 1, {
    path: ["image", "channels"],
    error: "must be 3 or 4: the target is in colour",
  }),
);

/** Grid of a target: the picture and its padding. */
export function pictureGrid({ size, padding }: PictureTarget): Grid {
  const side = size + 2 * padding;
  return [side, side];
}
