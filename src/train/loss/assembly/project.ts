/**
 * Products of patches with directions, in double precision. Every sum is taken in the order of a plain loop and rounded as there, so
 * that bits are the same.
 */

/** Bytes of a number. */
const NUMBER: usize = 8;

/**
 * projected[d][n] = sum over i of patches[n][i] * directions[d][i].
 *
 * @param patches (count, numbers). @param directions (directionCount, numbers). @param numbers multiple of 8.
 * @param directionCount multiple of 8. @param scratch as large as `directions`.
 */
export function project(
  patches: usize,
  count: i32,
  numbers: i32,
  directions: usize,
  directionCount: i32,
  projected: usize,
  scratch: usize,
): void {
  transpose(directions, directionCount, numbers, scratch);
  const rowBytes = <usize>numbers * NUMBER;
  const projectedBytes = <usize>count * NUMBER;
  const besides = <usize>directionCount * NUMBER;
  for (let n = 0; n < count; n += 2) {
    // The last of an odd number is taken twice.
    const second: usize = n + 1 < count ? 1 : 0;
    const p = patches + <usize>n * rowBytes;
    const q = p + second * rowBytes;
    for (let d: usize = 0; d < besides; d += 8 * NUMBER) {
      const to = projected + <usize>(d / NUMBER) * projectedBytes + <usize>n * NUMBER;
      eightProducts(p, q, rowBytes, scratch + d, besides, to, second * NUMBER, projectedBytes);
    }
  }
}

/** Two patches times eight directions that lie side by side. */
// @ts-ignore: decorator
@inline
function eightProducts(
  p: usize,
  q: usize,
  bytes: usize,
  directions: usize,
  besides: usize,
  to: usize,
  second: usize,
  projectedBytes: usize,
): void {
  const zero = f64x2.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let a2 = zero;
  let b2 = zero;
  let a3 = zero;
  let b3 = zero;
  const end = p + bytes;
  const distance = q - p;
  for (; p != end; p += NUMBER) {
    const x = v128.load64_splat(p);
    const y = v128.load64_splat(p + distance);
    let w = v128.load(directions);
    a0 = f64x2.add(a0, f64x2.mul(x, w));
    b0 = f64x2.add(b0, f64x2.mul(y, w));
    w = v128.load(directions, 16);
    a1 = f64x2.add(a1, f64x2.mul(x, w));
    b1 = f64x2.add(b1, f64x2.mul(y, w));
    w = v128.load(directions, 32);
    a2 = f64x2.add(a2, f64x2.mul(x, w));
    b2 = f64x2.add(b2, f64x2.mul(y, w));
    w = v128.load(directions, 48);
    a3 = f64x2.add(a3, f64x2.mul(x, w));
    b3 = f64x2.add(b3, f64x2.mul(y, w));
    directions += besides;
  }
  f64.store(to, f64x2.extract_lane(a0, 0));
  f64.store(to + projectedBytes, f64x2.extract_lane(a0, 1));
  f64.store(to + second, f64x2.extract_lane(b0, 0));
  f64.store(to + second + projectedBytes, f64x2.extract_lane(b0, 1));
  to += 2 * projectedBytes;
  f64.store(to, f64x2.extract_lane(a1, 0));
  f64.store(to + projectedBytes, f64x2.extract_lane(a1, 1));
  f64.store(to + second, f64x2.extract_lane(b1, 0));
  f64.store(to + second + projectedBytes, f64x2.extract_lane(b1, 1));
  to += 2 * projectedBytes;
  f64.store(to, f64x2.extract_lane(a2, 0));
  f64.store(to + projectedBytes, f64x2.extract_lane(a2, 1));
  f64.store(to + second, f64x2.extract_lane(b2, 0));
  f64.store(to + second + projectedBytes, f64x2.extract_lane(b2, 1));
  to += 2 * projectedBytes;
  f64.store(to, f64x2.extract_lane(a3, 0));
  f64.store(to + projectedBytes, f64x2.extract_lane(a3, 1));
  f64.store(to + second, f64x2.extract_lane(b3, 0));
  f64.store(to + second + projectedBytes, f64x2.extract_lane(b3, 1));
}

function transpose(from: usize, rows: i32, columns: i32, to: usize): void {
  for (let row: usize = 0; row < <usize>rows; row++) {
    for (let column: usize = 0; column < <usize>columns; column++) {
      f64.store(to + (column * <usize>rows + row) * NUMBER, f64.load(from));
      from += NUMBER;
    }
  }
}

/**
 * The adjoint of {@link project}: dPatches[n][i] = sum over d of slopes[d][n] * directions[d][i], four directions at a time.
 *
 * @param slopes (directionCount, count).
 */
