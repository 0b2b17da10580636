/** Building blocks of configuration schemas. */
import * as z from "zod/mini";

export { _default as withDefault } from "zod/mini";

/** A whole number from `low` to `high`. */
export const whole = (low: number, high: number) => z.int().check(z.minimum(low), z.maximum(high));

/** A number from `low` to `high`. */
export const between = (low: number, high: number) => z.number().check(z.minimum(low), z.maximum(high));

/** A number above 0, up to 100. */
export const positive = z.number().check(z.gt(0), z.maximum(100));
