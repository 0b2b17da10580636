/**
 * The products of `../layers.ts` in tiles of 16 cells by 4 outputs, for a compiler that joins two vectors that lie side by side in
 * memory into one of 256 bits (V8's `--experimental-wasm-revectorize`): 8 accumulators are then left. Each cell is computed by the
 * same operations in the same order, so bits are the same; where numbers are not finite, what is left out as silent differs.
 */
import { STRIDE, isSparse, layer as narrowLayer, layerBackwardFrom as narrowLayerBackwardFrom } from "../layers";
import { multiplyAdd } from "../simd";

/** Bytes of a feature of a tile. */
const TILE: usize = 64;

/** As that of `../layers.ts`. */
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
  const whole = (<usize>cells & ~15) << 2;
  for (let r: usize = 0; r < whole; r += TILE) {
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
      let c02 = c00;
      let c03 = c00;
      let c11 = c10;
      let c12 = c10;
      let c13 = c10;
      let c21 = c20;
      let c22 = c20;
      let c23 = c20;
      let c31 = c30;
      let c32 = c30;
      let c33 = c30;
      let from = input + r;
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
        from += STRIDE;
        w += 16;
      }
      if (rectify) {
        const zero = f32x4.splat(0);
        c00 = f32x4.max(c00, zero);
        c01 = f32x4.max(c01, zero);
        c02 = f32x4.max(c02, zero);
        c03 = f32x4.max(c03, zero);
        c10 = f32x4.max(c10, zero);
        c11 = f32x4.max(c11, zero);
        c12 = f32x4.max(c12, zero);
        c13 = f32x4.max(c13, zero);
        c20 = f32x4.max(c20, zero);
        c21 = f32x4.max(c21, zero);
        c22 = f32x4.max(c22, zero);
        c23 = f32x4.max(c23, zero);
        c30 = f32x4.max(c30, zero);
        c31 = f32x4.max(c31, zero);
        c32 = f32x4.max(c32, zero);
        c33 = f32x4.max(c33, zero);
      }
      v128.store(to, c00);
      v128.store(to, c01, 16);
      v128.store(to, c02, 32);
      v128.store(to, c03, 48);
      v128.store(to, c10, STRIDE);
      v128.store(to, c11, STRIDE + 16);
      v128.store(to, c12, STRIDE + 32);
      v128.store(to, c13, STRIDE + 48);
      v128.store(to, c20, 2 * STRIDE);
      v128.store(to, c21, 2 * STRIDE + 16);
      v128.store(to, c22, 2 * STRIDE + 32);
      v128.store(to, c23, 2 * STRIDE + 48);
      v128.store(to, c30, 3 * STRIDE);
      v128.store(to, c31, 3 * STRIDE + 16);
      v128.store(to, c32, 3 * STRIDE + 32);
      v128.store(to, c33, 3 * STRIDE + 48);
      to += 4 * STRIDE;
    }
  }
  const rest = cells & 15;
  if (rest) narrowLayer(input + whole, inputs, rest, weight, bias, out + whole, outputs, rectify);
}

/** As that of `../layers.ts`; outputs that are 0 in all 16 cells of a tile are left out where that pays. */
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
  const whole = (<usize>cells & ~15) << 2;
  if (gate) memory.fill(activity, 0, <usize>inputs << 2);
  let end = sparse ? scratch : listActive(0, outputs, 0, scratch);
  for (let r: usize = 0; r < whole; r += TILE) {
    if (sparse) end = listActive(outActivity, outputs, r, scratch);
    let panel = weight;
    let to = dInput + r;
    let g = gate + r;
    for (let k: usize = 0; k < <usize>inputs; k += 4) {
      productOfTile(dOut + r, scratch, end, panel, to, gate ? g : 0);
      if (gate) noteActivity(to, activity + (k << 2), r);
      panel += <usize>outputs << 4;
      to += 4 * STRIDE;
      g += 4 * STRIDE;
    }
  }
  if (cells & 15) {
    const rest = whole >> 2;
    narrowLayerBackwardFrom(<i32>rest, dOut, outputs, outActivity, cells, weight, dInput, inputs, gate, activity, scratch);
  }
}

