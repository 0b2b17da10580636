import { filterTaps } from "../../../rule/parts/filter.ts";
import type { Plan } from "../layout.ts";
import { padded } from "../sizes.ts";
import { blockVectors, placeText } from "../shaders/product.ts";
import { type DeviceKind, gatherTaps, offsetTable, perceiveByTaps, sendRows } from "./kind.ts";

/** Expression: the weights of all channels' filters at a tap. */
function weightAt({ taps, C4 }: Plan, tap: string): string {
  return `grid.constants[${taps}u + ${tap} * ${C4}u + c4]`;
}

/**
 * One fixed filter for each channel, and magnitudes: x, y, |x|, |y|. Constants: the offsets, and then (taps, C) weights. A cell
 * sends the cotangents of x and of y.
 */
export const filter: DeviceKind = {
  taps: (rule) => filterTaps(rule).offsets.length,
  trained: () => new Int32Array(0),
  constants(rule) {
    const { offsets, weights } = filterTaps(rule);
    const C = padded(rule.channels);
    const wide = new Float32Array(offsets.length * C);
    for (const tap of offsets.keys()) {
      for (let c = 0; c < rule.channels; c++) wide[tap * C + c] = weights[tap * rule.channels + c];
    }
    return Float32Array.from([...offsetTable(offsets), ...wide]);
  },
  perceive: (plan, vectors, put) =>
    perceiveByTaps(plan, vectors, put, {
      weights: (tap) => [weightAt(plan, tap)],
      features: (j) => [`own_${j}`, `p0_${j}`, `abs(own_${j})`, `abs(p0_${j})`],
    }),
  keepsSeen: true,
  sent: () => 2,
  gather: (plan) =>
    `if (acted(cell)) { sum += sentBy(cell, c4, 0u); }
  ${gatherTaps(plan, (tap) => `sum = fma(${weightAt(plan, tap)}, sentBy(n, c4, 1u), sum);`)}`,
  /** dx = dP0 + sign(x) dP2, dy = dP1 + sign(y) dP3. */
  send({ C, C4 }, vectors, seen, back) {
    const below = blockVectors(2 * C, vectors);
    const one = (c: number) => {
      const at = `at + ${c * vectors}u`;
      return `${back}[${at}] + sign(${seen}[${at}]) * ${back}[${at} + ${below}u]`;
    };
    return /* wgsl */ `
for (var item = lid; item < ${2 * vectors * C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let i = item / ${C4}u % 2u;
  let q = item / ${2 * C4}u;
  let at = ${placeText(vectors, `i * ${C}u + 4u * c4`, "q")};
  ${sendRows([0, 1, 2, 3].map(one), "i")}
}`;
  },
};
