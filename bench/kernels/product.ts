/**
 * A bare matrix product, as fast as this SIMD and this JavaScript engine go: the peak that the engine's kernels are
 * measured against. A tile of 4 columns and 8 rows fills 8 accumulators; with 10 or more, V8 spills. One `k` an
 * iteration, since V8 moves all loads of an unrolled body to its front.
 */
import { multiplyAdd } from "../../src/engine/wasm/assembly/simd";

/** Rows of `input` and `out`: their SIMD lanes. */
export const ROWS: i32 = 8;
const ROW_BYTES: usize = 32;

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
