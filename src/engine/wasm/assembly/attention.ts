/**
 * Neighbours weighted otherwise in each cell, as attention does: products with them, sums of them, the adjoint of such sums, and
 * the softmax that makes weights of products (`cells.ts` has the layouts). Weights and products lie in a chunk, a row for each
 * tap; `distances` holds the i32 byte distance of each tap. What belongs to the channels of a cell lies in rows `rowStep` bytes
 * apart, of the channels padded as those of a cell.
 */
import { STRIDE } from "./layers";
import { cellAt } from "./list";
import { highHalves, highPairs, lowHalves, lowPairs, multiplyAdd } from "./simd";

/**
 * out[tap][r] = sum over c of rows[c][r] * channel c of the neighbour of cell r.
 *
 * @param scratch 4 * cellBytes.
 */
export function neighbourProducts(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  distances: usize,
  tapCount: i32,
  rows: usize,
  rowStep: usize,
  out: usize,
  scratch: usize,
): void {
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let from = rows;
    let at = scratch;
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
      v128.store(at, lowHalves(pq, uv));
      v128.store(at, highHalves(pq, uv), 16);
      v128.store(at, lowHalves(rs, wx), 32);
      v128.store(at, highHalves(rs, wx), 48);
      at += 64;
    }
    let to = out;
    for (let tap = distances; tap != lastTap; tap += 4) {
      let distance = <usize>load<i32>(tap);
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      for (let own = scratch; own != at; own += 64) {
        a = multiplyAdd(v128.load(own), v128.load(s0 + distance), a);
        b = multiplyAdd(v128.load(own, 16), v128.load(s1 + distance), b);
        c = multiplyAdd(v128.load(own, 32), v128.load(s2 + distance), c);
        d = multiplyAdd(v128.load(own, 48), v128.load(s3 + distance), d);
        distance += 16;
      }
      const ab = lowPairs(a, b);
      const cd = lowPairs(c, d);
      const ef = highPairs(a, b);
      const gh = highPairs(c, d);
      const low = f32x4.add(lowHalves(ab, cd), highHalves(ab, cd));
      v128.store(to, f32x4.add(low, f32x4.add(lowHalves(ef, gh), highHalves(ef, gh))));
      to += STRIDE;
    }
    list += 16;
    rows += 16;
    out += 16;
  }
}

/** rows[c][r] = sum over taps of weight[tap][r] * channel c of the neighbour of cell r. */
export function neighbourSums(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  distances: usize,
  tapCount: i32,
  weights: usize,
  rows: usize,
  rowStep: usize,
): void {
  const lastTap = distances + (<usize>tapCount << 2);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let to = rows;
    for (let channel: usize = 0; channel < cellBytes; channel += 16) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let w = weights;
      for (let tap = distances; tap != lastTap; tap += 4) {
        const distance = <usize>load<i32>(tap) + channel;
        a = multiplyAdd(v128.load32_splat(w), v128.load(s0 + distance), a);
        b = multiplyAdd(v128.load32_splat(w, 4), v128.load(s1 + distance), b);
        c = multiplyAdd(v128.load32_splat(w, 8), v128.load(s2 + distance), c);
        d = multiplyAdd(v128.load32_splat(w, 12), v128.load(s3 + distance), d);
        w += STRIDE;
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
    list += 16;
    weights += 16;
    rows += 16;
  }
}

/**
 * The adjoint of two {@link neighbourSums} to the state, in one go: cotangent[r at tap][c] += weight[tap][r] * rows[c][r] +
 * otherWeight[tap][r] * otherRows[c][r].
 */
export function scatterNeighbours(
  list: usize,
  cells: i32,
  cotangent: usize,
  cellBytes: usize,
  distances: usize,
  tapCount: i32,
  weights: usize,
  rows: usize,
  rowStep: usize,
  otherWeights: usize,
  otherRows: usize,
  otherRowStep: usize,
): void {
  const lastTap = distances + (<usize>tapCount << 2);
  const between = otherWeights - weights;
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(cotangent, list, cellBytes);
    const s1 = cellAt(cotangent, list + 4, cellBytes);
    const s2 = cellAt(cotangent, list + 8, cellBytes);
    const s3 = cellAt(cotangent, list + 12, cellBytes);
    let from = rows;
    let other = otherRows;
    for (let channel: usize = 0; channel < cellBytes; channel += 16) {
      let p = v128.load(from);
      from += rowStep;
      let q = v128.load(from);
      from += rowStep;
      let u = v128.load(from);
      from += rowStep;
      let v = v128.load(from);
      from += rowStep;
      let pq = lowPairs(p, q);
      let uv = lowPairs(u, v);
      let rs = highPairs(p, q);
      let wx = highPairs(u, v);
      const a = lowHalves(pq, uv);
      const b = highHalves(pq, uv);
      const c = lowHalves(rs, wx);
      const d = highHalves(rs, wx);
      p = v128.load(other);
      other += otherRowStep;
      q = v128.load(other);
      other += otherRowStep;
      u = v128.load(other);
      other += otherRowStep;
      v = v128.load(other);
      other += otherRowStep;
      pq = lowPairs(p, q);
      uv = lowPairs(u, v);
      rs = highPairs(p, q);
      wx = highPairs(u, v);
      const e = lowHalves(pq, uv);
      const f = highHalves(pq, uv);
      const g = lowHalves(rs, wx);
      const h = highHalves(rs, wx);
      let w = weights;
      for (let tap = distances; tap != lastTap; tap += 4) {
        const distance = <usize>load<i32>(tap) + channel;
        const y = w + between;
        let to = s0 + distance;
        let sum = multiplyAdd(v128.load32_splat(w), a, v128.load(to));
        v128.store(to, multiplyAdd(v128.load32_splat(y), e, sum));
        to = s1 + distance;
        sum = multiplyAdd(v128.load32_splat(w, 4), b, v128.load(to));
        v128.store(to, multiplyAdd(v128.load32_splat(y, 4), f, sum));
        to = s2 + distance;
        sum = multiplyAdd(v128.load32_splat(w, 8), c, v128.load(to));
        v128.store(to, multiplyAdd(v128.load32_splat(y, 8), g, sum));
        to = s3 + distance;
        sum = multiplyAdd(v128.load32_splat(w, 12), d, v128.load(to));
        v128.store(to, multiplyAdd(v128.load32_splat(y, 12), h, sum));
        w += STRIDE;
      }
    }
    list += 16;
    weights += 16;
    rows += 16;
    otherRows += 16;
  }
}

