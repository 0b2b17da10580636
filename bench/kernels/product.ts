/**
 * A bare matrix product, as fast as this SIMD and this JavaScript engine go: the peak that the engine's kernels are
 * measured against. A tile of 4 columns and 8 rows fills 8 accumulators; with 10 or more, V8 spills. One `k` an
 * iteration, since V8 moves all loads of an unrolled body to its front.
 */
import { multiplyAdd } from "../../src/engine/wasm/assembly/simd";

/** Rows of `input` and `out` of {@link product}: their SIMD lanes. */
export const ROWS: i32 = 8;
const ROW_BYTES: usize = 32;
/** The same of {@link wideProduct}. */
export const WIDE_ROWS: i32 = 16;
const WIDE_ROW_BYTES: usize = 64;

/**
 * out[j][r] = sum over k of input[k][r] * weight[k][j], `times` times over. Everything should fit the first-level
 * cache.
 *
 * @param weight in panels of 4 columns: [columns / 4][inputs][4]. @param columns multiple of 4.
 */
export function product(
  input: usize,
  inputs: i32,
  weight: usize,
  columns: i32,
  out: usize,
  times: i32,
): void {
  const panelBytes = (<usize>inputs) << 4;
  for (; times > 0; times--) {
    let panel = weight;
    let to = out;
    for (let j = 0; j < columns; j += 4) {
      let c00 = f32x4.splat(0);
      let c01 = c00;
      let c10 = c00;
      let c11 = c00;
      let c20 = c00;
      let c21 = c00;
      let c30 = c00;
      let c31 = c00;
      let from = input;
      let w = panel;
      panel += panelBytes;
      while (w != panel) {
        const a0 = v128.load(from);
        const a1 = v128.load(from, 16);
        let x = v128.load32_splat(w, 0);
        c00 = multiplyAdd(a0, x, c00);
        c01 = multiplyAdd(a1, x, c01);
        x = v128.load32_splat(w, 4);
        c10 = multiplyAdd(a0, x, c10);
        c11 = multiplyAdd(a1, x, c11);
        x = v128.load32_splat(w, 8);
        c20 = multiplyAdd(a0, x, c20);
        c21 = multiplyAdd(a1, x, c21);
        x = v128.load32_splat(w, 12);
        c30 = multiplyAdd(a0, x, c30);
        c31 = multiplyAdd(a1, x, c31);
        from += ROW_BYTES;
        w += 16;
      }
      v128.store(to, c00);
      v128.store(to, c01, 16);
      v128.store(to, c10, 32);
      v128.store(to, c11, 48);
      v128.store(to, c20, 64);
      v128.store(to, c21, 80);
      v128.store(to, c30, 96);
      v128.store(to, c31, 112);
      to += 4 * ROW_BYTES;
    }
  }
}

/** {@link product} of 16 rows, which is the faster one where V8 joins vectors to some of 256 bits. */
export function wideProduct(
  input: usize,
  inputs: i32,
  weight: usize,
  columns: i32,
  out: usize,
  times: i32,
): void {
  const panelBytes = (<usize>inputs) << 4;
  const zero = f32x4.splat(0);
  for (; times > 0; times--) {
    let panel = weight;
    let to = out;
    for (let j = 0; j < columns; j += 4) {
      let c00 = zero;
      let c01 = zero;
      let c02 = zero;
      let c03 = zero;
      let c10 = zero;
      let c11 = zero;
      let c12 = zero;
      let c13 = zero;
      let c20 = zero;
      let c21 = zero;
      let c22 = zero;
      let c23 = zero;
      let c30 = zero;
      let c31 = zero;
      let c32 = zero;
      let c33 = zero;
      let from = input;
      let w = panel;
      panel += panelBytes;
      while (w != panel) {
        const a0 = v128.load(from);
        const a1 = v128.load(from, 16);
        const a2 = v128.load(from, 32);
        const a3 = v128.load(from, 48);
        let x = v128.load32_splat(w, 0);
        c00 = multiplyAdd(a0, x, c00);
        c01 = multiplyAdd(a1, x, c01);
        c02 = multiplyAdd(a2, x, c02);
        c03 = multiplyAdd(a3, x, c03);
        x = v128.load32_splat(w, 4);
        c10 = multiplyAdd(a0, x, c10);
        c11 = multiplyAdd(a1, x, c11);
        c12 = multiplyAdd(a2, x, c12);
        c13 = multiplyAdd(a3, x, c13);
        x = v128.load32_splat(w, 8);
        c20 = multiplyAdd(a0, x, c20);
        c21 = multiplyAdd(a1, x, c21);
        c22 = multiplyAdd(a2, x, c22);
        c23 = multiplyAdd(a3, x, c23);
        x = v128.load32_splat(w, 12);
        c30 = multiplyAdd(a0, x, c30);
        c31 = multiplyAdd(a1, x, c31);
        c32 = multiplyAdd(a2, x, c32);
        c33 = multiplyAdd(a3, x, c33);
        from += WIDE_ROW_BYTES;
        w += 16;
      }
      v128.store(to, c00, 0);
      v128.store(to, c01, 16);
      v128.store(to, c02, 32);
      v128.store(to, c03, 48);
      v128.store(to, c10, 64);
      v128.store(to, c11, 80);
      v128.store(to, c12, 96);
      v128.store(to, c13, 112);
      v128.store(to, c20, 128);
      v128.store(to, c21, 144);
      v128.store(to, c22, 160);
      v128.store(to, c23, 176);
      v128.store(to, c30, 192);
      v128.store(to, c31, 208);
      v128.store(to, c32, 224);
      v128.store(to, c33, 240);
      to += 4 * WIDE_ROW_BYTES;
    }
  }
}