export function projectBackward(
  slopes: usize,
  count: i32,
  numbers: i32,
  directions: usize,
  directionCount: i32,
  dPatches: usize,
): void {
  const rowBytes = <usize>numbers * NUMBER;
  const slopeBytes = <usize>count * NUMBER;
  const end = slopes + <usize>directionCount * slopeBytes;
  for (let n = 0; n < count; n += 2) {
    const second: usize = n + 1 < count ? 1 : 0;
    const to = dPatches + <usize>n * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 8 * NUMBER) {
      eightSums(
        slopes + <usize>n * NUMBER,
        end,
        second * NUMBER,
        slopeBytes,
        directions + i,
        rowBytes,
        to + i,
        second * rowBytes,
      );
    }
  }
}

/** Eight numbers of two patches. */
// @ts-ignore: decorator
@inline
function eightSums(
  slopes: usize,
  end: usize,
  second: usize,
  slopeBytes: usize,
  directions: usize,
  rowBytes: usize,
  to: usize,
  toSecond: usize,
): void {
  const zero = f64x2.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let a2 = zero;
  let b2 = zero;
  let a3 = zero;
  let b3 = zero;
  while (slopes < end) {
    const p0 = v128.load64_splat(slopes);
    const q0 = v128.load64_splat(slopes + second);
    slopes += slopeBytes;
    const p1 = v128.load64_splat(slopes);
    const q1 = v128.load64_splat(slopes + second);
    slopes += slopeBytes;
    const p2 = v128.load64_splat(slopes);
    const q2 = v128.load64_splat(slopes + second);
    slopes += slopeBytes;
    const p3 = v128.load64_splat(slopes);
    const q3 = v128.load64_splat(slopes + second);
    slopes += slopeBytes;
    const d1 = directions + rowBytes;
    const d2 = d1 + rowBytes;
    const d3 = d2 + rowBytes;
    let w = v128.load(directions);
    let s = f64x2.mul(p0, w);
    let t = f64x2.mul(q0, w);
    w = v128.load(d1);
    s = f64x2.add(s, f64x2.mul(p1, w));
    t = f64x2.add(t, f64x2.mul(q1, w));
    w = v128.load(d2);
    s = f64x2.add(s, f64x2.mul(p2, w));
    t = f64x2.add(t, f64x2.mul(q2, w));
    w = v128.load(d3);
    s = f64x2.add(s, f64x2.mul(p3, w));
    t = f64x2.add(t, f64x2.mul(q3, w));
    a0 = f64x2.add(a0, s);
    b0 = f64x2.add(b0, t);
    w = v128.load(directions, 16);
    s = f64x2.mul(p0, w);
    t = f64x2.mul(q0, w);
    w = v128.load(d1, 16);
    s = f64x2.add(s, f64x2.mul(p1, w));
    t = f64x2.add(t, f64x2.mul(q1, w));
    w = v128.load(d2, 16);
    s = f64x2.add(s, f64x2.mul(p2, w));
    t = f64x2.add(t, f64x2.mul(q2, w));
    w = v128.load(d3, 16);
    s = f64x2.add(s, f64x2.mul(p3, w));
    t = f64x2.add(t, f64x2.mul(q3, w));
    a1 = f64x2.add(a1, s);
    b1 = f64x2.add(b1, t);
    w = v128.load(directions, 32);
    s = f64x2.mul(p0, w);
    t = f64x2.mul(q0, w);
    w = v128.load(d1, 32);
    s = f64x2.add(s, f64x2.mul(p1, w));
    t = f64x2.add(t, f64x2.mul(q1, w));
    w = v128.load(d2, 32);
    s = f64x2.add(s, f64x2.mul(p2, w));
    t = f64x2.add(t, f64x2.mul(q2, w));
    w = v128.load(d3, 32);
    s = f64x2.add(s, f64x2.mul(p3, w));
    t = f64x2.add(t, f64x2.mul(q3, w));
    a2 = f64x2.add(a2, s);
    b2 = f64x2.add(b2, t);
    w = v128.load(directions, 48);
    s = f64x2.mul(p0, w);
    t = f64x2.mul(q0, w);
    w = v128.load(d1, 48);
    s = f64x2.add(s, f64x2.mul(p1, w));
    t = f64x2.add(t, f64x2.mul(q1, w));
    w = v128.load(d2, 48);
    s = f64x2.add(s, f64x2.mul(p2, w));
    t = f64x2.add(t, f64x2.mul(q2, w));
    w = v128.load(d3, 48);
    s = f64x2.add(s, f64x2.mul(p3, w));
    t = f64x2.add(t, f64x2.mul(q3, w));
    a3 = f64x2.add(a3, s);
    b3 = f64x2.add(b3, t);
    directions = d3 + rowBytes;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to + toSecond, b0);
  v128.store(to + toSecond, b1, 16);
  v128.store(to + toSecond, b2, 32);
  v128.store(to + toSecond, b3, 48);
}
