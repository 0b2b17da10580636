import type { Rule } from "./rule.ts";

/** The article: RGBA first, premultiplied; zero boundary; masked before and after (Mordvintsev et al., 2020). */
const distill: Rule = {
  channels: 16,
  kernels: ["identity", "sobelX", "sobelY"],
  boundary: "zero",
  hidden: [128],
  inputSize: 0,
  outputBias: true,
  alive: { mask: "both", channel: 3, threshold: 0.1 },
  fireRate: 0.5,
  stepSize: 1,
  image: { offset: 0, channels: 4, premultiplied: true },
  seed: { from: 3, to: 16 },
};

/** CAX up to 0.4.3: RGBA last, not premultiplied; kernels by rows, then columns; inverted dropout, so a fired cell moves twice as far. */
const cax: Rule = {
  ...distill,
  kernels: ["identity", "sobelY", "sobelX"],
  alive: { mask: "both", channel: 15, threshold: 0.1 },
  stepSize: 2,
  image: { offset: 12, channels: 4, premultiplied: false },
  seed: { from: 15, to: 16 },
};

/** CAX's main branch of 2026: the same, but for colours that are premultiplied. */
const cax2026: Rule = { ...cax, image: { ...cax.image, premultiplied: true } };

/** The PyTorch tutorial: a torus, raw Sobel kernels, masked after the step only, no output bias. */
const tutorial: Rule = {
  ...distill,
  kernels: ["identity", "sobelXRaw", "sobelYRaw"],
  boundary: "wrap",
  outputBias: false,
  alive: { mask: "after", channel: 3, threshold: 0.1 },
  image: { offset: 0, channels: 4, premultiplied: false },
};

/** The conventions of the field's lines of code, as rules. */
export const rulePresets = { distill, cax, "cax-2026": cax2026, tutorial } as const satisfies Record<
  string,
  Rule
>;
export type RulePreset = keyof typeof rulePresets;
