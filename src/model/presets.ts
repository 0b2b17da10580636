import { rulePresets } from "../rule/presets.ts";
import type { PictureRule } from "./pictureRule.ts";

/** The article: RGBA first, premultiplied; a seed's colours are 0 (Mordvintsev et al., 2020). */
const distill: PictureRule = {
  ...rulePresets.distill,
  image: { offset: 0, channels: 4, premultiplied: true },
  seed: { from: 3, to: 16 },
};

/** CAX up to 0.4.3: RGBA last, not premultiplied; a seed has alpha only. */
const cax: PictureRule = {
  ...rulePresets.cax,
  image: { offset: 12, channels: 4, premultiplied: false },
  seed: { from: 15, to: 16 },
};

/** CAX's main branch of 2026: the same, but for colours that are premultiplied. */
const cax2026: PictureRule = { ...cax, image: { ...cax.image, premultiplied: true } };

/** The PyTorch tutorial: RGBA first, not premultiplied. */
const tutorial: PictureRule = {
  ...rulePresets.tutorial,
  image: { offset: 0, channels: 4, premultiplied: false },
  seed: distill.seed,
};

/** The conventions of the field's lines of code: `rulePresets`, with their pictures and seeds. `splitRule` takes them apart. */
export const picturePresets = { distill, cax, "cax-2026": cax2026, tutorial } as const satisfies Record<
  string,
  PictureRule
>;
/** A name of `picturePresets`. */
export type PicturePreset = keyof typeof picturePresets;
