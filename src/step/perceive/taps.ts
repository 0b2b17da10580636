import { cellCount, type Grid } from "../../rule/grid.ts";
import { kernelTaps } from "../../rule/kernels.ts";
import { axesOf, type Rule } from "../../rule/rule.ts";
import { neighboursAt } from "../neighbours.ts";
import type { PlainPerception } from "./plain.ts";

/** All taps, kernel by kernel, each with the neighbours it leads to. */
function tapsOn(rule: Rule, grid: Grid) {
  return rule.kernels.flatMap((kernel, k) =>
    kernelTaps(kernel, axesOf(rule)).map(({ offset, weight }) => ({
      k,
      weight,
      neighbours: neighboursAt(rule.boundary, grid, offset),
    })),
  );
}

/** P[n, c*K + k] = sum over the taps of kernel k of weight * S[n + offset, c]. */
export const taps: PlainPerception = {
  perceive({ rule, grid, features }, S, P) {
    const { channels: C, kernels } = rule;
    const K = kernels.length;
    const all = tapsOn(rule, grid);
    for (let n = 0; n < cellCount(grid); n++) {
      for (const { k, weight, neighbours } of all) {
        const neighbour = neighbours[n];
        if (neighbour < 0) continue;
        for (let c = 0; c < C; c++) P[n * features + c * K + k] += weight * S[neighbour * C + c];
      }
    }
  },

  backward({ rule, grid, features }, _S, dP, dS) {
    const { channels: C, kernels } = rule;
    const K = kernels.length;
    const all = tapsOn(rule, grid);
    for (let n = 0; n < cellCount(grid); n++) {
      for (const { k, weight, neighbours } of all) {
        const neighbour = neighbours[n];
        if (neighbour < 0) continue;
        for (let c = 0; c < C; c++) dS[neighbour * C + c] += weight * dP[n * features + c * K + k];
      }
    }
  },
};
