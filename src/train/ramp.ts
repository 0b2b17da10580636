/** A setting that may change in the course of training. */
import * as z from "zod/mini";
import { whole } from "../config/fields.ts";

/** One value throughout, or one that moves in a straight line, `over` so many steps, from step `after` on. */
export type Ramp<T> = T | Readonly<{ from: T; to: T; over: number; after?: number | undefined }>;

/** Fewest and most, both included. */
export type Range = readonly [number, number];

/** Schema of a range of whole numbers from 1. */
export const rangeSchema = z
  .tuple([whole(1, 1e5), whole(1, 1e5)])
  .check(
    z.refine(([fewest, most]) => fewest <= most, { error: "must be [fewest, most], fewest not above most" }),
  );

/** Schema of a ramp of whatever `value` describes. */
export function rampSchema<T extends z.ZodMiniType>(
  value: T,
): z.ZodMiniType<Ramp<z.output<T>>, Ramp<z.input<T>>> {
  const steps = whole(0, 1e6);
  const moving = z.strictObject({ from: value, to: value, over: steps, after: z.optional(steps) });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by its name, so that types inferred from it have that
  return z.union([value, moving]) as unknown as z.ZodMiniType<Ramp<z.output<T>>, Ramp<z.input<T>>>;
}

/** The way a ramp has gone at a training step: 0 to 1. */
function progress(ramp: { over: number; after?: number | undefined }, step: number): number {
  const gone = step - (ramp.after ?? 0);
  if (gone <= 0) return 0;
  return gone >= ramp.over ? 1 : gone / ramp.over;
}

/** Value of a ramp at a training step (counted from 0). */
export function valueAt(ramp: Ramp<number>, step: number): number {
  if (typeof ramp === "number") return ramp;
  return ramp.from + (ramp.to - ramp.from) * progress(ramp, step);
}

/** The same, rounded to a whole number. */
export function rampAt(ramp: Ramp<number>, step: number): number {
  return Math.round(valueAt(ramp, step));
}

/** The smallest value that a ramp takes. */
export function lowest(ramp: Ramp<number>): number {
  return typeof ramp === "number" ? ramp : Math.min(ramp.from, ramp.to);
}

/** The largest. */
export function highest(ramp: Ramp<number>): number {
  return typeof ramp === "number" ? ramp : Math.max(ramp.from, ramp.to);
}

/** In words: one value, or where it begins and where it goes. */
export function rampText(ramp: Ramp<number | Range>): string {
  if (typeof ramp === "number") return String(ramp);
  return isRange(ramp) ? ramp.join("..") : `${rampText(ramp.from)}, later ${rampText(ramp.to)}`;
}

function isRange(ramp: Ramp<number | Range>): ramp is Range {
  return Array.isArray(ramp);
}

/** Both ends of a range at a training step, rounded to whole numbers. */
export function rangeAt(ramp: Ramp<Range>, step: number): Range {
  if (!("from" in ramp)) return ramp;
  const { from, to } = ramp;
  const end = (i: 0 | 1) => Math.round(from[i] + (to[i] - from[i]) * progress(ramp, step));
  return [end(0), end(1)];
}
