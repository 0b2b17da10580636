/** Gradients of weights as in `../gradients.ts`, by tiles for 256 bits (`./layers.ts`): the same sums in the same order. */
import { STRIDE, isSparse } from "../layers";
import { sort } from "../gradients";
import { multiplyAdd } from "../simd";

/** Inputs that stay in the first-level cache while all outputs pass; packed, four at a time. */
const INPUT_BLOCK: i32 = 48;
/** Bytes of a group of cells, packed: four registers, of four inputs or of four outputs. */
const GROUP: usize = 64;
/** The same of outputs, and where the group lies among packed inputs. */
const OUTPUT_GROUP: usize = 80;
/** Groups of a chunk. */
const GROUPS: usize = 30;

/**
 * As that of `../gradients.ts`, but that outputs come in fours.
 *
 * @param outputs multiple of 4. @param scratch 25,440 bytes, and 8 for each output.
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
  const packedInputs = scratch;
  const packedOutputs = packedInputs + <usize>(INPUT_BLOCK >> 2) * GROUPS * GROUP;
  const order = packedOutputs + GROUPS * OUTPUT_GROUP;
  const end = order + (<usize>outputs << 3);
  const all = <u32>((1 << (cells >> 2)) - 1);
  for (let j: usize = 0; j < <usize>outputs; j++) {
    const groups = sparse ? load<u32>(activity + (j << 2)) : all;
    store<u64>(order + (j << 3), ((<u64>groups) << 32) | j);
  }
  if (sparse) sort(order, end);
  const rowBytes = <usize>inputs << 4;
  // The input is touched once in the order of addresses, which prefetching follows, for a tape is not in the cache. What is read is
  // stored, so that the compiler keeps the loads.
  let touched: u32 = 0;
  for (let at = input; at < input + <usize>inputs * STRIDE; at += 64) touched |= load<u32>(at);
  store<u32>(packedOutputs, touched);
  for (let block = 0; block < inputs; block += INPUT_BLOCK) {
    const size = min(INPUT_BLOCK, inputs - block);
    packInputs(input + <usize>block * STRIDE, size, cells, packedInputs);
    for (let four = order; four != end; four += 32) {
      const groups = load<u32>(four, 4) | load<u32>(four, 12) | load<u32>(four, 20) | load<u32>(four, 28);
      if (groups == 0) continue;
      const last = packOutputs(groups, dOut, four, packedOutputs);
      const to = sums + (<usize>block << 4);
      const sums0 = to + <usize>load<u32>(four) * rowBytes;
      const sums1 = to + <usize>load<u32>(four, 8) * rowBytes;
      const sums2 = to + <usize>load<u32>(four, 16) * rowBytes;
      const sums3 = to + <usize>load<u32>(four, 24) * rowBytes;
      let from = packedInputs;
      for (let k: usize = 0; k < <usize>size << 4; k += 64) {
        gradientTile(from, packedOutputs, last, sums0 + k, sums1 + k, sums2 + k, sums3 + k);
        from += GROUPS * GROUP;
      }
    }
  }
}

/** 4 inputs by 4 outputs, over the groups of cells that are packed in [outputs, end). */
// @ts-ignore: decorator
@inline
function gradientTile(
  inputs: usize,
  outputs: usize,
  end: usize,
  sums0: usize,
  sums1: usize,
  sums2: usize,
  sums3: usize,
): void {
  let c00 = v128.load(sums0);
  let c01 = v128.load(sums0, 16);
  let c02 = v128.load(sums0, 32);
  let c03 = v128.load(sums0, 48);
  let c10 = v128.load(sums1);
  let c11 = v128.load(sums1, 16);
  let c12 = v128.load(sums1, 32);
  let c13 = v128.load(sums1, 48);
  let c20 = v128.load(sums2);
  let c21 = v128.load(sums2, 16);
  let c22 = v128.load(sums2, 32);
  let c23 = v128.load(sums2, 48);
  let c30 = v128.load(sums3);
  let c31 = v128.load(sums3, 16);
  let c32 = v128.load(sums3, 32);
  let c33 = v128.load(sums3, 48);
  for (; outputs != end; outputs += OUTPUT_GROUP) {
    const from = inputs + load<u32>(outputs, 64);
    const x0 = v128.load(from);
    const x1 = v128.load(from, 16);
    const x2 = v128.load(from, 32);
    const x3 = v128.load(from, 48);
    let y = v128.load(outputs);
    c00 = multiplyAdd(x0, y, c00);
    c01 = multiplyAdd(x1, y, c01);
    c02 = multiplyAdd(x2, y, c02);
    c03 = multiplyAdd(x3, y, c03);
    y = v128.load(outputs, 16);
    c10 = multiplyAdd(x0, y, c10);
    c11 = multiplyAdd(x1, y, c11);
    c12 = multiplyAdd(x2, y, c12);
    c13 = multiplyAdd(x3, y, c13);
    y = v128.load(outputs, 32);
    c20 = multiplyAdd(x0, y, c20);
    c21 = multiplyAdd(x1, y, c21);
    c22 = multiplyAdd(x2, y, c22);
    c23 = multiplyAdd(x3, y, c23);
    y = v128.load(outputs, 48);
    c30 = multiplyAdd(x0, y, c30);
    c31 = multiplyAdd(x1, y, c31);
    c32 = multiplyAdd(x2, y, c32);
    c33 = multiplyAdd(x3, y, c33);
  }
  v128.store(sums0, c00);
  v128.store(sums0, c01, 16);
  v128.store(sums0, c02, 32);
  v128.store(sums0, c03, 48);
  v128.store(sums1, c10);
  v128.store(sums1, c11, 16);
  v128.store(sums1, c12, 32);
  v128.store(sums1, c13, 48);
  v128.store(sums2, c20);
  v128.store(sums2, c21, 16);
  v128.store(sums2, c22, 32);
  v128.store(sums2, c23, 48);
  v128.store(sums3, c30);
  v128.store(sums3, c31, 16);
  v128.store(sums3, c32, 32);
  v128.store(sums3, c33, 48);
}

