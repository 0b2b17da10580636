import { cellCount } from "../../rule/grid.ts";
import { FILTER_FEATURES, filterTaps } from "../../rule/parts/filter.ts";
import type { Floats } from "../floats.ts";
import { neighboursAt } from "../neighbours.ts";
import type { PlainPerception, Seen } from "./plain.ts";

/** Calls back for every tap of every cell that leads to a cell of the grid, with where its weights and its neighbour begin. */
function forEachTap(
  { rule, grid }: Seen,
  visit: (cell: number, weight: number, neighbour: number, weights: Float64Array) => void,
): void {
  const { channels: C, boundary } = rule;
  const { offsets, weights } = filterTaps(rule);
  const lists = offsets.map((offset) => neighboursAt(boundary, grid, offset));
  for (let n = 0; n < cellCount(grid); n++) {
    for (const [tap, neighbours] of lists.entries()) {
      const neighbour = neighbours[n];
      if (neighbour >= 0) visit(n, tap * C, neighbour * C, weights);
    }
  }
}

/** What filters make of each channel: y[n, c] = sum over taps o of w[o, c] * S[n + o, c]. */
function filtered(seen: Seen, S: Floats): Floats {
  const C = seen.rule.channels;
  const y = S.slice().fill(0);
  forEachTap(seen, (cell, weight, neighbour, w) => {
    for (let c = 0; c < C; c++) y[cell * C + c] += w[weight + c] * S[neighbour + c];
  });
  return y;
}

/** P[n, 4 c ... 4 c + 3] = x, y, |x|, |y|, with x = S[n, c]. */
export const filter: PlainPerception = {
  perceive(seen, S, P) {
    const { rule, features } = seen;
    const C = rule.channels;
    const y = filtered(seen, S);
    for (let i = 0; i < y.length; i++) {
      const at = Math.floor(i / C) * features + (i % C) * FILTER_FEATURES;
      P[at] = S[i];
      P[at + 1] = y[i];
      P[at + 2] = Math.abs(S[i]);
      P[at + 3] = Math.abs(y[i]);
    }
  },

  /** dx = dP0 + sign(x) dP2; dy = dP1 + sign(y) dP3; dS[n, c] += dx, dS[n + o, c] += w[o, c] * dy. At 0, sign is 0. */
  backward(seen, S, dP, dS) {
    const { rule, features } = seen;
    const C = rule.channels;
    const dy = filtered(seen, S);
    for (let i = 0; i < dy.length; i++) {
      const at = Math.floor(i / C) * features + (i % C) * FILTER_FEATURES;
      dS[i] += dP[at] + Math.sign(S[i]) * dP[at + 2];
      dy[i] = dP[at + 1] + Math.sign(dy[i]) * dP[at + 3];
    }
    forEachTap(seen, (cell, weight, neighbour, w) => {
      for (let c = 0; c < C; c++) dS[neighbour + c] += w[weight + c] * dy[cell * C + c];
    });
  },
};
