/**
 * Comparison of the picture in a state with a target, over a box of `rows` x `width` cells. `state` is the address of
 * the first cell's first picture channel; cells lie `cellBytes` apart, rows `stateStride` bytes. The target has four
 * numbers a cell, in rows `targetStride` bytes apart. The first 1 to 4 `channels` of both count.
 *
 * Numbers are widened to double precision first, and nothing is fused, so both builds measure a state in the same bits.
 */

/** All bits set in the first `channels` lanes. */
// @ts-ignore: decorator
@inline
function firstLanes(channels: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(channels));
}

// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}

/** The sum of (state - target)^2: of each channel by itself, in the order of the cells, then over channels. */
export function squaredError(
  state: usize,
  cellBytes: usize,
  stateStride: usize,
  target: usize,
  targetStride: usize,
  rows: i32,
  width: i32,
  channels: i32,
): f64 {
  const counts = firstLanes(channels);
  let sum01 = f64x2.splat(0);
  let sum23 = sum01;
  for (let y = 0; y < rows; y++) {
    let s = state;
    let t = target;
    for (let x = 0; x < width; x++) {
      const value = v128.and(v128.load(s), counts);
      const wanted = v128.and(v128.load(t), counts);
      const error01 = f64x2.sub(low(value), low(wanted));
      const error23 = f64x2.sub(high(value), high(wanted));
      sum01 = f64x2.add(sum01, f64x2.mul(error01, error01));
      sum23 = f64x2.add(sum23, f64x2.mul(error23, error23));
      s += cellBytes;
      t += 16;
    }
    state += stateStride;
    target += targetStride;
  }
  const sum = f64x2.add(sum01, sum23);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

// @ts-ignore: decorator
@inline
function eightBits(v: v128): v128 {
  return f64x2.floor(f64x2.add(f64x2.mul(f64x2.splat(255), v), f64x2.splat(0.5)));
}

/** How many cells differ from the target, which is in 8 bits already, once clamped and rounded as it was. */
export function wrongPixels(
  state: usize,
  cellBytes: usize,
  stateStride: usize,
  target: usize,
  targetStride: usize,
  rows: i32,
  width: i32,
  channels: i32,
): i32 {
  const counts = firstLanes(channels);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let wrong = 0;
  for (let y = 0; y < rows; y++) {
    let s = state;
    let t = target;
    for (let x = 0; x < width; x++) {
      // In this order, NaN stays NaN.
      const value = f32x4.pmin(f32x4.pmax(v128.and(v128.load(s), counts), zero), one);
      const wanted = v128.and(v128.load(t), counts);
      const differs = v128.or(
        f64x2.ne(eightBits(low(value)), low(wanted)),
        f64x2.ne(eightBits(high(value)), high(wanted)),
      );
      wrong += v128.any_true(differs) ? 1 : 0;
      s += cellBytes;
      t += 16;
    }
    state += stateStride;
    target += targetStride;
  }
  return wrong;
}
