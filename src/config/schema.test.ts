import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { pictureRuleSchema } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { describeFault } from "./schema.ts";

const fault = (schema: z.ZodMiniType, value: unknown, root?: string) =>
  describeFault(schema.safeParse(value).error!, value, root);

const { channels: _, ...withoutChannels } = picturePresets.distill;

describe("describeFault", () => {
  it.each<[object | null, string]>([
    [null, "the value is null; it must be an object"],
    [withoutChannels, "channels is missing; it must be a finite number"],
    [{ channels: 65 }, "channels is 65; it must be at most 64"],
    [{ channels: 0 }, "channels is 0; it must be at least 1"],
    [{ channels: 1.5 }, "channels is 1.5; it must be a whole number"],
    [{ channels: "x" }, 'channels is "x"; it must be a finite number'],
    [{ stepSize: Infinity }, "stepSize is Infinity; it must be a finite number"],
    [{ stepSize: NaN }, "stepSize is NaN; it must be a finite number"],
    [{ extra: 1 }, "extra is not a known field"],
    [{ outputBias: 1 }, "outputBias is 1; it must be true or false"],
    [{ boundary: "torus" }, 'boundary is "torus"; it must be "zero" or "wrap"'],
    [{ kernels: [] }, "kernels is []; it must be of length at least 1"],
    [
      { kernels: ["identity", { taps: [{ offset: [0, 9], weight: 1 }] }] },
      "kernels[1].taps[0].offset[1] is 9; it must be at most 4",
    ],
    [{ image: { offset: 0, channels: 2, premultiplied: true } }, "image.channels is 2; it must be 1, 3 or 4"],
    [{ alive: { mask: "both", channel: 20, threshold: 0.1 } }, "alive.channel must be below channels"],
    [
      { kernels: ["gauss"] },
      'kernels[0] is "gauss"; it must be "identity", "sobelX", "sobelY", "sobelZ", "sobelXRaw", "sobelYRaw", "sobelZRaw" or "laplacian" or an object',
    ],
  ])("%j", (change, sentence) => {
    const whole = change === null || change === withoutChannels;
    expect(fault(pictureRuleSchema, whole ? change : { ...picturePresets.distill, ...change })).toBe(
      sentence,
    );
  });

  it("names the whole as it is asked to", () => {
    expect(fault(pictureRuleSchema, 3, "rule")).toBe("rule is 3; it must be an object");
    expect(fault(pictureRuleSchema, { ...picturePresets.distill, fireRate: 2 }, "rule")).toBe(
      "rule.fireRate is 2; it must be at most 1",
    );
  });

  it("cuts long values short", () => {
    expect(fault(z.number(), "x".repeat(1000)).length).toBeLessThan(120);
    const deep: unknown = JSON.parse("[".repeat(1e5) + "]".repeat(1e5));
    expect(fault(z.number(), deep)).toBe("the value is nested too deeply; it must be a finite number");
  });

  it("names the kinds of a union distinguished by a field, and limits that are excluded", () => {
    const kinds = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), rate: z.number().check(z.gt(0), z.lt(1)) }),
      z.object({ kind: z.literal("b") }),
    ]);
    expect(fault(kinds, { kind: "c" })).toBe('kind is "c"; it must be "a" or "b"');
    expect(fault(kinds, { kind: "a", rate: 0 })).toBe("rate is 0; it must be above 0");
    expect(fault(kinds, { kind: "a", rate: 1 })).toBe("rate is 1; it must be below 1");
  });
});
