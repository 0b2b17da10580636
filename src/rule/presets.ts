/** What a step computes by the conventions of the field's lines of code; `model/presets.ts` has their pictures and seeds. */
import type { Rule } from "./rule.ts";

/** The article: zero boundary; masked before and after (Mordvintsev et al., 2020). */
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
};

/** CAX: the alive channel last; kernels by rows, then columns; inverted dropout, so a fired cell moves twice as far. */
const cax: Rule = {
  ...distill,
  kernels: ["identity", "sobelY", "sobelX"],
  alive: { mask: "both", channel: 15, threshold: 0.1 },
  stepSize: 2,
};

/** The PyTorch tutorial: a torus, raw Sobel kernels, masked after the step only, no output bias. */
const tutorial: Rule = {
  ...distill,
  kernels: ["identity", "sobelXRaw", "sobelYRaw"],
  boundary: "wrap",
  outputBias: false,
  alive: { mask: "after", channel: 3, threshold: 0.1 },
};

/**
 * Rules of the field's lines of code: the article's (Mordvintsev et al., 2020), CAX's (Faldor and Cully, 2024), and
 * those of the PyTorch tutorials.
 */
export const rulePresets = { distill, cax, tutorial } as const satisfies Record<string, Rule>;
