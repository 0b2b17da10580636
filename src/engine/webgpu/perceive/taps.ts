import { kernelTaps } from "../../../rule/kernels.ts";
import { axesOf, type Rule } from "../../../rule/rule.ts";
import type { Plan } from "../layout.ts";
import { padded } from "../sizes.ts";
import { byKernels, type DeviceKind, offsetTable } from "./kind.ts";

/** The places that any kernel looks at, and each kernel's weight there. */
function placesOf(rule: Rule): { offset: readonly number[]; weights: number[] }[] {
  const places = new Map<string, { offset: readonly number[]; weights: number[] }>();
  rule.kernels.forEach((kernel, k) => {
    for (const { offset, weight } of kernelTaps(kernel, axesOf(rule))) {
      const place = places.get(offset.join()) ?? { offset, weights: rule.kernels.map(() => 0) };
      place.weights[k] += weight;
      places.set(offset.join(), place);
    }
  });
  return [...places.values()];
}

/** Expression: the weight of kernel k at a tap, for each of four channels. */
function weightAt({ taps: count, K }: Plan, k: number, tap: string): string {
  return `vec4<f32>(grid.constants[${count}u + ${tap} * ${padded(K) / 4}u + ${k >> 2}u].${"xyzw"[k & 3]})`;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Fixed taps, the same for all channels. Constants: the offsets, and then (taps, K) weights. */
export const taps: DeviceKind = {
  taps: (rule) => placesOf(rule).length,
  trained: () => new Int32Array(0),
  constants(rule) {
    const places = placesOf(rule);
    const row = padded(rule.kernels.length);
    const weights = places.flatMap((place) => range(row).map((k) => place.weights[k] ?? 0));
    return Float32Array.from([...offsetTable(places.map(({ offset }) => offset)), ...weights]);
  },
  ...byKernels(weightAt),
  sent: ({ kernels }) => kernels.length,
};
