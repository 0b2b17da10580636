import * as z from "zod/mini";

/** A number above 0, up to 100. */
export const positive = z.number().check(z.gt(0), z.maximum(100));
