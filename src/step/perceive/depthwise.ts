import { depthwiseOf, depthwiseOffsets } from "../../rule/parts/depthwise.ts";
import { cellAt } from "../cellAt.ts";
import type { Floats } from "../floats.ts";
import type { PlainPerception, Seen } from "./plain.ts";

/** Calls back for every cell, kernel and tap inside the grid with where its features, weights and neighbour begin. */
function forEachTap(
  { rule, grid, features }: Seen,
  visit: (feature: number, weight: number, neighbour: number, K: number) => void,
): void {
  const { channels: C, boundary } = rule;
  const [height, width] = grid;
  const { size, kernels: K } = depthwiseOf(rule);
  const offsets = depthwiseOffsets(size);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [tap, [down, right]] of offsets.entries()) {
        const neighbour = cellAt(boundary, grid, y + down, x + right);
        if (neighbour < 0) continue;
        for (let k = 0; k < K; k++) {
          const weight = (k * offsets.length + tap) * C;
          visit((y * width + x) * features + k, weight, neighbour * C, K);
        }
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
