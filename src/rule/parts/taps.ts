/** Fixed taps: `rule.kernels`, the same for all channels. Nothing of it is trained. */
import { kernelTaps } from "../kernels.ts";
import { axesOf } from "../rule.ts";
import type { PerceiveKind } from "./kind.ts";

export const taps: PerceiveKind = {
  kernels: ({ kernels }) => kernels.length,
  radius(rule) {
    const reach = rule.kernels.flatMap((kernel) =>
      kernelTaps(kernel, axesOf(rule)).flatMap(({ offset }) => offset.map((o) => Math.abs(o))),
    );
    return Math.max(...reach);
  },
  tensors: () => [],
  begin() {},
};
