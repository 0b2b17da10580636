import { describe, expect, it } from "vitest";
import { rulePresets } from "./presets.ts";
import { stateSize } from "./grid.ts";
import { ruleSchema } from "./schema.ts";

const { distill } = rulePresets;

describe("ruleSchema", () => {
  it.each(Object.entries(rulePresets))("takes preset %s, and its JSON", (_, preset) => {
    expect(ruleSchema.parse(JSON.parse(JSON.stringify(preset)))).toEqual(preset);
  });

  it.each([
    [
      "one channel",
      {
        channels: 1,
        alive: { ...distill.alive, channel: 0 },
      },
    ],
    ["64 channels", { channels: 64 }],
    ["no hidden layer", { hidden: [] }],
    ["eight hidden layers", { hidden: [1, 1024, 1, 1, 1, 1, 1, 1] }],
    ["taps", { kernels: [{ taps: [{ offset: [-4, 4], weight: -0.5 }] }] }],
    ["fire rate 0", { fireRate: 0 }],
    ["fire rate 1", { fireRate: 1 }],
    ["a negative threshold and step", { alive: { ...distill.alive, threshold: -1 }, stepSize: -2 }],
  ])("takes %s", (_, change) => {
    expect(ruleSchema.parse({ ...distill, ...change })).toEqual({ ...distill, ...change });
  });

  const tap = { offset: [0, 0], weight: 1 };
  it.each<[path: string, change: object]>([
    ["channels", { channels: 0 }],
    ["channels", { channels: 65 }],
    ["channels", { channels: 15.5 }],
    ["alive.channel", { alive: { ...distill.alive, channel: 16 } }],
    ["alive.channel", { channels: 3 }],
    ["alive.mask", { alive: { ...distill.alive, mask: "before" } }],
    ["alive.threshold", { alive: { ...distill.alive, threshold: NaN } }],
    // How states are looked at and what they start from is no part of a rule.
    ["", { image: { offset: 0, channels: 4, premultiplied: true } }],
    ["", { seed: { from: 3, to: 16 } }],
    ["kernels", { kernels: [] }],
    ["kernels", { kernels: Array.from({ length: 17 }, () => "identity") }],
    ["kernels.0", { kernels: ["sobel"] }],
    ["kernels.1.taps", { kernels: ["identity", { taps: [] }] }],
    ["kernels.0.taps.0.offset.0", { kernels: [{ taps: [{ ...tap, offset: [5, 0] }] }] }],
    ["kernels.0", { kernels: [{ taps: [{ ...tap, offset: [0.5, 0] }] }] }],
    ["kernels.0", { kernels: [{ taps: [{ ...tap, weight: Infinity }] }] }],
    ["boundary", { boundary: "mirror" }],
    ["hidden.0", { hidden: [0] }],
    ["hidden.1", { hidden: [4, 1025] }],
    ["hidden", { hidden: [1, 1, 1, 1, 1, 1, 1, 1, 1] }],
    ["inputSize", { inputSize: -1 }],
    ["outputBias", { outputBias: "yes" }],
    ["fireRate", { fireRate: 1.01 }],
    ["fireRate", { fireRate: -0.1 }],
    ["stepSize", { stepSize: Infinity }],
    ["", { threshold: 0.1 }],
    ["noise", { noise: -0.1 }],
    ["pinned", { pinned: [0, 16] }],
    ["pinned.0", { pinned: [0.5] }],
    ["perceive.kind", { perceive: { kind: "dense", size: 3, kernels: 3 } }],
    ["perceive.size", { perceive: { kind: "depthwise", size: 4, kernels: 3 } }],
    ["perceive.kernels", { perceive: { kind: "depthwise", size: 3, kernels: 17 } }],
  ])("refuses at '%s' %j", (path, change) => {
    const { error } = ruleSchema.safeParse({ ...distill, ...change });
    expect(error?.issues.map((issue) => issue.path.join("."))).toContain(path);
  });

  it("refuses a rule that lacks a field", () => {
    for (const field of Object.keys(distill)) {
      const rest = Object.fromEntries(Object.entries(distill).filter(([name]) => name !== field));
      expect(ruleSchema.safeParse(rest).error?.issues[0].path).toEqual([field]);
    }
  });
});

describe("presets", () => {
  it("carry the conventions of their sources", () => {
    const { cax, tutorial } = rulePresets;
    expect([distill, cax, tutorial].map(({ alive }) => [alive.channel, alive.mask])).toEqual([
      [3, "both"],
      [15, "both"],
      [3, "after"],
    ]);
    expect([distill, cax, tutorial].map(({ stepSize }) => stepSize)).toEqual([1, 2, 1]);
    expect([distill, cax, tutorial].map(({ boundary }) => boundary)).toEqual(["zero", "zero", "wrap"]);
    expect([distill, cax, tutorial].map(({ outputBias }) => outputBias)).toEqual([true, true, false]);
  });
});

describe("stateSize", () => {
  it("is height times width times channels", () => {
    expect(stateSize(distill, [7, 5])).toBe(560);
  });
});
