/** How a state is looked at: which of its channels are a picture. No part of what a step computes. */
import * as z from "zod/mini";
import type { Frozen, Rule } from "../rule/rule.ts";

const classesSchema = z
  .strictObject({
    /** The channel that holds the score of the first class. */
    offset: z.int().check(z.minimum(0), z.maximum(63)),
    /** How many classes there are, a channel each. */
    count: z.int().check(z.minimum(1), z.maximum(64)),
    /** What they are called, in order; default: their numbers from 0 on. */
    names: z.optional(z.array(z.string().check(z.maxLength(64)))),
  })
  .check(
    z.refine(({ count, names }) => names === undefined || names.length === count, {
      path: ["names"],
      error: "must be as many as there are classes",
    }),
  );

/** The schema of a `Readout`, of `zod`. */
export const readoutSchema = z.strictObject({
  /** The first channel of the picture. */
  offset: z.int().check(z.minimum(0), z.maximum(63)),
  /** 1: grey, 3: RGB, 4: RGBA. */
  channels: z.union([z.literal(1), z.literal(3), z.literal(4)]),
  /** Whether colours are multiplied by alpha. */
  premultiplied: z.boolean(),
  /**
   * The first of as many channels that hold the picture that cells are given to work on, which strokes paint, too. Default: none
   * but those of the picture.
   */
  given: z.optional(z.int().check(z.minimum(0), z.maximum(63))),
  /** Of cells that name a class each: which. Shown is the picture in the colours of the classes. */
  classes: z.optional(classesSchema),
});

/**
 * Which channels of a state are its picture: [offset, offset + channels), grey, RGB or RGBA, in which black and
 * transparent are 0 and white and opaque 1. `premultiplied` says whether colours are multiplied by alpha, as in the
 * article (Mordvintsev et al., 2020), in which a dead cell's colours are 0 of themselves; or not, as in CAX. Where cells are
 * to say what they are part of, `classes` are the channels of their scores, and the highest is what a cell says.
 */
export type Readout = Frozen<z.infer<typeof readoutSchema>>;

/** Where the picture lies in a state of shape (H, W, C): of a model, or of anything else that has these two. */
export type PictureLayout = Readonly<{ rule: Pick<Rule, "axes" | "channels" | "alive">; readout: Readout }>;

/** Whether a readout lies within the channels of a rule. */
export function isWithinChannels(
  { offset, channels, classes, given = 0 }: Readout,
  rule: Pick<Rule, "channels">,
): boolean {
  const end = classes ? classes.offset + classes.count : 0;
  return Math.max(offset + channels, given + channels, end) <= rule.channels;
}

/** Whether cells work on a picture that no step changes, so that people draw for them. */
export function isDrawnFor({
  rule: { pinned = [] },
  readout,
}: Readonly<{ rule: Pick<Rule, "pinned">; readout: Readout | null }>): boolean {
  return readout !== null && pinned.includes(readout.given ?? readout.offset);
}

/** The scores of classes in the cells of a state: those of a readout that has them. */
export type Classes = NonNullable<Readout["classes"]>;

/** The class of the cell whose numbers begin at `cell`: the one of highest score, the first of equals; -1 where no score is other than 0. */
export function classOf(state: Float32Array, cell: number, { offset, count }: Classes): number {
  let best = 0;
  let some = false;
  for (let k = 0; k < count; k++) {
    const score = state[cell + offset + k];
    some ||= score !== 0;
    if (score > state[cell + offset + best]) best = k;
  }
  return some ? best : -1;
}

/** How to show a state: the readout of its model, or of one without a picture the alive channel, in grey. */
export function shownReadout({ rule, readout }: Readonly<{ rule: Rule; readout: Readout | null }>): Readout {
  return readout ?? { offset: rule.alive.channel, channels: 1, premultiplied: false };
}
