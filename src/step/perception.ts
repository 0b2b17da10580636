import { kernelTaps } from "../rule/kernels.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { type Floats, addTo, zerosLike } from "./floats.ts";

/** Index of the cell at a row and column; beyond the edge, that of the cell on the other side, or -1. */
export function cellAt(boundary: Rule["boundary"], [height, width]: Grid, y: number, x: number): number {
  if (boundary === "wrap") return modulo(y, height) * width + modulo(x, width);
  return y >= 0 && y < height && x >= 0 && x < width ? y * width + x : -1;
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}

/** Numbers that the network of a cell receives: F = C * K + I. */
export function featureCount({ channels, kernels, inputSize }: Rule): number {
  return channels * kernels.length + inputSize;
}

/**
 * What each cell sees: P[n, c*K + k] = sum over the taps of kernel k of weight * S[n + offset, c], then z.
 *
 * @param S (H, W, C). @param z the sample's vector, (I); undefined where the rule has none.
 * @returns (H, W, F).
 */
export function perceive(rule: Rule, grid: Grid, S: Floats, z: Floats | undefined): Floats {
  const { channels: C, kernels, boundary } = rule;
  const [height, width] = grid;
  const K = kernels.length;
  const F = featureCount(rule);
  const P = zerosLike(S, height * width * F);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const seen = (y * width + x) * F;
      for (let k = 0; k < K; k++) {
        for (const { offset, weight } of kernelTaps(kernels[k])) {
          const neighbour = cellAt(boundary, grid, y + offset[0], x + offset[1]);
          if (neighbour < 0) continue;
          for (let c = 0; c < C; c++) P[seen + c * K + k] += weight * S[neighbour * C + c];
        }
      }
      if (z) P.set(z, seen + C * K);
    }
  }
  return P;
}

/** The adjoint of {@link perceive}: adds to dS (H, W, C) and dz (I), given dP (H, W, F). */
export function perceiveBackward(
  rule: Rule,
  grid: Grid,
  dS: Floats,
  dz: Floats | undefined,
  dP: Floats,
): void {
  const { channels: C, kernels, boundary } = rule;
  const [height, width] = grid;
  const K = kernels.length;
  const F = featureCount(rule);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const seen = (y * width + x) * F;
      for (let k = 0; k < K; k++) {
        for (const { offset, weight } of kernelTaps(kernels[k])) {
          const neighbour = cellAt(boundary, grid, y + offset[0], x + offset[1]);
          if (neighbour < 0) continue;
          for (let c = 0; c < C; c++) dS[neighbour * C + c] += weight * dP[seen + c * K + k];
        }
      }
      if (dz) addTo(dz, dP.subarray(seen + C * K, seen + F));
    }
  }
}