/** Packs inputs, four at a time: of each group of four cells, one after the other. @param inputs multiple of 4. */
function packInputs(input: usize, inputs: i32, cells: i32, to: usize): void {
  for (let k = 0; k < inputs; k += 4) {
    let group = to;
    for (let r: usize = 0; r < <usize>cells << 2; r += 16) {
      v128.store(group, v128.load(input + r));
      v128.store(group, v128.load(input + r, STRIDE), 16);
      v128.store(group, v128.load(input + r, 2 * STRIDE), 32);
      v128.store(group, v128.load(input + r, 3 * STRIDE), 48);
      group += GROUP;
    }
    input += 4 * STRIDE;
    to += GROUPS * GROUP;
  }
}

/** Packs groups of cells, a bit each, of the four outputs that are listed. @returns the end of what it wrote. */
function packOutputs(groups: u32, dOut: usize, list: usize, to: usize): usize {
  const y0 = dOut + <usize>load<u32>(list) * STRIDE;
  const y1 = dOut + <usize>load<u32>(list, 8) * STRIDE;
  const y2 = dOut + <usize>load<u32>(list, 16) * STRIDE;
  const y3 = dOut + <usize>load<u32>(list, 24) * STRIDE;
  for (; groups; groups &= groups - 1) {
    const group = <usize>ctz(groups);
    const at = group << 4;
    v128.store(to, v128.load(y0 + at));
    v128.store(to, v128.load(y1 + at), 16);
    v128.store(to, v128.load(y2 + at), 32);
    v128.store(to, v128.load(y3 + at), 48);
    store<u32>(to, <u32>(group * GROUP), 64);
    to += OUTPUT_GROUP;
  }
  return to;
}
