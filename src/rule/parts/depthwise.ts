/**
 * A trained depthwise convolution: `rule.perceive` = { kind: "depthwise", size, kernels }. Each channel has K kernels of its
 * own, matrices of `size` x `size` whose middle is the cell itself; `rule.kernels` plays no part.
 */
import { kernelTaps } from "../kernels.ts";
import type { Rule } from "../rule.ts";
import type { PerceiveKind } from "./kind.ts";

/** Name of its parameters, of shape (K, size, size, C): rows down, columns right, the channels side by side. */
export const PERCEIVE_WEIGHT = "perceive.weight";

/** What the first kernels of every channel begin as; those after them begin as small numbers at random. */
const BEGINNINGS = ["identity", "sobelX", "sobelY"] as const;

/** @throws RangeError for a rule of another kind. */
export function depthwiseOf({ perceive }: Pick<Rule, "perceive">): { size: number; kernels: number } {
  if (perceive?.kind === "depthwise") return perceive;
  throw new RangeError("the rule's perception is not a depthwise convolution");
}

/** Its taps in the order of the weights, as [rows down, columns right]. */
export function depthwiseOffsets(size: number): (readonly [number, number])[] {
  const radius = size >> 1;
  return Array.from({ length: size * size }, (_, tap) => [
    Math.floor(tap / size) - radius,
    (tap % size) - radius,
  ]);
}

export const depthwise: PerceiveKind = {
  kernels: (rule) => depthwiseOf(rule).kernels,
  radius: (rule) => depthwiseOf(rule).size >> 1,
  tensors(rule) {
    const { size, kernels } = depthwiseOf(rule);
    return [{ name: PERCEIVE_WEIGHT, shape: [kernels, size, size, rule.channels] }];
  },
  begin(rule, tensor, uniform) {
    const { size, kernels } = depthwiseOf(rule);
    const { channels } = rule;
    const radius = size >> 1;
    const bound = 1 / (size * size);
    const each = size * size * channels;
    for (let k = 0; k < kernels; k++) {
      if (k >= BEGINNINGS.length) {
        for (let i = k * each; i < (k + 1) * each; i++) tensor[i] = bound * (2 * uniform(i) - 1);
        continue;
      }
      for (const { offset, weight } of kernelTaps(BEGINNINGS[k])) {
        const [row, column] = offset.map((cells) => cells + radius);
        if (Math.min(row, column) < 0 || Math.max(row, column) >= size) continue;
        const at = k * each + (row * size + column) * channels;
        tensor.fill(weight, at, at + channels);
      }
    }
  },
};
