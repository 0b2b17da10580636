import * as z from "zod/mini";
import { expect, it } from "vitest";
import { between, positive, whole, withDefault } from "./fields.ts";
import { outlineOf } from "./outline.ts";

const schema = z
  .strictObject({
    seed: whole(0, 9).check(z.describe("of all random draws")),
    training: z.nullable(
      z.strictObject({
        rate: withDefault(positive, 1),
        share: z.optional(between(0, 1)),
        batch: z.union([whole(1, 256), z.strictObject({ from: whole(1, 256), to: whole(1, 256) })]),
        rollout: z.tuple([whole(1, 50), whole(1, 50)]),
        strategy: z.discriminatedUnion("kind", [
          z.strictObject({ kind: z.literal("one"), sigma: between(0, 2) }),
          z.strictObject({ kind: z.literal("other") }),
        ]),
        place: z.enum(["here", "there"]),
        on: z.boolean(),
        name: z.string(),
        list: z.array(z.string()),
      }),
    ),
  })
  .check(z.refine(() => true));

it.each([
  ["seed", { kind: "whole", low: 0, high: 9, above: false }],
  ["training.rate", { kind: "number", low: 0, high: 100, above: true }],
  ["training.share", { kind: "number", low: 0, high: 1, above: false }],
  ["training.batch", { kind: "whole", low: 1, high: 256, above: false }],
  ["training.rollout", { kind: "range", low: 1, high: 50 }],
  ["training.strategy.kind", { kind: "words", words: ["one", "other"] }],
  ["training.strategy.sigma", { kind: "number", low: 0, high: 2, above: false }],
  ["training.place", { kind: "words", words: ["here", "there"] }],
  ["training.on", { kind: "flag" }],
  ["training.name", { kind: "text" }],
  ["training.list", { kind: "other" }],
])("%s is %o", (path, type) => {
  expect(outlineOf(schema, path)?.type).toEqual(type);
});

it("says whether a field may be a value", () => {
  const values = [300, 256, { from: 1, to: 2 }];
  expect(values.map((value) => outlineOf(schema, "training.batch")?.accepts(value))).toEqual([
    false,
    true,
    true,
  ]);
});

it("has the description of a field that has one, and nothing of a field that is not there", () => {
  expect(outlineOf(schema, "seed")?.description).toBe("of all random draws");
  expect(outlineOf(schema, "training.rate")?.description).toBeUndefined();
  expect(outlineOf(schema, "training.colour")).toBeUndefined();
});
