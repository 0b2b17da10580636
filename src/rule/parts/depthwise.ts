/**
 * A trained depthwise convolution: `rule.perceive` = { kind: "depthwise", size, kernels }. Each channel has K kernels of its
 * own, `size` cells along each axis, whose middle is the cell itself; `rule.kernels` plays no part.
 */
import { kernelTaps, neighbourOffsets } from "../kernels.ts";
import { axesOf, type Rule } from "../rule.ts";
import type { PerceiveKind } from "./kind.ts";

/** Name of its parameters, of shape (K, size, size, C) on a plane, with a size for each axis elsewhere: the channels side by side. */
export const PERCEIVE_WEIGHT = "perceive.weight";

/** What the first kernels of every channel begin as; those after them begin as small numbers at random. */
const BEGINNINGS = ["identity", "sobelX", "sobelY", "sobelZ"] as const;

/** @throws RangeError for a rule of another kind. */
export function depthwiseOf({ perceive }: Pick<Rule, "perceive">): { size: number; kernels: number } {
  if (perceive?.kind === "depthwise") return perceive;
  throw new RangeError("the rule's perception is not a depthwise convolution");
}

/** Its taps in the order of the weights, in cells along each axis: on a plane [rows down, columns right]. */
export function depthwiseOffsets(rule: Pick<Rule, "perceive" | "axes">): (readonly number[])[] {
  return neighbourOffsets(axesOf(rule), depthwiseOf(rule).size >> 1);
}

export const depthwise: PerceiveKind = {
  kernels: (rule) => depthwiseOf(rule).kernels,
  radius: (rule) => depthwiseOf(rule).size >> 1,
  tensors(rule) {
    const { size, kernels } = depthwiseOf(rule);
    return [
      { name: PERCEIVE_WEIGHT, shape: [kernels, ...Array<number>(axesOf(rule)).fill(size), rule.channels] },
    ];
  },
  begin(rule, tensor, uniform) {
    const { kernels } = depthwiseOf(rule);
    const { channels } = rule;
    const offsets = depthwiseOffsets(rule);
    const bound = 1 / offsets.length;
    const each = offsets.length * channels;
    // Sobel filters after the identity, along the last axis first.
    const beginnings = BEGINNINGS.slice(0, 1 + axesOf(rule));
    for (let k = 0; k < kernels; k++) {
      if (k >= beginnings.length) {
        for (let i = k * each; i < (k + 1) * each; i++) tensor[i] = bound * (2 * uniform(i) - 1);
        continue;
      }
      for (const { offset, weight } of kernelTaps(beginnings[k], axesOf(rule))) {
        const tap = offsets.findIndex((other) => other.every((cells, axis) => cells === offset[axis]));
        if (tap < 0) continue;
        const at = k * each + tap * channels;
        tensor.fill(weight, at, at + channels);
      }
    }
  },
};
