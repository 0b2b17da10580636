import { filterTaps } from "../../../rule/parts/filter.ts";
import type { Plan } from "../plan.ts";
import { padded } from "../sizes.ts";
import { type DeviceKind, gatherTaps, offsetTable, perceiveByTaps } from "./kind.ts";

/** Expression: the weights of all channels' filters at `tap`. */
function weightAt({ constants, C4 }: Plan): string {
  return `weights[own + ${constants}u + grid.taps + tap * ${C4}u + c4]`;
}

/**
 * One fixed filter for each channel, and magnitudes: x, y, |x|, |y|. Constants: the offsets, and then (taps, C) weights. A cell
 * sends the cotangents of x and of y.
 */
export const filter: DeviceKind = {
  taps: (rule) => filterTaps(rule).offsets.length,
  trained: () => 0,
  pack() {},
  unpack() {},
  constants(rule) {
    const { offsets, weights } = filterTaps(rule);
    const C = padded(rule.channels);
    const wide = new Float32Array(offsets.length * C);
    for (const tap of offsets.keys()) {
      for (let c = 0; c < rule.channels; c++) wide[tap * C + c] = weights[tap * rule.channels + c];
    }
    return Float32Array.from([...offsetTable(offsets), ...wide]);
  },
  perceive: (plan, vectors, into) =>
    perceiveByTaps(plan, vectors, into, {
      weights: [weightAt(plan)],
      features: (j) => [`own_${j}`, `p0_${j}`, `abs(own_${j})`, `abs(p0_${j})`],
    }),
  keepsSeen: true,
  sent: () => 2,
  gather: (plan) =>
    `if (acted(cell)) { sum += sentBy(cell, c4, 0u); }
  ${gatherTaps(plan, `sum = fma(${weightAt(plan)}, sentBy(u32(n), c4, 1u), sum);`)}`,
  /** dx = dP0 + sign(x) dP2, dy = dP1 + sign(y) dP3. */
  send({ C, C4 }, vectors, seen, back) {
    const one = (c: number) => {
      const at = `at + ${c * vectors}u`;
      return `${back}[${at}] + sign(${seen}[${at}]) * ${back}[${at} + ${2 * C * vectors}u]`;
    };
    return /* wgsl */ `
for (var item = lid; item < ${2 * vectors * C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let i = item / ${C4}u % 2u;
  let q = item / ${2 * C4}u;
  let at = (i * ${C}u + 4u * c4) * ${vectors}u + q;
  ${[0, 1, 2, 3].map((c) => `let d${c} = ${one(c)};`).join("\n  ")}
  for (var j = 0u; j < min(4u, count - min(count, 4u * q)); j++) {
    send(cellAt(4u * q + j), c4, i, vec4<f32>(d0[j], d1[j], d2[j], d3[j]));
  }
}`;
  },
};
