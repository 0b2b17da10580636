/** Dense row-major matrices as small as the weights of an automaton. */

/**
 * a (m, k) times b (k, n), summed in double precision, in the order of k: of four terms at a time.
 *
 * @param symmetric whether the product is known to be its own transpose; then half of it is copied. The bits are the same.
 */
export function multiply(
  a: Float32Array,
  b: Float32Array,
  m: number,
  k: number,
  n: number,
  symmetric = false,
): Float32Array {
  const product = new Float32Array(m * n);
  const wide = new Float64Array(b);
  const [upper, lower] = [new Float64Array(n), new Float64Array(n)];
  // Two rows at a time, so that each number of b is read for both.
  for (let i = 0; i < m; i += 2) {
    const first = symmetric ? i : 0;
    const pair = i + 1 < m;
    addRows(upper, lower, a, wide, { i, next: pair ? i + 1 : i, k, n, first });
    product.set(upper.subarray(first), i * n + first);
    if (pair) product.set(lower.subarray(first), (i + 1) * n + first);
  }
  if (symmetric) {
    for (let i = 0; i < m; i++) for (let j = 0; j < i; j++) product[i * n + j] = product[j * n + i];
  }
  return product;
}

/** Rows i and `next` of a product, from column `first` on. */
function addRows(
  upper: Float64Array,
  lower: Float64Array,
  a: Float32Array,
  b: Float64Array,
  { i, next, k, n, first }: Readonly<{ i: number; next: number; k: number; n: number; first: number }>,
): void {
  upper.fill(0);
  lower.fill(0);
  let l = 0;
  for (; l + 4 <= k; l += 4) {
    const p = i * k + l;
    const q = next * k + l;
    const [f0, f1, f2, f3] = [a[p], a[p + 1], a[p + 2], a[p + 3]];
    const [g0, g1, g2, g3] = [a[q], a[q + 1], a[q + 2], a[q + 3]];
    const b0 = l * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let j = first; j < n; j++) {
      const x0 = b[b0 + j];
      const x1 = b[b1 + j];
      const x2 = b[b2 + j];
      const x3 = b[b3 + j];
      upper[j] += f0 * x0 + f1 * x1 + f2 * x2 + f3 * x3;
      lower[j] += g0 * x0 + g1 * x1 + g2 * x2 + g3 * x3;
    }
  }
  for (; l < k; l++) {
    const f = a[i * k + l];
    const g = a[next * k + l];
    for (let j = first; j < n; j++) {
      upper[j] += f * b[l * n + j];
      lower[j] += g * b[l * n + j];
    }
  }
}

/** a (m, n) as (n, m). */
export function transpose(a: Float32Array, m: number, n: number): Float32Array {
  const transposed = new Float32Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) transposed[j * m + i] = a[i * n + j];
  return transposed;
}
