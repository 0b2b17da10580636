/** How a state is looked at: which of its channels are a picture. No part of what a step computes. */
import * as z from "zod/mini";
import type { Frozen, Rule } from "../rule/rule.ts";

export const readoutSchema = z.strictObject({
  /** The first channel of the picture. */
  offset: z.int().check(z.minimum(0), z.maximum(63)),
  /** 1: grey, 3: RGB, 4: RGBA. */
  channels: z.union([z.literal(1), z.literal(3), z.literal(4)]),
  /** Whether colours are multiplied by alpha. */
  premultiplied: z.boolean(),
});

/**
 * Which channels of a state are its picture: [offset, offset + channels), grey, RGB or RGBA, in which black and
 * transparent are 0 and white and opaque 1. `premultiplied` says whether colours are multiplied by alpha, as in the
 * article (Mordvintsev et al., 2020), in which a dead cell's colours are 0 of themselves; or not, as in CAX.
 */
export type Readout = Frozen<z.infer<typeof readoutSchema>>;

/** Where the picture lies in a state of shape (H, W, C): of a model, or of anything else that has these two. */
export type PictureLayout = Readonly<{ rule: Pick<Rule, "axes" | "channels" | "alive">; readout: Readout }>;

/** Whether a readout lies within the channels of a rule. */
export function isWithinChannels({ offset, channels }: Readout, rule: Pick<Rule, "channels">): boolean {
  return offset + channels <= rule.channels;
}

/** How to show a state: the readout of its model, or of one without a picture the alive channel, in grey. */
export function shownReadout({ rule, readout }: Readonly<{ rule: Rule; readout: Readout | null }>): Readout {
  return readout ?? { offset: rule.alive.channel, channels: 1, premultiplied: false };
}