/**
 * e^x for x of at most 0, within 9e-8 of its size; 0 below -87, where it has left the range of normal numbers.
 *
 * x = n log 2 + r with a whole n, and e^r is the polynomial of `expf` in Cephes (Moshier, 1992). log 2 is cut in two, so that n
 * times the first part is exact.
 */
// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  // One instruction, unlike `max`; NaN stays, as it is not less.
  const within = f32x4.pmax(x, f32x4.splat(-87));
  // Next to 1.5 * 2^23 floats are whole numbers, n in their last bits.
  const whole = f32x4.splat(12582912);
  const rounded = multiplyAdd(within, f32x4.splat(1.44269504), whole);
  const twos = f32x4.sub(rounded, whole);
  let rest = multiplyAdd(twos, f32x4.splat(-0.693359375), within);
  rest = multiplyAdd(twos, f32x4.splat(2.1219444e-4), rest);
  let sum = multiplyAdd(rest, f32x4.splat(1.9875691500e-4), f32x4.splat(1.3981999507e-3));
  sum = multiplyAdd(rest, sum, f32x4.splat(8.3334519073e-3));
  sum = multiplyAdd(rest, sum, f32x4.splat(4.1665795894e-2));
  sum = multiplyAdd(rest, sum, f32x4.splat(1.6666665459e-1));
  sum = multiplyAdd(rest, sum, f32x4.splat(5.0000001201e-1));
  sum = f32x4.add(multiplyAdd(f32x4.mul(rest, rest), sum, rest), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(sum, power), f32x4.lt(x, f32x4.splat(-87)));
}

/**
 * scores[tap][r] = softmax over taps of scores[tap][r] + places[tap].
 *
 * @param cells multiple of 4.
 */
export function softmax(scores: usize, places: usize, tapCount: i32, cells: i32): void {
  const rowsEnd = <usize>tapCount * STRIDE;
  for (let end = scores + (<usize>cells << 2); scores != end; scores += 16) {
    const last = scores + rowsEnd;
    let most = f32x4.splat(-Infinity);
    let place = places;
    for (let at = scores; at != last; at += STRIDE) {
      const score = f32x4.add(v128.load(at), v128.load32_splat(place));
      v128.store(at, score);
      most = f32x4.pmax(most, score);
      place += 4;
    }
    let sum = f32x4.splat(0);
    for (let at = scores; at != last; at += STRIDE) {
      const share = exponential(f32x4.sub(v128.load(at), most));
      v128.store(at, share);
      sum = f32x4.add(sum, share);
    }
    const whole = f32x4.div(f32x4.splat(1), sum);
    for (let at = scores; at != last; at += STRIDE) v128.store(at, f32x4.mul(v128.load(at), whole));
  }
}

/**
 * The adjoint of {@link softmax}: slopes[tap][r] = weight[tap][r] * (slopes[tap][r] - sum over taps of weight * slopes).
 *
 * @param weights what {@link softmax} wrote. @param slopes the cotangent of that; becomes the one of the scores.
 */
export function softmaxBackward(weights: usize, slopes: usize, tapCount: i32, cells: i32): void {
  const rowsEnd = <usize>tapCount * STRIDE;
  const distance = slopes - weights;
  for (let end = weights + (<usize>cells << 2); weights != end; weights += 16) {
    const last = weights + rowsEnd;
    let mean = f32x4.splat(0);
    for (let at = weights; at != last; at += STRIDE) {
      mean = multiplyAdd(v128.load(at), v128.load(at + distance), mean);
    }
    for (let at = weights; at != last; at += STRIDE) {
      v128.store(at + distance, f32x4.mul(v128.load(at), f32x4.sub(v128.load(at + distance), mean)));
    }
  }
}
