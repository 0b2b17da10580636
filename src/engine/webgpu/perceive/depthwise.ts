import { depthwiseOf, depthwiseOffsets } from "../../../rule/parts/depthwise.ts";
import type { Rule } from "../../../rule/rule.ts";
import type { Plan } from "../layout.ts";
import { padded } from "../sizes.ts";
import { placeText } from "../shaders/product.ts";
import { byKernels, type DeviceKind, offsetAt, offsetTable } from "./kind.ts";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

function shapeOf(rule: Rule) {
  return { K: depthwiseOf(rule).kernels, taps: depthwiseOffsets(rule).length };
}

/** Expression: kernel k's weights at a tap, of the tensor (K, taps, C). */
function weightAt({ C4, perception, taps }: Plan, k: number, tap: string): string {
  return `vec4<f32>(weights[own + ${perception}u + (${k * taps}u + ${tap}) * ${C4}u + c4])`;
}

/** Trained kernels of each channel's own. Constants: the offsets. */
export const depthwise: DeviceKind = {
  taps: (rule) => shapeOf(rule).taps,
  /** The tensor (K, taps, C), which comes first. */
  trained(rule) {
    const { K, taps } = shapeOf(rule);
    const { channels } = rule;
    const C = padded(channels);
    const places = new Int32Array(K * taps * C).fill(-1);
    for (let row = 0; row < K * taps; row++) {
      for (let c = 0; c < channels; c++) places[row * C + c] = row * channels + c;
    }
    return places;
  },
  constants: (rule) => Float32Array.from(offsetTable(depthwiseOffsets(rule))),
  ...byKernels(weightAt),
  sent: (rule) => depthwiseOf(rule).kernels,
  /** dV[k, o, c] += sum over cells of dP[n, k, c] S[n + o, c]: a thread for each tap, kernel and vector of channels. */
  gradient(plan, vectors, back) {
    const { C, C4, K, taps } = plan;
    return /* wgsl */ `
for (var item = lid; item < ${taps * C4 * K}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let tap = item / ${C4}u % ${taps}u;
  let k = item / ${C4 * taps}u;
  let offset = ${offsetAt("tap")};
  let at = ${placeText(vectors, `k * ${C}u + 4u * c4`, "0u")};
  var sum = vec4<f32>(0.0);
  for (var q = 0u; 4u * q < count; q++) {
    ${range(4)
      .map((c) => `let d${c} = ${back}[at + ${c * vectors}u + q];`)
      .join("\n    ")}
    ${range(4)
      .map((j) => {
        const part = "xyzw"[j];
        return `let s${j} = numbersAt(state, neighbour(placeOf(cellAt(4u * q + ${j}u)), offset), c4);
    if (4u * q + ${j}u < count) { sum = fma(vec4<f32>(d0.${part}, d1.${part}, d2.${part}, d3.${part}), s${j}, sum); }`;
      })
      .join("\n    ")}
  }
  partials[gradient + ${plan.perception}u + (k * ${taps}u + tap) * ${C4}u + c4] += sum;
}`;
  },
};
