/** Gradients of weights and biases, added up over chunks of cells (`layers.ts` has their layout, and its rules for loops). */
import { STRIDE, isSparse } from "./layers";
import { multiplyAdd } from "./simd";

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
export function sort(keys: usize, end: usize): void {
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
