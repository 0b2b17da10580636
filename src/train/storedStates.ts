/** States that outlive a training step: kept as windows, for they are mostly empty. */
import type { State } from "../engine.ts";
import { cropState, expandWindow, type StateWindow } from "../engine/window.ts";
import { FormatError } from "../errors.ts";
import type { Grid } from "../rule/rule.ts";
import type { Snapshot } from "./snapshot.ts";

/** A state where an engine keeps it, or the part of it that is not empty. */
export type StoredState = State | StateWindow;

/** What a rollout can start from. */
export function startOf(state: StoredState, grid: Grid, channels: number): Float32Array | State {
  return "read" in state ? state : expandWindow(state, grid, channels);
}

/** States as tensors: `windows` (N, 4) of top, left, height and width, and `data`, their numbers one after the other. */
export async function saveStates(
  states: readonly StoredState[],
  grid: Grid,
  channels: number,
): Promise<Snapshot["tensors"]> {
  const windows = new Int32Array(states.length * 4);
  const parts: Float32Array[] = [];
  for (const [i, state] of states.entries()) {
    const window = "read" in state ? cropState(await state.read(), grid, channels) : state;
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
  };
}

/**
 * States that {@link saveStates} made tensors of.
 *
 * @param what they are called in errors: `pool entry`.
 * @returns undefined where the tensors are not of so many states.
 * @throws FormatError where one does not fit the grid.
 */
export function restoreStates(
  { windows, data }: Snapshot["tensors"],
  count: number,
  grid: Grid,
  channels: number,
  what: string,
): StateWindow[] | undefined {
  const boxes = windows?.data;
  const numbers = data?.data;
  if (!(boxes instanceof Int32Array && numbers instanceof Float32Array)) return undefined;
  if (boxes.length !== 4 * count) return undefined;
  let offset = 0;
  return Array.from({ length: count }, (_, i) => {
    const [top, left, height, width] = boxes.subarray(4 * i, 4 * i + 4);
    const length = height * width * channels;
    const fits =
      Math.min(top, left, height, width) >= 0 &&
      top + height <= grid[0] &&
      left + width <= grid[1] &&
      offset + length <= numbers.length;
    if (!fits) throw new FormatError(`${what} ${i} of this checkpoint does not fit the grid`);
    offset += length;
    return { top, left, height, width, data: numbers.slice(offset - length, offset) };
  });
}
