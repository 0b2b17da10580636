import { describe, expect, it } from "vitest";
import { type PicturePreset, picturePresets } from "../model/presets.ts";
import { withChannels } from "./assemble.ts";

describe("withChannels", () => {
  it.each<[PicturePreset, number, object]>([
    ["distill", 20, { alive: 3, image: 0, seed: { from: 3, to: 20 } }],
    ["tutorial", 8, { alive: 3, image: 0, seed: { from: 3, to: 8 } }],
    ["cax", 8, { alive: 7, image: 4, seed: { from: 7, to: 8 } }],
    ["cax", 16, { alive: 15, image: 12, seed: { from: 15, to: 16 } }],
  ])("counts from the end what %s counts from there, of %d", (preset, channels, expected) => {
    const rule = withChannels(picturePresets[preset], channels);
    expect(rule.channels).toBe(channels);
    expect({ alive: rule.alive.channel, image: rule.image.offset, seed: rule.seed }).toEqual(expected);
  });
});
