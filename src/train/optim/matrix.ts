/** Dense row-major matrices as small as the weights of an automaton. */

/** a (m, k) times b (k, n), summed in double precision. Four rows of b at a time: a third of the time of one. */
export function multiply(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array {
  const product = new Float32Array(m * n);
  const row = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    row.fill(0);
    let l = 0;
    for (; l + 4 <= k; l += 4) {
      const at = i * k + l;
      const [f0, f1, f2, f3] = [a[at], a[at + 1], a[at + 2], a[at + 3]];
      const b0 = l * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) row[j] += f0 * b[b0 + j] + f1 * b[b1 + j] + f2 * b[b2 + j] + f3 * b[b3 + j];
    }
    for (; l < k; l++) {
      const factor = a[i * k + l];
      for (let j = 0; j < n; j++) row[j] += factor * b[l * n + j];
    }
    product.set(row, i * n);
  }
  return product;
}

/** a (m, n) as (n, m). */
export function transpose(a: Float32Array, m: number, n: number): Float32Array {
  const transposed = new Float32Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) transposed[j * m + i] = a[i * n + j];
  return transposed;
}
