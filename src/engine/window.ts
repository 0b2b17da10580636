import { type Box, type Grid, planeOf } from "../rule/grid.ts";

/** The part of a state outside which it is zero: `data` has shape (box.height, box.width, C). Empty: height and width 0. */
export type StateWindow = Box & Readonly<{ data: Float32Array }>;

/** The box of a window, without its numbers. */
export function boxOf({ top, left, height, width }: Box): Box {
  return { top, left, height, width };
}

/** The smallest box that holds both; an empty one counts for nothing. */
export function union(a: Box, b: Box): Box {
  if (a.height === 0) return b;
  if (b.height === 0) return a;
  const top = Math.min(a.top, b.top);
  const left = Math.min(a.left, b.left);
  const height = Math.max(a.top + a.height, b.top + b.height) - top;
  const width = Math.max(a.left + a.width, b.left + b.width) - left;
  return { top, left, height, width };
}

/** The cells of a box as runs [first, end) of cell numbers. */
export function cellRuns(grid: Grid, { top, left, height, width }: Box): [number, number][] {
  const [, gridWidth] = planeOf(grid);
  return Array.from({ length: height }, (_, y) => {
    const first = (top + y) * gridWidth + left;
    return [first, first + width];
  });
}

function isEmpty(state: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (state[i] !== 0) return false;
  return true;
}

/** The smallest window that holds all non-zero numbers (NaN included) of a state of shape (...grid, C). */
export function cropState(state: Float32Array, grid: Grid, channels: number): StateWindow {
  const [height, width] = planeOf(grid);
  const row = width * channels;
  let top = 0;
  while (top < height && isEmpty(state, top * row, (top + 1) * row)) top++;
  if (top === height) return { top: 0, left: 0, height: 0, width: 0, data: new Float32Array(0) };
  let bottom = height - 1;
  while (isEmpty(state, bottom * row, (bottom + 1) * row)) bottom--;
  let left = width;
  let right = -1;
  for (let y = top; y <= bottom; y++) {
    const start = y * row;
    let first = 0;
    while (first < left && isEmpty(state, start + first * channels, start + (first + 1) * channels)) first++;
    left = first;
    let last = width - 1;
    while (last > right && isEmpty(state, start + last * channels, start + (last + 1) * channels)) last--;
    right = last;
  }
  return cutWindow(state, grid, channels, {
    top,
    left,
    height: bottom - top + 1,
    width: right - left + 1,
  });
}

/** A given part of a state, zero or not. */
export function cutWindow(
  state: Float32Array,
  grid: Grid,
  channels: number,
  { top, left, height, width }: Box,
): StateWindow {
  const [, gridWidth] = planeOf(grid);
  const data = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * gridWidth + left) * channels;
    data.set(state.subarray(from, from + width * channels), y * width * channels);
  }
  return { top, left, height, width, data };
}

/** The state of shape (...grid, C) that a window was cut from, zero outside. */
export function expandWindow(window: StateWindow, grid: Grid, channels: number): Float32Array {
  const [height, width] = planeOf(grid);
  const state = new Float32Array(height * width * channels);
  const row = window.width * channels;
  for (let y = 0; y < window.height; y++) {
    const to = ((window.top + y) * width + window.left) * channels;
    state.set(window.data.subarray(y * row, (y + 1) * row), to);
  }
  return state;
}
