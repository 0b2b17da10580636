import { kernelTaps } from "../../rule/kernels.ts";
import { cellAt } from "../cellAt.ts";
import type { PlainPerception } from "./plain.ts";

/** P[n, c*K + k] = sum over the taps of kernel k of weight * S[n + offset, c]. */
export const taps: PlainPerception = {
  perceive({ rule, grid, features }, S, P) {
    const { channels: C, kernels, boundary } = rule;
    const [height, width] = grid;
    const K = kernels.length;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const seen = (y * width + x) * features;
        for (let k = 0; k < K; k++) {
          for (const { offset, weight } of kernelTaps(kernels[k])) {
            const neighbour = cellAt(boundary, grid, y + offset[0], x + offset[1]);
            if (neighbour < 0) continue;
            for (let c = 0; c < C; c++) P[seen + c * K + k] += weight * S[neighbour * C + c];
          }
        }
      }
    }
  },

  backward({ rule, grid, features }, _S, dP, dS) {
    const { channels: C, kernels, boundary } = rule;
    const [height, width] = grid;
    const K = kernels.length;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const seen = (y * width + x) * features;
        for (let k = 0; k < K; k++) {
          for (const { offset, weight } of kernelTaps(kernels[k])) {
            const neighbour = cellAt(boundary, grid, y + offset[0], x + offset[1]);
            if (neighbour < 0) continue;
            for (let c = 0; c < C; c++) dS[neighbour * C + c] += weight * dP[seen + c * K + k];
          }
        }
      }
    }
  },
};
