/**
 * Between the grid (cell-major: the channels of a cell side by side, padded to a multiple of 4) and a chunk
 * (feature-major, `layers.ts`): gathers, scatters and the 4x4 transposes between the two.
 *
 * `list` names the cells of the chunk, a multiple of 8 of them; the last may be repeated.
 * Taps are 8 bytes each, i32 byte distance and f32 weight; `kernels` holds for each kernel the i32 number of its taps.
 */
import { STRIDE } from "./layers";
import { cellAt } from "./list";
import { highHalves, highPairs, lowHalves, lowPairs, multiplyAdd } from "./simd";

/** out[c * K + k][r] = sum over the taps of kernel k of weight * channel c of the neighbour of cell r. */
export function perceive(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  kernels: usize,
  kernelCount: i32,
  taps: usize,
  out: usize,
): void {
  const rowStep = <usize>kernelCount * STRIDE;
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let tap = taps;
    for (let k = 0; k < kernelCount; k++) {
      const firstTap = tap;
      const lastTap = tap + (<usize>load<i32>(kernels + (k << 2)) << 3);
      let to = out + <usize>k * STRIDE;
      for (let channel: usize = 0; channel < cellBytes; channel += 16) {
        let a = f32x4.splat(0);
        let b = a;
        let c = a;
        let d = a;
        for (tap = firstTap; tap != lastTap; tap += 8) {
          const distance = <usize>load<i32>(tap) + channel;
          const weight = v128.load32_splat(tap, 4);
          a = multiplyAdd(weight, v128.load(s0 + distance), a);
          b = multiplyAdd(weight, v128.load(s1 + distance), b);
          c = multiplyAdd(weight, v128.load(s2 + distance), c);
          d = multiplyAdd(weight, v128.load(s3 + distance), d);
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
    }
    list += 16;
    out += 16;
  }
}

/**
 * Says in `alive` which of the listed cells exceed the threshold once {@link update} has been done, and in the same
 * bits; the state stays as it is.
 *
 * @param channel the alive channel.
 */
export function mature(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  delta: usize,
  stepSize: f32,
  channel: i32,
  threshold: f32,
  alive: usize,
): void {
  const scale = f32x4.splat(stepSize);
  const least = f32x4.splat(threshold);
  const from = state + (<usize>channel << 2);
  let change = delta + <usize>channel * STRIDE;
  for (let r = 0; r < cells; r += 4) {
    let value = v128.load32_splat(cellAt(from, list, cellBytes));
    value = v128.load_lane<f32>(cellAt(from, list + 4, cellBytes), value, 1);
    value = v128.load_lane<f32>(cellAt(from, list + 8, cellBytes), value, 2);
    value = v128.load_lane<f32>(cellAt(from, list + 12, cellBytes), value, 3);
    const above = i32x4.bitmask(f32x4.gt(multiplyAdd(scale, v128.load(change), value), least));
    for (let i = 0; i < 4; i++) {
      store<u8>(alive + <usize>load<u32>(list), <u8>((above >> i) & 1));
      list += 4;
    }
    change += 16;
  }
}

/**
 * delta[c][r] += sigma * noise, the noise of `src/step/noise.ts`: pcg4d(key, sample, step, cell * channels + c).
 *
 * @param origin number of the grid's first cell in the list's numbers, `stride` of which are from row to row.
 * @param scale what makes the noise's whole numbers one of variance 1.
 */
export function addNoise(
  list: usize,
  cells: i32,
  origin: i32,
  stride: i32,
  gridWidth: i32,
  channels: i32,
  key: i32,
  sample: i32,
  step: i32,
  scale: f32,
  sigma: f32,
  delta: usize,
): void {
  const multiplier = i32x4.splat(1664525);
  const increment = i32x4.splat(1013904223);
  const half = i32x4.splat(0xffff);
  const middle = i32x4.splat(8 * 65535);
  const x0 = i32x4.splat(key * 1664525 + 1013904223);
  const y0 = i32x4.splat(sample * 1664525 + 1013904223);
  const z0 = i32x4.splat(step * 1664525 + 1013904223);
  const unit = f32x4.splat(scale);
  const deviation = f32x4.splat(sigma);
  for (let r = 0; r < cells; r += 4) {
    let first = i32x4.splat(0);
    for (let i = 0; i < 4; i++) {
      const at = load<i32>(list) - origin;
      const number = ((at / stride) * gridWidth + (at % stride)) * channels;
      first = v128.shuffle<i32>(first, i32x4.splat(number), 1, 2, 3, 4);
      list += 4;
    }
    let to = delta;
    for (let c = 0; c < channels; c++) {
      let w = i32x4.add(i32x4.mul(i32x4.add(first, i32x4.splat(c)), multiplier), increment);
      let x = i32x4.add(x0, i32x4.mul(y0, w));
      let y = i32x4.add(y0, i32x4.mul(z0, x));
      let z = i32x4.add(z0, i32x4.mul(x, y));
      w = i32x4.add(w, i32x4.mul(y, z));
      x = v128.xor(x, i32x4.shr_u(x, 16));
      y = v128.xor(y, i32x4.shr_u(y, 16));
      z = v128.xor(z, i32x4.shr_u(z, 16));
      w = v128.xor(w, i32x4.shr_u(w, 16));
      x = i32x4.add(x, i32x4.mul(y, w));
      y = i32x4.add(y, i32x4.mul(z, x));
      z = i32x4.add(z, i32x4.mul(x, y));
      w = i32x4.add(w, i32x4.mul(y, z));
      const low = i32x4.add(
        i32x4.add(v128.and(x, half), v128.and(y, half)),
        i32x4.add(v128.and(z, half), v128.and(w, half)),
      );
      const high = i32x4.add(
        i32x4.add(i32x4.shr_u(x, 16), i32x4.shr_u(y, 16)),
        i32x4.add(i32x4.shr_u(z, 16), i32x4.shr_u(w, 16)),
      );
      const whole = i32x4.sub(i32x4.shl(i32x4.add(low, high), 1), middle);
      const noise = f32x4.mul(f32x4.convert_i32x4_s(whole), unit);
      v128.store(to, multiplyAdd(deviation, noise, v128.load(to)));
      to += STRIDE;
    }
    delta += 16;
  }
}

/** state[r] += stepSize * delta[.][r] for the first `cells` cells. */
export function update(
  list: usize,
  cells: i32,
  state: usize,
  cellBytes: usize,
  delta: usize,
  stepSize: f32,
): void {
  const scale = f32x4.splat(stepSize);
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(state, list, cellBytes);
    const s1 = cellAt(state, list + 4, cellBytes);
    const s2 = cellAt(state, list + 8, cellBytes);
    const s3 = cellAt(state, list + 12, cellBytes);
    let from = delta;
    for (let channel: usize = 0; channel < cellBytes; channel += 16) {
      const a = v128.load(from);
      const b = v128.load(from + STRIDE);
      const c = v128.load(from + 2 * STRIDE);
      const d = v128.load(from + 3 * STRIDE);
      from += 4 * STRIDE;
      const ab = lowPairs(a, b);
      const cd = lowPairs(c, d);
      const ef = highPairs(a, b);
      const gh = highPairs(c, d);
      v128.store(s0 + channel, multiplyAdd(scale, lowHalves(ab, cd), v128.load(s0 + channel)));
      if (r + 1 < cells) {
        v128.store(s1 + channel, multiplyAdd(scale, highHalves(ab, cd), v128.load(s1 + channel)));
        if (r + 2 < cells) {
          v128.store(s2 + channel, multiplyAdd(scale, lowHalves(ef, gh), v128.load(s2 + channel)));
          if (r + 3 < cells) {
            v128.store(s3 + channel, multiplyAdd(scale, highHalves(ef, gh), v128.load(s3 + channel)));
          }
        }
      }
    }
    list += 16;
    delta += 16;
  }
}