/** Four features of a tile: the products with the features of `dOut` that are listed, kept where the gate, if any, is open. */
// @ts-ignore: decorator
@inline
function productOfTile(dOut: usize, list: usize, end: usize, panel: usize, to: usize, gate: usize): void {
  const zero = f32x4.splat(0);
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
  for (let item = list; item != end; item += 8) {
    const from = dOut + load<u32>(item);
    const w = panel + load<u32>(item, 4);
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
  }
  if (gate) {
    c00 = v128.and(c00, f32x4.gt(v128.load(gate), zero));
    c01 = v128.and(c01, f32x4.gt(v128.load(gate, 16), zero));
    c02 = v128.and(c02, f32x4.gt(v128.load(gate, 32), zero));
    c03 = v128.and(c03, f32x4.gt(v128.load(gate, 48), zero));
    c10 = v128.and(c10, f32x4.gt(v128.load(gate, STRIDE), zero));
    c11 = v128.and(c11, f32x4.gt(v128.load(gate, STRIDE + 16), zero));
    c12 = v128.and(c12, f32x4.gt(v128.load(gate, STRIDE + 32), zero));
    c13 = v128.and(c13, f32x4.gt(v128.load(gate, STRIDE + 48), zero));
    c20 = v128.and(c20, f32x4.gt(v128.load(gate, 2 * STRIDE), zero));
    c21 = v128.and(c21, f32x4.gt(v128.load(gate, 2 * STRIDE + 16), zero));
    c22 = v128.and(c22, f32x4.gt(v128.load(gate, 2 * STRIDE + 32), zero));
    c23 = v128.and(c23, f32x4.gt(v128.load(gate, 2 * STRIDE + 48), zero));
    c30 = v128.and(c30, f32x4.gt(v128.load(gate, 3 * STRIDE), zero));
    c31 = v128.and(c31, f32x4.gt(v128.load(gate, 3 * STRIDE + 16), zero));
    c32 = v128.and(c32, f32x4.gt(v128.load(gate, 3 * STRIDE + 32), zero));
    c33 = v128.and(c33, f32x4.gt(v128.load(gate, 3 * STRIDE + 48), zero));
  }
  v128.store(to, c00);
  v128.store(to, c01, 16);
  v128.store(to, c02, 32);
  v128.store(to, c03, 48);
  v128.store(to, c10, STRIDE);
  v128.store(to, c11, STRIDE + 16);
  v128.store(to, c12, STRIDE + 32);
  v128.store(to, c13, STRIDE + 48);
  v128.store(to, c20, 2 * STRIDE);
  v128.store(to, c21, 2 * STRIDE + 16);
  v128.store(to, c22, 2 * STRIDE + 32);
  v128.store(to, c23, 2 * STRIDE + 48);
  v128.store(to, c30, 3 * STRIDE);
  v128.store(to, c31, 3 * STRIDE + 16);
  v128.store(to, c32, 3 * STRIDE + 32);
  v128.store(to, c33, 3 * STRIDE + 48);
}

/** Notes for four features of a tile, from byte r of a feature on, in which groups of four cells they are other than 0. */
function noteActivity(features: usize, activity: usize, r: usize): void {
  const zero = f32x4.splat(0);
  for (let word = activity; word != activity + 16; word += 4) {
    // Narrowing saturates, so what is not 0 stays so, and the four cells of a group end in one lane.
    const groups = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(v128.load(features), v128.load(features, 16)),
      i16x8.narrow_i32x4_s(v128.load(features, 32), v128.load(features, 48)),
    );
    store<u32>(word, load<u32>(word) | (<u32>i32x4.bitmask(i32x4.ne(groups, zero)) << <u32>(r >> 4)));
    features += STRIDE;
  }
}

/**
 * Lists, 8 bytes each, where features lie that are active in the 16 cells from byte r of a feature on, and where their weights lie
 * in a panel: all, where nothing is known. @returns the end of the list.
 */
function listActive(activity: usize, features: i32, r: usize, to: usize): usize {
  for (let k: usize = 0; k < <usize>features; k++) {
    store<u32>(to, <u32>(k * STRIDE));
    store<u32>(to, <u32>(k << 4), 4);
    to += <usize>(!activity || ((load<u32>(activity + (k << 2)) >> <u32>(r >> 4)) & 15) != 0) << 3;
  }
  return to;
}
