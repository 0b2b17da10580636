import * as z from "zod/mini";
import { MAX_GOALS, MAX_SEEDS } from "./start.ts";

const offset = z.int().check(z.minimum(1 - 2 ** 24), z.maximum(2 ** 24 - 1));

/** `Seeds`: cells along each axis from the centre cell of a grid; on a plane [rows down, columns right]. None: no seed. */
export const seedsSchema = z
  .array(z.readonly(z.array(offset).check(z.minLength(1), z.maxLength(3))))
  .check(z.maxLength(MAX_SEEDS));

/** `SeedCell`. */
export const seedCellSchema = z.strictObject({
  from: z.int().check(z.minimum(0), z.maximum(63)),
  to: z.int().check(z.minimum(1), z.maximum(64)),
  colours: z.optional(z.boolean()),
  noise: z.optional(z.number().check(z.minimum(0), z.maximum(100))),
  ground: z.optional(z.number().check(z.minimum(-100), z.maximum(100))),
});

const side = z.int().check(z.minimum(1), z.maximum(2 ** 24));
const channel = z.int().check(z.minimum(0), z.maximum(63));

/** `GivenCoordinates`. */
export const coordinatesSchema = z.strictObject({
  channels: z.readonly(z.tuple([channel, channel])),
  parity: z.optional(z.readonly(z.tuple([channel, channel]))),
  box: z.readonly(z.strictObject({ top: offset, left: offset, height: side, width: side })),
  unit: z.number().check(z.minimum(2 ** -24), z.maximum(2 ** 24)),
});

/** What `plantingOf` says of a start. */
export const plantingSchema = z.strictObject({
  seeds: seedsSchema,
  coordinates: z.optional(coordinatesSchema),
});

/** `Start`; of its pictures, how many there are: their numbers are a tensor. */
export const startSchema = z.strictObject({
  seeds: seedsSchema,
  cell: seedCellSchema,
  pictures: z.optional(
    z.strictObject({
      grid: z.readonly(z.union([z.tuple([side]), z.tuple([side, side]), z.tuple([side, side, side])])),
      offset: z.int().check(z.minimum(0), z.maximum(63)),
      channels: z.int().check(z.minimum(1), z.maximum(64)),
      count: z.int().check(z.minimum(1), z.maximum(MAX_GOALS)),
    }),
  ),
  coordinates: z.optional(coordinatesSchema),
});
