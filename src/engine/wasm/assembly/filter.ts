/**
 * Perception of one filter for each channel and of magnitudes: x, y, |x|, |y| (`cells.ts` has the one of fixed taps, and the
 * same layouts). Weights lie as (taps, channels), the channels padded as those of a cell; `distances` holds the i32 byte
 * distance of each tap.
 */
import { STRIDE } from "./layers";
import { cellAt } from "./list";
import { highHalves, highPairs, lowHalves, lowPairs, multiplyAdd } from "./simd";

/** The rows of a channel, from `to` on: itself, and two rows below its magnitude. */
// @ts-ignore: decorator
@inline
function storeWithMagnitude(to: usize, value: v128): void {
  v128.store(to, value);
  v128.store(to + 2 * STRIDE, f32x4.abs(value));
}

/** For each four channels, those of the four cells out of a, b, c, d into the rows of the channels. */
// @ts-ignore: decorator
@inline
function spreadRows(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = lowPairs(a, b);
  const cd = lowPairs(c, d);
  const ef = highPairs(a, b);
  const gh = highPairs(c, d);
  storeWithMagnitude(to, lowHalves(ab, cd));
  storeWithMagnitude(to + 4 * STRIDE, highHalves(ab, cd));
  storeWithMagnitude(to + 8 * STRIDE, lowHalves(ef, gh));
  storeWithMagnitude(to + 12 * STRIDE, highHalves(ef, gh));
}

/** out[4 c ... 4 c + 3][r] = x, y, |x|, |y|: x is channel c of cell r, y the sum over taps of weight[tap][c] * its neighbours. */
export function perceiveFilter(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  distances: usize,
  tapCount: i32,
  weights: usize,
  out: usize,
): void {
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let to = out;
    for (let channel: usize = 0; channel < cellBytes; channel += 16) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let w = weights + channel;
      for (let tap = distances; tap != lastTap; tap += 4) {
        const distance = <usize>load<i32>(tap) + channel;
        const weight = v128.load(w);
        a = multiplyAdd(weight, v128.load(s0 + distance), a);
        b = multiplyAdd(weight, v128.load(s1 + distance), b);
        c = multiplyAdd(weight, v128.load(s2 + distance), c);
        d = multiplyAdd(weight, v128.load(s3 + distance), d);
        w += cellBytes;
      }
      spreadRows(
        to,
        v128.load(s0 + channel),
        v128.load(s1 + channel),
        v128.load(s2 + channel),
        v128.load(s3 + channel),
      );
      spreadRows(to + STRIDE, a, b, c, d);
      to += 16 * STRIDE;
    }
    list += 16;
    out += 16;
  }
}

/** d value = d value + sign(value) * d |value|, given the rows of both; sign(0) is 0. */
// @ts-ignore: decorator
@inline
function slopeAt(dOut: usize, seen: usize): v128 {
  const value = v128.load(seen);
  const sign = v128.and(value, i32x4.splat(1 << 31));
  const magnitude = v128.xor(v128.load(dOut + 2 * STRIDE), sign);
  return f32x4.add(v128.load(dOut), v128.and(magnitude, f32x4.ne(value, f32x4.splat(0))));
}

/**
 * The adjoint of {@link perceiveFilter}: cotangent[r][c] += dx, cotangent[r at tap][c] += weight[tap][c] * dy, where the
 * columns from the list's repeats on are 0.
 *
 * @param seen what {@link perceiveFilter} wrote.
 */
export function scatterFilter(
  list: usize,
  cells: i32,
  cotangent: usize,
  cellBytes: usize,
  distances: usize,
  tapCount: i32,
  weights: usize,
  seen: usize,
  dOut: usize,
): void {
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(cotangent, list, cellBytes);
    const s1 = cellAt(cotangent, list + 4, cellBytes);
    const s2 = cellAt(cotangent, list + 8, cellBytes);
    const s3 = cellAt(cotangent, list + 12, cellBytes);
    let from = dOut;
    let at = seen;
    for (let channel: usize = 0; channel < cellBytes; channel += 16) {
      let p = slopeAt(from, at);
      let q = slopeAt(from + 4 * STRIDE, at + 4 * STRIDE);
      let u = slopeAt(from + 8 * STRIDE, at + 8 * STRIDE);
      let v = slopeAt(from + 12 * STRIDE, at + 12 * STRIDE);
      let pq = lowPairs(p, q);
      let uv = lowPairs(u, v);
      let rs = highPairs(p, q);
      let wx = highPairs(u, v);
      let to = s0 + channel;
      v128.store(to, f32x4.add(v128.load(to), lowHalves(pq, uv)));
      to = s1 + channel;
      v128.store(to, f32x4.add(v128.load(to), highHalves(pq, uv)));
      to = s2 + channel;
      v128.store(to, f32x4.add(v128.load(to), lowHalves(rs, wx)));
      to = s3 + channel;
      v128.store(to, f32x4.add(v128.load(to), highHalves(rs, wx)));
      p = slopeAt(from + STRIDE, at + STRIDE);
      q = slopeAt(from + 5 * STRIDE, at + 5 * STRIDE);
      u = slopeAt(from + 9 * STRIDE, at + 9 * STRIDE);
      v = slopeAt(from + 13 * STRIDE, at + 13 * STRIDE);
      from += 16 * STRIDE;
      at += 16 * STRIDE;
      pq = lowPairs(p, q);
      uv = lowPairs(u, v);
      rs = highPairs(p, q);
      wx = highPairs(u, v);
      const a = lowHalves(pq, uv);
      const b = highHalves(pq, uv);
      const c = lowHalves(rs, wx);
      const d = highHalves(rs, wx);
      let w = weights + channel;
      for (let tap = distances; tap != lastTap; tap += 4) {
        const distance = <usize>load<i32>(tap) + channel;
        const weight = v128.load(w);
        w += cellBytes;
        to = s0 + distance;
        v128.store(to, multiplyAdd(weight, a, v128.load(to)));
        to = s1 + distance;
        v128.store(to, multiplyAdd(weight, b, v128.load(to)));
        to = s2 + distance;
        v128.store(to, multiplyAdd(weight, c, v128.load(to)));
        to = s3 + distance;
        v128.store(to, multiplyAdd(weight, d, v128.load(to)));
      }
    }
    list += 16;
    dOut += 16;
    seen += 16;
  }
}
