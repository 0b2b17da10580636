/** States that outlive a training step: kept as windows, for they are mostly empty. */
import type { State } from "../../engine.ts";
import { cropState, expandWindow, type StateWindow } from "../../engine/window.ts";
import { FormatError } from "../../errors.ts";
import { type Grid, planeOf } from "../../rule/grid.ts";
import type { Snapshot } from "../snapshot.ts";

/** A state where an engine keeps it, or the part of it that is not empty. */
export type StoredState = State | StateWindow;

/** A state for whoever stores it, to be released when it is stored no more. */
export function storedOf(state: StoredState): StoredState {
  return "read" in state ? state.share() : state;
}

/** Ends what {@link storedOf} began. */
export function releaseStored(state: StoredState): void {
  if ("read" in state) state.dispose();
}

/** Whether two windows are the same part of a grid and hold the same numbers. */
export function isSameWindow(a: StateWindow, b: StateWindow): boolean {
  return (
    a === b ||
    (a.top === b.top &&
      a.left === b.left &&
      a.height === b.height &&
      a.width === b.width &&
      a.data.every((value, i) => Object.is(value, b.data[i])))
  );
}

/** What a rollout can start from. */
export function startOf(state: StoredState, grid: Grid, channels: number): Float32Array | State {
  return "read" in state ? state : expandWindow(state, grid, channels);
}

/**
 * States as tensors: `windows` (N, 4) of top, left, height and width, and `data`, their numbers one after the other. Where
 * some are one and the same, `same` (N) has the first place of each, and `data` its numbers there alone.
 */
export async function saveStates(states: readonly StoredState[]): Promise<Snapshot["tensors"]> {
  const windows = new Int32Array(states.length * 4);
  const parts: Float32Array[] = [];
  const places = new Map<StoredState, number>();
  const same = new Int32Array(states.length);
  for (const [i, state] of states.entries()) {
    same[i] = places.get(state) ?? i;
    if (same[i] < i) {
      windows.copyWithin(i * 4, same[i] * 4, same[i] * 4 + 4);
      continue;
    }
    places.set(state, i);
    const window = "read" in state ? await windowOf(state) : state;
    windows.set([window.top, window.left, window.height, window.width], i * 4);
    parts.push(window.data);
  }
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return {
    windows: { shape: [states.length, 4], data: windows },
    data: { shape: [data.length], data },
    ...(places.size < states.length && { same: { shape: [states.length], data: same } }),
  };
}

/** The smallest window of a state. */
async function windowOf(state: State): Promise<StateWindow> {
  const { data, top, left, height, width } = await state.readWindow();
  const window = cropState(data, [height, width], state.channels);
  return window.height === 0 ? window : { ...window, top: window.top + top, left: window.left + left };
}

/**
 * States that {@link saveStates} made tensors of.
 *
 * @param what they are called in errors: `pool entry`.
 * @returns undefined where the tensors are not of so many states.
 * @throws FormatError where one does not fit the grid.
 */
export function restoreStates(
  { windows, data, same }: Snapshot["tensors"],
  count: number,
  grid: Grid,
  channels: number,
  what: string,
): StateWindow[] | undefined {
  const boxes = windows?.data;
  const numbers = data?.data;
  if (!(boxes instanceof Int32Array && numbers instanceof Float32Array)) return undefined;
  if (boxes.length !== 4 * count) return undefined;
  const firsts = same ? same.data : Int32Array.from({ length: count }, (_, i) => i);
  if (!(firsts instanceof Int32Array) || firsts.length !== count) return undefined;
  if (!firsts.every((first, i) => first <= i && firsts[first] === first)) return undefined;
  const [rows, columns] = planeOf(grid);
  let offset = 0;
  const states: StateWindow[] = [];
  for (let i = 0; i < count; i++) {
    if (firsts[i] < i) {
      states.push(states[firsts[i]]);
      continue;
    }
    const [top, left, height, width] = boxes.subarray(4 * i, 4 * i + 4);
    const length = height * width * channels;
    const fits =
      Math.min(top, left, height, width) >= 0 &&
      top + height <= rows &&
      left + width <= columns &&
      offset + length <= numbers.length;
    if (!fits) throw new FormatError(`${what} ${i} of this checkpoint does not fit the grid`);
    offset += length;
    states.push({ top, left, height, width, data: numbers.slice(offset - length, offset) });
  }
  return states;
}
