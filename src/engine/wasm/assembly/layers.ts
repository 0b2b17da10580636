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
 * @param bias 0 for none. @param gate 0 for none; else the output is kept where gate[j][r] > 0, else 0.
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
  gate: usize,
): void {
  const panelBytes = <usize>inputs << 4;
  const zero = f32x4.splat(0);
  for (let r: usize = 0; r < <usize>cells << 2; r += 32) {
    let panel = weight;
    let offset = bias;
    let to = out + r;
    let g = gate + r;
    for (let j = 0; j < outputs; j += 4) {
      let c00 = zero;
      let c10 = zero;
      let c20 = zero;
      let c30 = zero;
      if (bias) {
        c00 = v128.load32_splat(offset, 0);
        c10 = v128.load32_splat(offset, 4);
        c20 = v128.load32_splat(offset, 8);
        c30 = v128.load32_splat(offset, 12);
        offset += 16;
      }
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
        c00 = f32x4.max(c00, zero);
        c01 = f32x4.max(c01, zero);
        c10 = f32x4.max(c10, zero);
        c11 = f32x4.max(c11, zero);
        c20 = f32x4.max(c20, zero);
        c21 = f32x4.max(c21, zero);
        c30 = f32x4.max(c30, zero);
        c31 = f32x4.max(c31, zero);
      }
      if (gate) {
        c00 = v128.and(c00, f32x4.gt(v128.load(g), zero));
        c01 = v128.and(c01, f32x4.gt(v128.load(g, 16), zero));
        c10 = v128.and(c10, f32x4.gt(v128.load(g + STRIDE), zero));
        c11 = v128.and(c11, f32x4.gt(v128.load(g + STRIDE, 16), zero));
        c20 = v128.and(c20, f32x4.gt(v128.load(g + 2 * STRIDE), zero));
        c21 = v128.and(c21, f32x4.gt(v128.load(g + 2 * STRIDE, 16), zero));
        c30 = v128.and(c30, f32x4.gt(v128.load(g + 3 * STRIDE), zero));
        c31 = v128.and(c31, f32x4.gt(v128.load(g + 3 * STRIDE, 16), zero));
        g += 4 * STRIDE;
      }
      v128.store(to, c00);
      v128.store(to, c01, 16);
      v128.store(to + STRIDE, c10);
      v128.store(to + STRIDE, c11, 16);
      v128.store(to + 2 * STRIDE, c20);
      v128.store(to + 2 * STRIDE, c21, 16);
      v128.store(to + 3 * STRIDE, c30);
      v128.store(to + 3 * STRIDE, c31, 16);
      to += 4 * STRIDE;
    }
  }
}

// @ts-ignore: decorator
@inline
function weightGradientTile(a: usize, b: usize, end: usize, sums: usize): void {
  let c00 = v128.load(sums, 0);
  let c01 = v128.load(sums, 16);
  let c10 = v128.load(sums, 32);
  let c11 = v128.load(sums, 48);
  let c20 = v128.load(sums, 64);
  let c21 = v128.load(sums, 80);
  let c30 = v128.load(sums, 96);
  let c31 = v128.load(sums, 112);
  const distance = b - a;
  end += a;
  while (a != end) {
    const b0 = v128.load(a + distance);
    const b1 = v128.load(a + distance, STRIDE);
    let x = v128.load(a);
    c00 = multiplyAdd(x, b0, c00);
    c01 = multiplyAdd(x, b1, c01);
    x = v128.load(a, STRIDE);
    c10 = multiplyAdd(x, b0, c10);
    c11 = multiplyAdd(x, b1, c11);
    x = v128.load(a, 2 * STRIDE);
    c20 = multiplyAdd(x, b0, c20);
    c21 = multiplyAdd(x, b1, c21);
    x = v128.load(a, 3 * STRIDE);
    c30 = multiplyAdd(x, b0, c30);
    c31 = multiplyAdd(x, b1, c31);
    a += 16;
  }
  v128.store(sums, c00, 0);
  v128.store(sums, c01, 16);
  v128.store(sums, c10, 32);
  v128.store(sums, c11, 48);
  v128.store(sums, c20, 64);
  v128.store(sums, c21, 80);
  v128.store(sums, c30, 96);
  v128.store(sums, c31, 112);
}

/**
 * dWeight[k][j] += sum over r of input[k][r] * dOut[j][r]. Each sum is kept as its four SIMD lanes, in tiles of
 * 4 inputs x 2 outputs of 128 bytes, ordered by j, then k; {@link readWeightGradient} adds the lanes up.
 *
 * @param inputs multiple of 4. @param outputs multiple of 2. @param cells multiple of 4.
 */
export function weightGradient(
  input: usize,
  inputs: i32,
  cells: i32,
  dOut: usize,
  outputs: i32,
  sums: usize,
): void {
  const end = <usize>cells << 2;
  const column = <usize>(inputs >> 2) << 7;
  // The smaller of the two chunks is the one that is read again and again.
  if (inputs > outputs) {
    for (let k = 0; k < inputs; k += 4) {
      let b = dOut;
      let tile = sums;
      for (let j = 0; j < outputs; j += 2) {
        weightGradientTile(input, b, end, tile);
        b += 2 * STRIDE;
        tile += column;
      }
      input += 4 * STRIDE;
      sums += 128;
    }
  } else {
    for (let j = 0; j < outputs; j += 2) {
      let a = input;
      for (let k = 0; k < inputs; k += 4) {
        weightGradientTile(a, dOut, end, sums);
        a += 4 * STRIDE;
        sums += 128;
      }
      dOut += 2 * STRIDE;
    }
  }
}

/** dBias[j] += sum over r of dOut[j][r], lane by lane: 16 bytes an output. */
export function biasGradient(dOut: usize, outputs: i32, cells: i32, sums: usize): void {
  const end = <usize>cells << 2;
  for (let j = 0; j < outputs; j++) {
    let even = v128.load(sums);
    let odd = f32x4.splat(0);
    for (let r: usize = 0; r != end; r += 32) {
      even = f32x4.add(even, v128.load(dOut + r));
      odd = f32x4.add(odd, v128.load(dOut + r, 16));
    }
    v128.store(sums, f32x4.add(even, odd));
    sums += 16;
    dOut += STRIDE;
  }
}

// @ts-ignore: decorator
@inline
function sumOfLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Writes the sums of {@link weightGradient} as a dense (rows, columns) matrix; `inputs` as given there. */
export function readWeightGradient(sums: usize, inputs: i32, rows: i32, columns: i32, to: usize): void {
  for (let k = 0; k < rows; k++) {
    for (let j = 0; j < columns; j++) {
      const tile = <usize>((j >> 1) * (inputs >> 2) + (k >> 2)) << 7;
      f32.store(to, sumOfLanes(v128.load(sums + tile + (<usize>(((k & 3) << 1) + (j & 1)) << 4))));
      to += 4;
    }
  }
}

/** Writes the sums of {@link biasGradient}. */
export function readBiasGradient(sums: usize, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j++) f32.store(to + (<usize>j << 2), sumOfLanes(v128.load(sums + (<usize>j << 4))));
}