/**
 * The adjoint of {@link update}: dDelta[.][r] = stepSize * cotangent[r]; 0 for cells that do not live and from
 * `count` on. `live` is 0 where nothing is masked.
 */
export function pull(
  list: usize,
  cells: i32,
  count: i32,
  cotangent: usize,
  cellBytes: usize,
  stepSize: f32,
  live: usize,
  dDelta: usize,
): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < cells; r += 4) {
    const cell0 = <usize>load<u32>(list, 0);
    const cell1 = <usize>load<u32>(list, 4);
    const cell2 = <usize>load<u32>(list, 8);
    const cell3 = <usize>load<u32>(list, 12);
    list += 16;
    const in0 = r < count && (!live || load<u8>(live + cell0));
    const in1 = r + 1 < count && (!live || load<u8>(live + cell1));
    const in2 = r + 2 < count && (!live || load<u8>(live + cell2));
    const in3 = r + 3 < count && (!live || load<u8>(live + cell3));
    const scale = f32x4.splat(stepSize);
    let to = dDelta;
    for (let channel: usize = 0; channel < cellBytes; channel += 16) {
      const from = cotangent + channel;
      const a = in0 ? f32x4.mul(scale, v128.load(from + cell0 * cellBytes)) : zero;
      const b = in1 ? f32x4.mul(scale, v128.load(from + cell1 * cellBytes)) : zero;
      const c = in2 ? f32x4.mul(scale, v128.load(from + cell2 * cellBytes)) : zero;
      const d = in3 ? f32x4.mul(scale, v128.load(from + cell3 * cellBytes)) : zero;
      const ab = lowPairs(a, b);
      const cd = lowPairs(c, d);
      const ef = highPairs(a, b);
      const gh = highPairs(c, d);
      v128.store(to, lowHalves(ab, cd));
      v128.store(to + STRIDE, highHalves(ab, cd));
      v128.store(to + 2 * STRIDE, lowHalves(ef, gh));
      v128.store(to + 3 * STRIDE, highHalves(ef, gh));
      to += 4 * STRIDE;
    }
    dDelta += 16;
  }
}

/**
 * The adjoint of {@link perceive}: cotangent[r at tap] += weight * dOut[.][r], where the columns from the list's
 * repeats on are 0.
 */
export function scatter(
  list: usize,
  cells: i32,
  cotangent: usize,
  cellBytes: usize,
  kernels: usize,
  kernelCount: i32,
  taps: usize,
  dOut: usize,
): void {
  const rowStep = <usize>kernelCount * STRIDE;
  for (let r = 0; r < cells; r += 4) {
    const s0 = cellAt(cotangent, list, cellBytes);
    const s1 = cellAt(cotangent, list + 4, cellBytes);
    const s2 = cellAt(cotangent, list + 8, cellBytes);
    const s3 = cellAt(cotangent, list + 12, cellBytes);
    let tap = taps;
    for (let k = 0; k < kernelCount; k++) {
      const firstTap = tap;
      const lastTap = tap + (<usize>load<i32>(kernels + (k << 2)) << 3);
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
        for (tap = firstTap; tap != lastTap; tap += 8) {
          const distance = <usize>load<i32>(tap) + channel;
          const weight = v128.load32_splat(tap, 4);
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
    }
    list += 16;
    dOut += 16;
  }
}
