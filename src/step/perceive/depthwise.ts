import { depthwiseOf, depthwiseOffsets } from "../../rule/parts/depthwise.ts";
import { cellCount } from "../../rule/grid.ts";
import { neighboursAt } from "../neighbours.ts";
import type { Floats } from "../floats.ts";
import type { PlainPerception, Seen } from "./plain.ts";

/** Calls back for every cell, kernel and tap inside the grid with where its features, weights and neighbour begin. */
function forEachTap(
  { rule, grid, features }: Seen,
  visit: (feature: number, weight: number, neighbour: number, K: number) => void,
): void {
  const { channels: C, boundary } = rule;
  const { kernels: K } = depthwiseOf(rule);
  const lists = depthwiseOffsets(rule).map((offset) => neighboursAt(boundary, grid, offset));
  for (let n = 0; n < cellCount(grid); n++) {
    for (const [tap, neighbours] of lists.entries()) {
      const neighbour = neighbours[n];
      if (neighbour < 0) continue;
      for (let k = 0; k < K; k++) {
        visit(n * features + k, (k * lists.length + tap) * C, neighbour * C, K);
      }
    }
  }
}

/** The parameters' own tensor W (K, taps, C): the first. */
function weightsOf({ parameters }: Seen): Floats {
  if (!parameters) throw new RangeError("a rule whose kernels are trained perceives by its parameters");
  return parameters;
}

/** P[n, c*K + k] = sum over taps o of W[k, o, c] * S[n + o, c]. */
export const depthwise: PlainPerception = {
  perceive(seen, S, P) {
    const C = seen.rule.channels;
    const W = weightsOf(seen);
    forEachTap(seen, (feature, weight, neighbour, K) => {
      for (let c = 0; c < C; c++) P[feature + c * K] += W[weight + c] * S[neighbour + c];
    });
  },

  /** dS[n + o, c] += W[k, o, c] * dP[n, c*K + k]; dW[k, o, c] += dP[n, c*K + k] * S[n + o, c]. */
  backward(seen, S, dP, dS, dW) {
    const C = seen.rule.channels;
    const W = weightsOf(seen);
    forEachTap(seen, (feature, weight, neighbour, K) => {
      for (let c = 0; c < C; c++) {
        dS[neighbour + c] += W[weight + c] * dP[feature + c * K];
        dW[weight + c] += dP[feature + c * K] * S[neighbour + c];
      }
    });
  },
};
