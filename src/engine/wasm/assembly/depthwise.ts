/**
 * Perception with weights of its own for each channel (`cells.ts` has the one of fixed taps, and the same layouts).
 * Weights, and the sums of their gradients, lie as (kernels, taps, channels), the channels padded as those of a cell;
 * `distances` holds the i32 byte distance of each tap, the same for all kernels.
 */
import { STRIDE } from "./layers";
import { cellAt } from "./list";
import { highHalves, highPairs, lowHalves, lowPairs, multiplyAdd } from "./simd";

/** out[c * K + k][r] = sum over taps of weight[k][tap][c] * channel c of the neighbour of cell r. */
export function perceiveDepthwise(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  kernelCount: i32,
  distances: usize,
  tapCount: i32,
  weights: usize,
  out: usize,
): void {
  const rowStep = <usize>kernelCount * STRIDE;
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let first = weights;
    for (let k = 0; k < kernelCount; k++) {
      let to = out + <usize>k * STRIDE;
      for (let channel: usize = 0; channel < cellBytes; channel += 16) {
        let a = f32x4.splat(0);
        let b = a;
        let c = a;
        let d = a;
        let w = first + channel;
        for (let tap = distances; tap != lastTap; tap += 4) {
          const distance = <usize>load<i32>(tap) + channel;
          const weight = v128.load(w);
          a = multiplyAdd(weight, v128.load(s0 + distance), a);
          b = multiplyAdd(weight, v128.load(s1 + distance), b);
          c = multiplyAdd(weight, v128.load(s2 + distance), c);
          d = multiplyAdd(weight, v128.load(s3 + distance), d);
          w += cellBytes;
        }
        const ab = lowPairs(a, b);
        const cd = lowPairs(c, d);
        const ef = highPairs(a, b);
        const gh = highPairs(c, d);
        v128.store(to, lowHalves(ab, cd));
        to += rowStep;
        v128.store(to, highHalves(ab, cd));
        to += rowStep;
        v128.store(to, lowHalves(ef, gh));
        to += rowStep;
        v128.store(to, highHalves(ef, gh));
        to += rowStep;
      }
      first += <usize>tapCount * cellBytes;
    }
    list += 16;
    out += 16;
  }
}

/**
 * The adjoint of {@link perceiveDepthwise} to the state: cotangent[r at tap][c] += weight[k][tap][c] * dOut[c * K + k][r],
 * where the columns from the list's repeats on are 0.
 */
export function scatterDepthwise(
  list: usize,
  cells: i32,
  cotangent: usize,
  cellBytes: usize,
  kernelCount: i32,
  distances: usize,
  tapCount: i32,
  weights: usize,
  dOut: usize,
): void {
  const rowStep = <usize>kernelCount * STRIDE;
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(cotangent, list, cellBytes);
    const s1 = cellAt(cotangent, list + 4, cellBytes);
    const s2 = cellAt(cotangent, list + 8, cellBytes);
    const s3 = cellAt(cotangent, list + 12, cellBytes);
    let first = weights;
    for (let k = 0; k < kernelCount; k++) {
      let from = dOut + <usize>k * STRIDE;
      for (let channel: usize = 0; channel < cellBytes; channel += 16) {
        const p = v128.load(from);
        from += rowStep;
        const q = v128.load(from);
        from += rowStep;
        const u = v128.load(from);
        from += rowStep;
        const v = v128.load(from);
        from += rowStep;
        const pq = lowPairs(p, q);
        const uv = lowPairs(u, v);
        const rs = highPairs(p, q);
        const wx = highPairs(u, v);
        const a = lowHalves(pq, uv);
        const b = highHalves(pq, uv);
        const c = lowHalves(rs, wx);
        const d = highHalves(rs, wx);
        let w = first + channel;
        for (let tap = distances; tap != lastTap; tap += 4) {
          const distance = <usize>load<i32>(tap) + channel;
          const weight = v128.load(w);
          w += cellBytes;
          let to = s0 + distance;
          v128.store(to, multiplyAdd(weight, a, v128.load(to)));
          to = s1 + distance;
          v128.store(to, multiplyAdd(weight, b, v128.load(to)));
          to = s2 + distance;
          v128.store(to, multiplyAdd(weight, c, v128.load(to)));
          to = s3 + distance;
          v128.store(to, multiplyAdd(weight, d, v128.load(to)));
        }
      }
      first += <usize>tapCount * cellBytes;
    }
    list += 16;
    dOut += 16;
  }
}

/**
 * The adjoint of {@link perceiveDepthwise} to the weights: sums[k][tap][c] += sum over r of dOut[c * K + k][r] * channel c
 * of the neighbour of cell r, in the state that was perceived.
 */
export function depthwiseGradient(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  kernelCount: i32,
  distances: usize,
  tapCount: i32,
  sums: usize,
  dOut: usize,
): void {
  const rowStep = <usize>kernelCount * STRIDE;
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let first = sums;
    for (let k = 0; k < kernelCount; k++) {
      let from = dOut + <usize>k * STRIDE;
      for (let channel: usize = 0; channel < cellBytes; channel += 16) {
        const p = v128.load(from);
        from += rowStep;
        const q = v128.load(from);
        from += rowStep;
        const u = v128.load(from);
        from += rowStep;
        const v = v128.load(from);
        from += rowStep;
        const pq = lowPairs(p, q);
        const uv = lowPairs(u, v);
        const rs = highPairs(p, q);
        const wx = highPairs(u, v);
        const a = lowHalves(pq, uv);
        const b = highHalves(pq, uv);
        const c = lowHalves(rs, wx);
        const d = highHalves(rs, wx);
        let sum = first + channel;
        for (let tap = distances; tap != lastTap; tap += 4) {
          const distance = <usize>load<i32>(tap) + channel;
          let total = multiplyAdd(a, v128.load(s0 + distance), v128.load(sum));
          total = multiplyAdd(b, v128.load(s1 + distance), total);
          total = multiplyAdd(c, v128.load(s2 + distance), total);
          v128.store(sum, multiplyAdd(d, v128.load(s3 + distance), total));
          sum += cellBytes;
        }
      }
      first += <usize>tapCount * cellBytes;
    }
    list += 16;
    dOut += 16;
  }
}
