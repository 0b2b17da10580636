/**
 * Byte maps of the grid: one byte a cell, 0 or 1, laid out like the state with its margins, so that a neighbour is a
 * constant distance away. Functions work on a box of `rows` x `width` cells whose first cell has number `first`;
 * whatever lies outside the box is 0 already. Sixteen cells are handled at a time: the margin right of a row has
 * room for what is written past its end, and that is always 0.
 */

// @ts-ignore: decorator
@inline
function firstBytes(v: v128, count: i32): v128 {
  if (count >= 16) return v;
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v, i8x16.lt_s(lanes, i8x16.splat(<i8>count)));
}

// @ts-ignore: decorator
@inline
function nonZeroBytes(v: v128): i32 {
  return i8x16.bitmask(i8x16.ne(v, i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
function neighbourhood(at: usize, stride: usize): v128 {
  const above = at - stride;
  const below = at + stride;
  const left = v128.or(v128.load(above - 1), v128.or(v128.load(at - 1), v128.load(below - 1)));
  const middle = v128.or(v128.load(above), v128.or(v128.load(at), v128.load(below)));
  const right = v128.or(v128.load(above + 1), v128.or(v128.load(at + 1), v128.load(below + 1)));
  return v128.or(left, v128.or(middle, right));
}

/**
 * Sets the channels of a cell to 0.
 *
 * @param keep 0 for all of them; else a mask of `cellBytes`, all ones where a channel keeps its value.
 */
// @ts-ignore: decorator
@inline
function emptyCell(cell: usize, cellBytes: usize, keep: usize): void {
  if (!keep) {
    memory.fill(cell, 0, cellBytes);
    return;
  }
  for (let byte: usize = 0; byte < cellBytes; byte += 16) {
    v128.store(cell + byte, v128.and(v128.load(cell + byte), v128.load(keep + byte)));
  }
}

/** to = OR of the 3x3 neighbourhood of from. */
export function dilate(from: usize, to: usize, first: usize, rows: i32, width: i32, stride: usize): void {
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 16) {
      v128.store(to + first + x, firstBytes(neighbourhood(from + first + x, stride), width - x));
    }
    first += stride;
  }
}

/** to = a AND NOT b. @returns whether any cell is in it. */
export function without(
  a: usize,
  b: usize,
  to: usize,
  first: usize,
  rows: i32,
  width: i32,
  stride: usize,
): bool {
  let any = i8x16.splat(0);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 16) {
      const at = first + x;
      const rest = firstBytes(v128.andnot(v128.load(a + at), v128.load(b + at)), width - x);
      v128.store(to + at, rest);
      any = v128.or(any, rest);
    }
    first += stride;
  }
  return v128.any_true(any);
}

/**
 * Lists the candidates that fire: the hash of (seed, sample, step, cell) is at most `limit` (`src/random.ts`).
 *
 * @param cell number of the box's first cell in the grid, row * gridWidth + column.
 * @param list receives cell numbers in the margined layout, and repeats the last one up to a multiple of 8; one word more is
 *   written over.
 * @returns how many fire.
 */
export function select(
  candidates: usize,
  first: usize,
  rows: i32,
  width: i32,
  stride: usize,
  cell: i32,
  gridWidth: i32,
  seed: i32,
  sample: i32,
  step: i32,
  limit: i32,
  list: usize,
): i32 {
  const multiplier = i32x4.splat(1664525);
  const increment = i32x4.splat(1013904223);
  const x0 = i32x4.splat(seed * 1664525 + 1013904223);
  const y0 = i32x4.splat(sample * 1664525 + 1013904223);
  const z0 = i32x4.splat(step * 1664525 + 1013904223);
  const most = i32x4.splat(limit);
  const begin = list;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column += 4) {
      const at = first + column;
      const could = load<u32>(candidates + at);
      if (!could) continue;
      const number = i32x4.add(i32x4.splat(cell + column), i32x4(0, 1, 2, 3));
      let w = i32x4.add(i32x4.mul(number, multiplier), increment);
      let x = i32x4.add(x0, i32x4.mul(y0, w));
      let y = i32x4.add(y0, i32x4.mul(z0, x));
      let z = i32x4.add(z0, i32x4.mul(x, y));
      w = i32x4.add(w, i32x4.mul(y, z));
      x = v128.xor(x, i32x4.shr_u(x, 16));
      y = v128.xor(y, i32x4.shr_u(y, 16));
      z = v128.xor(z, i32x4.shr_u(z, 16));
      w = v128.xor(w, i32x4.shr_u(w, 16));
      x = i32x4.add(x, i32x4.mul(y, w));
      const hash = i32x4.add(y, i32x4.mul(z, x));
      const fired = <u32>i32x4.bitmask(i32x4.le_u(hash, most));
      // Each is written, and kept where it fires: a branch on a random bit is mispredicted half of the time.
      for (let lane: u32 = 0; lane < 4; lane++) {
        store<u32>(list, <u32>at + lane);
        list += <usize>((fired >> lane) & (could >> (lane << 3)) & 1) << 2;
      }
    }
    first += stride;
    cell += gridWidth;
  }
  const count = <i32>((list - begin) >> 2);
  if (count) {
    const last = load<u32>(list - 4);
    for (let i = count; i & 7; i++) {
      store<u32>(list, last);
      list += 4;
    }
  }
  return count;
}

