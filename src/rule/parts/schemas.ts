/** What `rule.perceive` may say: one schema a kind. Apart from the kinds, so that an engine carries no schema library. */
import * as z from "zod/mini";

const depthwise = z.strictObject({
  kind: z.literal("depthwise"),
  /** Cells that a kernel sees along each axis: the cell itself and as many on either side. */
  size: z.union([z.literal(3), z.literal(5)]),
  /** Kernels of each channel: 1 to 16. */
  kernels: z.int().check(z.minimum(1), z.maximum(16)),
});

const filter = z.strictObject({ kind: z.literal("filter") });

const attention = z.strictObject({
  kind: z.literal("attention"),
  /** Means over the neighbourhood of each channel that cells see: 1 to 8. */
  heads: z.int().check(z.minimum(1), z.maximum(8)),
  /** Numbers of a query, and of a key: 1 to 64. */
  size: z.int().check(z.minimum(1), z.maximum(64)),
});

export const perceiveSchema = z.discriminatedUnion("kind", [depthwise, filter, attention]);
