/**
 * Matrix products over a chunk of cells. A chunk is feature-major: feature f of cell r lies at
 * `base + f * STRIDE + 4 r`, so four cells fill a SIMD register and a weight is one broadcast load.
 *
 * Register tiles hold 8 accumulators: with 10 or more, V8 spills and runs at half the speed. Loops advance one
 * feature at a time, since V8 moves the multiplications of an unrolled body behind all of its loads.
 */
import { multiplyAdd } from "./simd";

/** Cells of a chunk. Not a power of two: the features of a cell must not all fall into the same cache sets. */
export const CHUNK: i32 = 120;
/** Bytes from one feature of a chunk to the next. */
export const STRIDE: usize = 480;

/**
 * out[j][r] = act(bias[j] + sum over k of input[k][r] * weight[k][j]).
 *
 * @param cells multiple of 8. @param outputs multiple of 4.
 * @param weight packed in panels of 4 outputs: [outputs / 4][inputs][4].
 * @param rectify whether act is ReLU.
 */
export function layer(
  input: usize,
  inputs: i32,
  cells: i32,
  weight: usize,
  bias: usize,
  out: usize,
  outputs: i32,
  rectify: bool,
): void {
  const panelBytes = <usize>inputs << 4;
  for (let r: usize = 0; r < <usize>cells << 2; r += 32) {
    let panel = weight;
    let offset = bias;
    let to = out + r;
    for (let j = 0; j < outputs; j += 4) {
      let c00 = v128.load32_splat(offset, 0);
      let c10 = v128.load32_splat(offset, 4);
      let c20 = v128.load32_splat(offset, 8);
      let c30 = v128.load32_splat(offset, 12);
      offset += 16;
      let c01 = c00;
      let c11 = c10;
      let c21 = c20;
      let c31 = c30;
      let from = input + r;
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
        from += STRIDE;
        w += 16;
      }
      if (rectify) {
        const zero = f32x4.splat(0);
        c00 = f32x4.max(c00, zero);
        c01 = f32x4.max(c01, zero);
        c10 = f32x4.max(c10, zero);
        c11 = f32x4.max(c11, zero);
        c20 = f32x4.max(c20, zero);
        c21 = f32x4.max(c21, zero);
        c30 = f32x4.max(c30, zero);
        c31 = f32x4.max(c31, zero);
      }
      v128.store(to, c00);
      v128.store(to, c01, 16);
      v128.store(to, c10, STRIDE);
      v128.store(to, c11, STRIDE + 16);
      v128.store(to, c20, 2 * STRIDE);
      v128.store(to, c21, 2 * STRIDE + 16);
      v128.store(to, c30, 3 * STRIDE);
      v128.store(to, c31, 3 * STRIDE + 16);
      to += 4 * STRIDE;
    }
  }
}

/** Whether so many features are active in so few cells that leaving out the others pays. */
export function isSparse(activity: usize, features: i32, cells: i32): bool {
  let active = 0;
  for (let k = 0; k < features; k++) active += popcnt(load<u32>(activity + (<usize>k << 2)));
  return active * 8 < features * (cells >> 2) * 7;
}

/**
 * dInput[k][r] = [gate[k][r] > 0] * sum over j of dOut[j][r] * weight[k][j]. Outputs that are 0 in all 8 cells of a tile are left
 * out where that pays; a product with such a number counts as 0 even where its weight is not finite.
 *
 * @param outActivity where dOut is active: a word for each output, whose bit g says whether it is other than 0 in any of the four
 *   cells from 4 g on; 0 where nothing is known. @param cells multiple of 8.
 * @param weight packed in panels of 4 inputs: [inputs / 4][outputs][4]. @param inputs multiple of 4.
 * @param gate 0 for none. @param activity where to write where dInput is active; needed where it is gated.
 * @param scratch 8 bytes for each output.
 */
export function layerBackward(
  dOut: usize,
  outputs: i32,
  outActivity: usize,
  cells: i32,
  weight: usize,
  dInput: usize,
  inputs: i32,
  gate: usize,
  activity: usize,
  scratch: usize,
): void {
  layerBackwardFrom(0, dOut, outputs, outActivity, cells, weight, dInput, inputs, gate, activity, scratch);
}