/**
 * The masked end of a step. live = post, and candidates too where `gated`; cells of the old support and candidates
 * that do not live are emptied.
 *
 * @param support the cells that could be non-zero before the step; becomes live, and `pinned` too.
 * @param emptyAlive what an emptied cell's byte in `alive` becomes: 1 where 0 exceeds the threshold; below 0, it stays.
 * @param keep what emptying keeps: see {@link emptyCell}. @param pinned the cells of which something is kept; 0 for none.
 * @param bits receives live, a bit a cell: 16 bits for every 16 cells of a row begun.
 * @param box receives first row, last row, first column, last column of live, relative to the given box, as 4 x i32;
 *   the rows are -1 where nothing lives.
 */
export function settle(
  post: usize,
  candidates: usize,
  gated: bool,
  support: usize,
  first: usize,
  rows: i32,
  width: i32,
  stride: usize,
  state: usize,
  cellBytes: usize,
  alive: usize,
  emptyAlive: i32,
  bits: usize,
  box: usize,
  keep: usize,
  pinned: usize,
): void {
  let top = -1;
  let bottom = -1;
  let left = width;
  let right = -1;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 16) {
      const at = first + x;
      const could = v128.load(candidates + at);
      let live = firstBytes(v128.load(post + at), width - x);
      if (gated) live = v128.and(live, could);
      const before = firstBytes(v128.or(v128.load(support + at), could), width - x);
      let emptied = nonZeroBytes(v128.andnot(before, live));
      while (emptied) {
        const cell = at + ctz(emptied);
        emptied &= emptied - 1;
        emptyCell(state + cell * cellBytes, cellBytes, keep);
        if (emptyAlive >= 0) store<u8>(alive + cell, <u8>emptyAlive);
      }
      v128.store(support + at, pinned ? v128.or(live, firstBytes(v128.load(pinned + at), width - x)) : live);
      const lives = nonZeroBytes(live);
      store<u16>(bits, <u16>lives);
      bits += 2;
      if (lives) {
        if (top < 0) top = y;
        bottom = y;
        left = min(left, x + ctz(lives));
        right = max(right, x + 31 - clz(lives));
      }
    }
    first += stride;
  }
  store<i32>(box, top, 0);
  store<i32>(box, bottom, 4);
  store<i32>(box, left, 8);
  store<i32>(box, right, 12);
}

/** Makes a map of the bits that {@link settle} wrote for the same box. */
export function spread(bits: usize, map: usize, first: usize, rows: i32, width: i32, stride: usize): void {
  const lanes = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const one = i8x16.splat(1);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 16) {
      const low = i8x16.splat(load<i8>(bits));
      const high = i8x16.splat(load<i8>(bits, 1));
      bits += 2;
      const set = i8x16.eq(v128.and(v128.shuffle<i64>(low, high, 0, 2), lanes), lanes);
      v128.store(map + first + x, v128.and(set, one));
    }
    first += stride;
  }
}

/** Empties, in a cotangent, the cells in `near` that are not in `live`. @param keep see {@link emptyCell}. */
export function maskCotangent(
  near: usize,
  live: usize,
  first: usize,
  rows: i32,
  width: i32,
  stride: usize,
  cotangent: usize,
  cellBytes: usize,
  keep: usize,
): void {
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 16) {
      const at = first + x;
      let outside = nonZeroBytes(firstBytes(v128.andnot(v128.load(near + at), v128.load(live + at)), width - x));
      while (outside) {
        const cell = at + ctz(outside);
        outside &= outside - 1;
        emptyCell(cotangent + cell * cellBytes, cellBytes, keep);
      }
    }
    first += stride;
  }
}

/**
 * For a torus: copies the opposite edges into the margin of `radius` cells around the grid.
 *
 * @param first number of the grid's first cell. @param cellBytes 1 for a byte map.
 */
export function mirrorMargin(
  base: usize,
  first: usize,
  rows: i32,
  width: i32,
  stride: usize,
  cellBytes: usize,
  radius: i32,
): void {
  for (let y = -radius; y < rows + radius; y++) {
    const row = base + (first + <usize>y * stride) * cellBytes;
    const source = base + (first + <usize>(((y % rows) + rows) % rows) * stride) * cellBytes;
    if (row != source) memory.copy(row, source, <usize>width * cellBytes);
    for (let x = 1; x <= radius; x++) {
      memory.copy(row - <usize>x * cellBytes, source + <usize>((width - (x % width)) % width) * cellBytes, cellBytes);
      memory.copy(row + <usize>(width + x - 1) * cellBytes, source + <usize>((x - 1) % width) * cellBytes, cellBytes);
    }
  }
}

/** The adjoint of {@link mirrorMargin} on 32-bit floats: adds the margin onto the opposite edges and empties it. */
export function foldMargin(
  base: usize,
  first: usize,
  rows: i32,
  width: i32,
  stride: usize,
  cellBytes: usize,
  radius: i32,
): void {
  for (let y = -radius; y < rows + radius; y++) {
    const inside = y >= 0 && y < rows;
    const row = base + (first + <usize>y * stride) * cellBytes;
    const target = base + (first + <usize>(((y % rows) + rows) % rows) * stride) * cellBytes;
    for (let x = -radius; x < width + radius; x++) {
      if (inside && x == 0) x = width;
      const from = row + <usize>x * cellBytes;
      const to = target + <usize>(((x % width) + width) % width) * cellBytes;
      for (let byte: usize = 0; byte < cellBytes; byte += 16) {
        v128.store(to + byte, f32x4.add(v128.load(to + byte), v128.load(from + byte)));
        v128.store(from + byte, f32x4.splat(0));
      }
    }
  }
}
