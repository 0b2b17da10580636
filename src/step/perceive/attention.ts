import { exponential } from "../../math.ts";
import { attentionOf, attentionOffsets } from "../../rule/parts/attention.ts";
import { cellCount } from "../../rule/grid.ts";
import type { Floats } from "../floats.ts";
import { neighboursAt } from "../neighbours.ts";
import type { PlainPerception, Seen } from "./plain.ts";

/** Where the tensors begin among the parameters, and the sizes of all. */
function layoutOf({ rule, grid, parameters }: Seen) {
  if (!parameters) throw new RangeError("a rule whose perception is trained perceives by its parameters");
  const { heads: H, size: D } = attentionOf(rule);
  const C = rule.channels;
  const lists = attentionOffsets(rule).map((offset) => neighboursAt(rule.boundary, grid, offset));
  return { H, D, C, W: parameters, lists, key: C * H * D, place: 2 * C * H * D, scale: 1 / Math.sqrt(D) };
}

/** S (...grid, C) times a tensor (C, H, D) that begins at `at`: (...grid, H, D). */
function projected(S: Floats, W: Floats, at: number, C: number, columns: number): Floats {
  const cells = S.length / C;
  const out = new Float64Array(cells * columns);
  for (let n = 0; n < cells; n++) {
    for (let c = 0; c < C; c++) {
      const value = S[n * C + c];
      if (value === 0) continue;
      for (let j = 0; j < columns; j++) out[n * columns + j] += value * W[at + c * columns + j];
    }
  }
  return out;
}

/**
 * How much each head of each cell attends to each neighbour: a[n, h, o] = softmax over o of q[n, h] . k[n + o, h] / sqrt(D) +
 * b[h, o], with q = S Wq and k = S Wk. Beyond the edge S is 0, and so is the key.
 */
function attended(seen: Seen, S: Floats) {
  const { H, D, C, W, lists, key, place, scale } = layoutOf(seen);
  const q = projected(S, W, 0, C, H * D);
  const k = projected(S, W, key, C, H * D);
  const O = lists.length;
  const a = new Float64Array(cellCount(seen.grid) * H * O);
  for (let n = 0; n < cellCount(seen.grid); n++) {
    for (let h = 0; h < H; h++) {
      const at = (n * H + h) * O;
      let most = -Infinity;
      for (let o = 0; o < O; o++) {
        const neighbour = lists[o][n];
        let product = 0;
        if (neighbour >= 0) {
          for (let d = 0; d < D; d++) product += q[(n * H + h) * D + d] * k[(neighbour * H + h) * D + d];
        }
        a[at + o] = product * scale + W[place + h * O + o];
        most = Math.max(most, a[at + o]);
      }
      let sum = 0;
      for (let o = 0; o < O; o++) sum += a[at + o] = exponential(a[at + o] - most);
      for (let o = 0; o < O; o++) a[at + o] /= sum;
    }
  }
  return { a, q, k };
}

/** P[n, c K] = S[n, c]; P[n, c K + 1 + h] = sum over o of a[n, h, o] * S[n + o, c], with K = 1 + H. */
export const attention: PlainPerception = {
  perceive(seen, S, P) {
    const { H, C, lists } = layoutOf(seen);
    const { a } = attended(seen, S);
    const K = 1 + H;
    for (let n = 0; n < cellCount(seen.grid); n++) {
      const features = n * seen.features;
      for (let c = 0; c < C; c++) P[features + c * K] += S[n * C + c];
      for (const [o, neighbours] of lists.entries()) {
        const neighbour = neighbours[n];
        if (neighbour < 0) continue;
        for (let h = 0; h < H; h++) {
          const weight = a[(n * H + h) * lists.length + o];
          for (let c = 0; c < C; c++) P[features + c * K + 1 + h] += weight * S[neighbour * C + c];
        }
      }
    }
  },

  /**
   * da[o] = sum over c of dP[n, c K + 1 + h] * S[n + o, c]; dS[n + o, c] += a[o] * dP[n, c K + 1 + h]. Through the softmax,
   * ds[o] = a[o] (da[o] - sum over o' of a[o'] da[o']); then db += ds, dq[n] += ds k[n + o] / sqrt(D), dk[n + o] += ds q[n] /
   * sqrt(D), and through the products dWq += S^T dq, dS += dq Wq^T, and the same of keys.
   */
  backward(seen, S, dP, dS, gradient) {
    const { H, D, C, W, lists, key, place, scale } = layoutOf(seen);
    const { a, q, k } = attended(seen, S);
    const K = 1 + H;
    const O = lists.length;
    const dq = new Float64Array(q.length);
    const dk = new Float64Array(k.length);
    const da = new Float64Array(O);
    for (let n = 0; n < cellCount(seen.grid); n++) {
      const features = n * seen.features;
      for (let c = 0; c < C; c++) dS[n * C + c] += dP[features + c * K];
      for (let h = 0; h < H; h++) {
        const at = (n * H + h) * O;
        let mean = 0;
        for (let o = 0; o < O; o++) {
          const neighbour = lists[o][n];
          da[o] = 0;
          if (neighbour < 0) continue;
          for (let c = 0; c < C; c++) {
            const back = dP[features + c * K + 1 + h];
            da[o] += back * S[neighbour * C + c];
            dS[neighbour * C + c] += a[at + o] * back;
          }
          mean += a[at + o] * da[o];
        }
        for (let o = 0; o < O; o++) {
          const ds = a[at + o] * (da[o] - mean);
          gradient[place + h * O + o] += ds;
          const neighbour = lists[o][n];
          if (neighbour < 0) continue;
          const [from, to] = [(n * H + h) * D, (neighbour * H + h) * D];
          for (let d = 0; d < D; d++) {
            dq[from + d] += ds * scale * k[to + d];
            dk[to + d] += ds * scale * q[from + d];
          }
        }
      }
    }
    for (const [at, back] of [
      [0, dq],
      [key, dk],
    ] as const) {
      for (let n = 0; n < cellCount(seen.grid); n++) {
        for (let c = 0; c < C; c++) {
          for (let j = 0; j < H * D; j++) {
            gradient[at + c * H * D + j] += S[n * C + c] * back[n * H * D + j];
            dS[n * C + c] += back[n * H * D + j] * W[at + c * H * D + j];
          }
        }
      }
    }
  },
};