/** {@link layerBackward} of the cells from one on, a multiple of 8: what is known of those before it is kept. */
export function layerBackwardFrom(
  first: i32,
  dOut: usize,
  outputs: i32,
  outActivity: usize,
  cells: i32,
  weight: usize,
  dInput: usize,
  inputs: i32,
  gate: usize,
  activity: usize,
  scratch: usize,
): void {
  const sparse = outActivity ? isSparse(outActivity, outputs, cells) : false;
  const panelBytes = <usize>outputs << 4;
  const zero = f32x4.splat(0);
  for (let r = <usize>first << 2; r < <usize>cells << 2; r += 32) {
    const list = sparse ? listActive(outActivity, outputs, dOut, r, scratch) : scratch;
    let panel = weight;
    let to = dInput + r;
    let g = gate + r;
    let word = activity;
    for (let k = 0; k < inputs; k += 4) {
      let c00 = zero;
      let c01 = zero;
      let c10 = zero;
      let c11 = zero;
      let c20 = zero;
      let c21 = zero;
      let c30 = zero;
      let c31 = zero;
      if (sparse) {
        for (let item = scratch; item != list; item += 8) {
          const from = <usize>load<u32>(item);
          const w = panel + load<u32>(item, 4);
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
        }
        panel += panelBytes;
      } else {
        let from = dOut + r;
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
          from += STRIDE;
          w += 16;
        }
      }
      if (gate) {
        c00 = v128.and(c00, f32x4.gt(v128.load(g), zero));
        c01 = v128.and(c01, f32x4.gt(v128.load(g, 16), zero));
        c10 = v128.and(c10, f32x4.gt(v128.load(g, STRIDE), zero));
        c11 = v128.and(c11, f32x4.gt(v128.load(g, STRIDE + 16), zero));
        c20 = v128.and(c20, f32x4.gt(v128.load(g, 2 * STRIDE), zero));
        c21 = v128.and(c21, f32x4.gt(v128.load(g, 2 * STRIDE + 16), zero));
        c30 = v128.and(c30, f32x4.gt(v128.load(g, 3 * STRIDE), zero));
        c31 = v128.and(c31, f32x4.gt(v128.load(g, 3 * STRIDE + 16), zero));
        g += 4 * STRIDE;
        // Narrowing saturates, so what is not 0 stays so, and the four cells of a group end in one lane.
        const two = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(c00, c01), i16x8.narrow_i32x4_s(c10, c11));
        const more = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(c20, c21), i16x8.narrow_i32x4_s(c30, c31));
        const first = v128.shuffle<i32>(two, more, 0, 2, 4, 6);
        const second = v128.shuffle<i32>(two, more, 1, 3, 5, 7);
        const groups = v128.or(
          v128.and(i32x4.ne(first, zero), i32x4.splat(1)),
          v128.and(i32x4.ne(second, zero), i32x4.splat(2)),
        );
        const earlier = r ? v128.load(word) : zero;
        v128.store(word, v128.or(earlier, i32x4.shl(groups, <i32>(r >> 4))));
        word += 16;
      }
      v128.store(to, c00);
      v128.store(to, c01, 16);
      v128.store(to, c10, STRIDE);
      v128.store(to, c11, STRIDE + 16);
      v128.store(to, c20, 2 * STRIDE);
      v128.store(to, c21, 2 * STRIDE + 16);
      v128.store(to, c30, 3 * STRIDE);
      v128.store(to, c31, 3 * STRIDE + 16);
      to += 4 * STRIDE;
    }
  }
}

/**
 * Lists, 8 bytes each, where features lie that are active in the 8 cells from byte r of a feature on, and where their weights lie
 * in a panel. @returns the end of the list.
 */
// @ts-ignore: decorator
@inline
function listActive(activity: usize, features: i32, chunk: usize, r: usize, to: usize): usize {
  for (let k: usize = 0; k < <usize>features; k++) {
    store<u32>(to, <u32>(chunk + k * STRIDE + r));
    store<u32>(to, <u32>(k << 4), 4);
    to += <usize>(((load<u32>(activity + (k << 2)) >> <u32>(r >> 4)) & 3) != 0) << 3;
  }
  return to;
}
