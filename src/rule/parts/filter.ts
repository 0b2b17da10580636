/**
 * One filter for each channel, and magnitudes: `rule.perceive` = { kind: "filter" }. The kernels of the rule are dealt out to the
 * channels, in order and as many channels to each: channel c of C has kernel floor(c K / C). Of each channel, cells see its
 * number x, the filter's y, |x| and |y|. Nothing of it is trained.
 *
 * Source: Mordvintsev and Niklasson, "muNCA: Texture Generation with Ultra-Compact Neural Cellular Automata", 2021.
 */
import { kernelTaps } from "../kernels.ts";
import { axesOf, type Rule } from "../rule.ts";
import type { PerceiveKind } from "./kind.ts";
import { taps } from "./taps.ts";

/** Features of each channel: x, y, |x|, |y|. */
export const FILTER_FEATURES = 4;

/** The taps of all channels: offsets in cells along each axis, and (taps, C) weights, 0 where a channel has no such tap. */
export function filterTaps(
  rule: Pick<Rule, "axes" | "channels" | "kernels">,
): Readonly<{ offsets: readonly (readonly number[])[]; weights: Float64Array }> {
  const { channels, kernels } = rule;
  const lists = kernels.map((kernel) => kernelTaps(kernel, axesOf(rule)));
  const offsets = [...new Map(lists.flat().map(({ offset }) => [offset.join(), offset])).values()];
  const weights = new Float64Array(offsets.length * channels);
  const places = new Map(offsets.map((offset, tap) => [offset.join(), tap]));
  for (let c = 0; c < channels; c++) {
    for (const { offset, weight } of lists[Math.floor((c * kernels.length) / channels)]) {
      weights[places.get(offset.join())! * channels + c] += weight;
    }
  }
  return { offsets, weights };
}

export const filter: PerceiveKind = {
  kernels: () => FILTER_FEATURES,
  radius: taps.radius,
  tensors: () => [],
  begin() {},
};
