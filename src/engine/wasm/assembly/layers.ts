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
function isSparse(activity: usize, features: i32, cells: i32): bool {
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
  const sparse = outActivity ? isSparse(outActivity, outputs, cells) : false;
  const panelBytes = <usize>outputs << 4;
  const zero = f32x4.splat(0);
  for (let r: usize = 0; r < <usize>cells << 2; r += 32) {
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

/** 4 inputs by two outputs that lie side by side, over all cells. */
// @ts-ignore: decorator
@inline
function weightGradientTile(a: usize, b: usize, bytes: usize, sums0: usize, sums1: usize): void {
  let c00 = v128.load(sums0, 0);
  let c10 = v128.load(sums0, 16);
  let c20 = v128.load(sums0, 32);
  let c30 = v128.load(sums0, 48);
  let c01 = v128.load(sums1, 0);
  let c11 = v128.load(sums1, 16);
  let c21 = v128.load(sums1, 32);
  let c31 = v128.load(sums1, 48);
  const end = a + bytes;
  const distance = b - a;
  while (a != end) {
    const y0 = v128.load(a + distance);
    const y1 = v128.load(a + distance, STRIDE);
    let x = v128.load(a);
    c00 = multiplyAdd(x, y0, c00);
    c01 = multiplyAdd(x, y1, c01);
    x = v128.load(a, STRIDE);
    c10 = multiplyAdd(x, y0, c10);
    c11 = multiplyAdd(x, y1, c11);
    x = v128.load(a, 2 * STRIDE);
    c20 = multiplyAdd(x, y0, c20);
    c21 = multiplyAdd(x, y1, c21);
    x = v128.load(a, 3 * STRIDE);
    c30 = multiplyAdd(x, y0, c30);
    c31 = multiplyAdd(x, y1, c31);
    a += 16;
  }
  v128.store(sums0, c00, 0);
  v128.store(sums0, c10, 16);
  v128.store(sums0, c20, 32);
  v128.store(sums0, c30, 48);
  v128.store(sums1, c01, 0);
  v128.store(sums1, c11, 16);
  v128.store(sums1, c21, 32);
  v128.store(sums1, c31, 48);
}

/** Bytes of a packed group: four cells of two outputs, and where the cells lie in a feature. */
const PACKED: usize = 48;

/** {@link weightGradientTile} over the groups of cells in [from, end) alone, packed. */
// @ts-ignore: decorator
@inline
function sparseWeightGradientTile(a: usize, from: usize, end: usize, sums0: usize, sums1: usize): void {
  let c00 = v128.load(sums0, 0);
  let c10 = v128.load(sums0, 16);
  let c20 = v128.load(sums0, 32);
  let c30 = v128.load(sums0, 48);
  let c01 = v128.load(sums1, 0);
  let c11 = v128.load(sums1, 16);
  let c21 = v128.load(sums1, 32);
  let c31 = v128.load(sums1, 48);
  while (from != end) {
    const at = a + load<u32>(from, 32);
    const y0 = v128.load(from);
    const y1 = v128.load(from, 16);
    let x = v128.load(at);
    c00 = multiplyAdd(x, y0, c00);
    c01 = multiplyAdd(x, y1, c01);
    x = v128.load(at, STRIDE);
    c10 = multiplyAdd(x, y0, c10);
    c11 = multiplyAdd(x, y1, c11);
    x = v128.load(at, 2 * STRIDE);
    c20 = multiplyAdd(x, y0, c20);
    c21 = multiplyAdd(x, y1, c21);
    x = v128.load(at, 3 * STRIDE);
    c30 = multiplyAdd(x, y0, c30);
    c31 = multiplyAdd(x, y1, c31);
    from += PACKED;
  }
  v128.store(sums0, c00, 0);
  v128.store(sums0, c10, 16);
  v128.store(sums0, c20, 32);
  v128.store(sums0, c30, 48);
  v128.store(sums1, c01, 0);
  v128.store(sums1, c11, 16);
  v128.store(sums1, c21, 32);
  v128.store(sums1, c31, 48);
}

/** Packs the groups of cells that are active in one of two outputs. @returns the end of what it wrote. */
// @ts-ignore: decorator
@inline
function packGroups(groups: u32, b0: usize, b1: usize, to: usize): usize {
  for (; groups; groups &= groups - 1) {
    const at = <usize>ctz(groups) << 4;
    v128.store(to, v128.load(b0 + at));
    v128.store(to, v128.load(b1 + at), 16);
    store<u32>(to, <u32>at, 32);
    to += PACKED;
  }
  return to;
}

/** Bytes of the packed groups of a chunk. */
const PACKED_CHUNK: usize = 30 * PACKED;

/** Inputs that stay in the first-level cache while all outputs pass. */
const INPUT_BLOCK: usize = 48;

/**
 * dWeight[k][j] += sum over r of input[k][r] * dOut[j][r]. Each sum is kept as its four SIMD lanes, (outputs, inputs) of 16
 * bytes; {@link readWeightGradient} adds the lanes up.
 *
 * Where outputs are active in few cells, the others are left out; outputs are then paired with such as are active in like
 * cells.
 *
 * @param inputs multiple of 4. @param outputs even. @param cells multiple of 4.
 * @param activity of dOut, as `layerBackward` writes it; 0 where nothing is known.
 * @param scratch 1,440 bytes, and 8 for each output.
 */
export function weightGradient(
  input: usize,
  inputs: i32,
  cells: i32,
  dOut: usize,
  outputs: i32,
  activity: usize,
  sums: usize,
  scratch: usize,
): void {
  const sparse = activity ? isSparse(activity, outputs, cells) : false;
  const pairs = scratch + PACKED_CHUNK;
  const end = pairs + (<usize>outputs << 3);
  if (sparse) {
    for (let j: usize = 0; j < <usize>outputs; j++) {
      store<u64>(pairs + (j << 3), ((<u64>load<u32>(activity + (j << 2))) << 32) | j);
    }
    sort(pairs, end);
  }
  const bytes = <usize>cells << 2;
  const rowBytes = <usize>inputs << 4;
  for (let block: usize = 0; block < <usize>inputs; block += INPUT_BLOCK) {
    const first = input + block * STRIDE;
    const tiles = (min(block + INPUT_BLOCK, <usize>inputs) - block) >> 2;
    const to = sums + (block << 4);
    for (let pair = pairs, j: usize = 0; pair != end; pair += 16, j += 2) {
      if (!sparse) {
        gradientOfPair(first, tiles, dOut + j * STRIDE, bytes, to + j * rowBytes, rowBytes);
        continue;
      }
      const groups = load<u32>(pair, 4) | load<u32>(pair, 12);
      if (groups == 0) continue;
      const j0 = <usize>load<u32>(pair);
      const j1 = <usize>load<u32>(pair, 8);
      const packed = packGroups(groups, dOut + j0 * STRIDE, dOut + j1 * STRIDE, scratch);
      sparseGradientOfPair(first, tiles, scratch, packed, to + j0 * rowBytes, to + j1 * rowBytes);
    }
  }
}

function gradientOfPair(a: usize, tiles: usize, b: usize, bytes: usize, sums: usize, rowBytes: usize): void {
  for (; tiles; tiles--) {
    weightGradientTile(a, b, bytes, sums, sums + rowBytes);
    a += 4 * STRIDE;
    sums += 64;
  }
}

function sparseGradientOfPair(
  a: usize,
  tiles: usize,
  packed: usize,
  end: usize,
  sums0: usize,
  sums1: usize,
): void {
  for (; tiles; tiles--) {
    sparseWeightGradientTile(a, packed, end, sums0, sums1);
    a += 4 * STRIDE;
    sums0 += 64;
    sums1 += 64;
  }
}

/** Shell's sort of keys of 8 bytes, in [keys, end). */
function sort(keys: usize, end: usize): void {
  for (let gap: usize = 40 << 3; gap; gap = gap == 8 ? 0 : (gap / 24) << 3) {
    for (let next = keys + gap; next < end; next += 8) {
      const key = load<u64>(next);
      let at = next;
      while (at >= keys + gap && load<u64>(at - gap) > key) {
        store<u64>(at, load<u64>(at - gap));
        at -= gap;
      }
      store<u64>(at, key);
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
      f32.store(to, sumOfLanes(v128.load(sums + (<usize>(j * inputs + k) << 4))));
      to += 4;
    }
  }
}

/** Writes the sums of {@link biasGradient}. */
export function readBiasGradient(sums: usize, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j++) f32.store(to + (<usize>j << 2), sumOfLanes(v128.load(sums + (<usize>j << 4))));
}
