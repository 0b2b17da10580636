import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { outlineOf } from "../../config/outline.ts";
import { keysOf } from "../../config/records.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { type Plane, stateSize, wholeBox } from "../../rule/grid.ts";
import { cotangentOf, differences, dyadic } from "./loss.case.ts";
import { noPenalties, penalties, penaltyChecks, penaltyFields, penaltyTerms } from "./penalties.ts";

const GRID: Plane = [6, 7];
const rule: PictureRule = { ...picturePresets.distill, channels: 7, seed: { from: 3, to: 7 } };
const target = new Float32Array(6 * 7 * 4).fill(1);
const context = { ...splitRule(rule), grid: GRID, target: () => target };
const names = keysOf(penalties);

describe.each(names)("the penalty %s", (name) => {
  const [term] = penaltyTerms({ [name]: 0.5 }, context);
  const lossOf = (data: Float32Array, sink?: Parameters<typeof term.loss>[2]) =>
    term.loss({ ...wholeBox(GRID), data }, { goal: 0, trainingStep: 0 }, sink);

  it("has the gradient of finite differences", () => {
    const state = dyadic(stateSize(rule, GRID), 8).map((value) => (Math.abs(value) === 1 ? 0.5 : value));
    const cotangent = cotangentOf((sink) => lossOf(state, sink), state.length);
    // Stored in single precision, and below 0.1.
    differences((s) => lossOf(s), state).forEach((slope, i) => expect(cotangent[i]).toBeCloseTo(slope, 7));
    expect(cotangent.some((value) => value !== 0)).toBe(true);
  });

  it("is a term of its name and weight, and none without", () => {
    expect([term.name, term.weight]).toEqual([name, 0.5]);
    expect(penaltyTerms({ [name]: 0 }, context)).toEqual([]);
    expect(penaltyTerms(noPenalties, context)).toEqual([]);
  });

  it("is said by help and pages to be what it is the weight of", () => {
    const { description } = outlineOf(z.strictObject(penaltyFields), name)!;
    expect(description).toBe(`weight of ${penalties[name].weightOf}`);
  });

  it("is a setting, 0 unless given, which may change in the course of training", () => {
    const schema = z.strictObject(penaltyFields);
    expect(schema.parse({})).toEqual(noPenalties);
    const ramp = { from: 0, to: 2, over: 10 };
    expect(schema.parse({ [name]: ramp })).toEqual({ ...noPenalties, [name]: ramp });
    expect(schema.safeParse({ [name]: -1 }).success).toBe(false);
  });
});

it("a rule that cannot have one is refused, by its name", () => {
  const schema = z
    .object({ rule: z.custom<PictureRule>(), training: z.object({ loss: z.strictObject(penaltyFields) }) })
    .check(...penaltyChecks());
  const narrow = { ...rule, channels: 5 };
  const training = { loss: { coordinates: { from: 0, to: 1, over: 5 } } };
  const { error } = schema.safeParse({ rule: narrow, training });
  expect(error?.issues).toEqual([
    expect.objectContaining({
      path: ["training", "loss", "coordinates"],
      message: "must be 0: the rule has no two channels beside the picture's",
    }),
  ]);
  expect(schema.safeParse({ rule, training }).success).toBe(true);
  expect(schema.safeParse({ rule: narrow, training: { loss: {} } }).success).toBe(true);
});
