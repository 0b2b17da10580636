/**
 * The Newton-Schulz iterations of Muon. All numbers are rounded to single precision as soon as they are known, and kept as
 * doubles, in which all is computed.
 */

// @ts-ignore: decorator
@inline
const A: f64 = 3.4445;
// @ts-ignore: decorator
@inline
const B: f64 = -4.775;
// @ts-ignore: decorator
@inline
const C: f64 = 2.0315;

// @ts-ignore: decorator
@inline
function round(value: f64): f64 {
  return <f64>(<f32>value);
}

/**
 * Draws the singular values of a matrix (rows, columns) towards 1, in its place: scaled to norm 1, then
 * X <- aX + (bA + cAA)X with A = XX'.
 *
 * @param matrix in single precision. @param scratch 16 bytes for each of its numbers, and 16 for each of the square of its shorter
 *   side, at a multiple of 16.
 */
export function orthogonalize(matrix: usize, rows: i32, columns: i32, iterations: i32, scratch: usize): void {
  const tall = rows > columns;
  const m = tall ? columns : rows;
  const n = tall ? rows : columns;
  const size = m * n;
  const x = scratch;
  const other = x + (<usize>size << 3);
  const square = other + (<usize>size << 3);
  const fourth = square + (<usize>(m * m) << 3);
  // How far it is from one number of a row of x to the next in the matrix, and from row to row.
  const along = tall ? columns : 1;
  const down = tall ? 1 : columns;
  let sum: f64 = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const value = <f64>load<f32>(matrix + (<usize>(i * down + j * along) << 2));
      store<f64>(x + (<usize>(i * n + j) << 3), value);
      sum += value * value;
    }
  }
  const norm = Math.sqrt(sum) + 1e-12;
  for (let i: usize = 0; i < <usize>size; i++) store<f64>(x + (i << 3), round(load<f64>(x + (i << 3)) / norm));
  for (let turn = 0; turn < iterations; turn++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        store<f64>(other + (<usize>(j * m + i) << 3), load<f64>(x + (<usize>(i * n + j) << 3)));
      }
    }
    multiply(x, other, square, m, n, m, true);
    multiply(square, square, fourth, m, m, m, true);
    for (let i: usize = 0; i < <usize>(m * m); i++) {
      const at = i << 3;
      store<f64>(square + at, round(B * load<f64>(square + at) + C * load<f64>(fourth + at)));
    }
    multiply(square, x, other, m, m, n, false);
    for (let i: usize = 0; i < <usize>size; i++) {
      const at = i << 3;
      store<f64>(x + at, round(A * load<f64>(x + at) + load<f64>(other + at)));
    }
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<f32>(
        matrix + (<usize>(i * down + j * along) << 2),
        <f32>load<f64>(x + (<usize>(i * n + j) << 3)),
      );
    }
  }
}

/**
 * a (m, k) times b (k, n), summed in the order of k: of four terms at a time. Of a product that is its own transpose, half is
 * computed and copied.
 */
function multiply(a: usize, b: usize, product: usize, m: i32, k: i32, n: i32, symmetric: bool): void {
  const row = <usize>n << 3;
  for (let i = 0; i < m; i += 2) {
    const next = i + 1 < m ? i + 1 : i;
    const a0 = a + (<usize>(i * k) << 3);
    const a1 = a + (<usize>(next * k) << 3);
    const to0 = product + <usize>i * row;
    const to1 = product + <usize>next * row;
    let j = symmetric ? i & ~1 : 0;
    for (; j + 2 <= n; j += 2) {
      const at = <usize>j << 3;
      pairOfColumns(a0, a1, b + at, row, k, to0 + at, to1 + at);
    }
    if (j < n) {
      const at = <usize>j << 3;
      store<f64>(to0 + at, oneOf(a0, b + at, row, k));
      store<f64>(to1 + at, oneOf(a1, b + at, row, k));
    }
  }
  if (!symmetric) return;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < i; j++) {
      store<f64>(product + (<usize>(i * n + j) << 3), load<f64>(product + (<usize>(j * n + i) << 3)));
    }
  }
}

/** Two numbers in each of two rows of a product. */
// @ts-ignore: decorator
@inline
function pairOfColumns(a0: usize, a1: usize, b: usize, row: usize, k: i32, to0: usize, to1: usize): void {
  let upper = f64x2.splat(0);
  let lower = upper;
  const four = a0 + (<usize>(k & ~3) << 3);
  const end = a0 + (<usize>k << 3);
  const distance = a1 - a0;
  while (a0 != four) {
    let x = v128.load(b);
    let p = f64x2.mul(v128.load64_splat(a0), x);
    let q = f64x2.mul(v128.load64_splat(a0 + distance), x);
    x = v128.load(b + row);
    p = f64x2.add(p, f64x2.mul(v128.load64_splat(a0, 8), x));
    q = f64x2.add(q, f64x2.mul(v128.load64_splat(a0 + distance, 8), x));
    x = v128.load(b + 2 * row);
    p = f64x2.add(p, f64x2.mul(v128.load64_splat(a0, 16), x));
    q = f64x2.add(q, f64x2.mul(v128.load64_splat(a0 + distance, 16), x));
    x = v128.load(b + 3 * row);
    p = f64x2.add(p, f64x2.mul(v128.load64_splat(a0, 24), x));
    q = f64x2.add(q, f64x2.mul(v128.load64_splat(a0 + distance, 24), x));
    upper = f64x2.add(upper, p);
    lower = f64x2.add(lower, q);
    a0 += 32;
    b += 4 * row;
  }
  while (a0 != end) {
    const x = v128.load(b);
    upper = f64x2.add(upper, f64x2.mul(v128.load64_splat(a0), x));
    lower = f64x2.add(lower, f64x2.mul(v128.load64_splat(a0 + distance), x));
    a0 += 8;
    b += row;
  }
  v128.store(to0, f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(upper)));
  v128.store(to1, f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(lower)));
}

/** One number of a product. */
function oneOf(a: usize, b: usize, row: usize, k: i32): f64 {
  let sum: f64 = 0;
  let l = 0;
  for (; l + 4 <= k; l += 4) {
    sum +=
      load<f64>(a) * load<f64>(b) +
      load<f64>(a, 8) * load<f64>(b + row) +
      load<f64>(a, 16) * load<f64>(b + 2 * row) +
      load<f64>(a, 24) * load<f64>(b + 3 * row);
    a += 32;
    b += 4 * row;
  }
  for (; l < k; l++) {
    sum += load<f64>(a) * load<f64>(b);
    a += 8;
    b += row;
  }
  return round(sum);
}
