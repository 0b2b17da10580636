/** What one cell perceives, thinks and does in a step: the library's plain step on the cell and its eight neighbours alone. */
import { type Model, stepForward } from "neoblast";

export type Cell = readonly [row: number, column: number];

/** The numbers of a step in one cell. */
export type Thought = Readonly<{
  /** What it holds, one number a channel. */
  state: Float32Array;
  /** Of channel c by kernel k at c * kernels + k. */
  perceived: Float32Array;
  /** Units of the hidden layer. */
  hidden: Float32Array;
  /** What is added to each channel if it fires. */
  update: Float32Array;
}>;

/** The 3 x 3 cells around one, row by row, shape (3, 3, C); beyond the edge there is nothing. */
export function neighbourhood(
  state: Float32Array,
  [height, width]: readonly number[],
  channels: number,
  [row, column]: Cell,
): Float32Array {
  const patch = new Float32Array(9 * channels);
  for (let i = 0; i < 9; i++) {
    const [y, x] = [row + Math.floor(i / 3) - 1, column + (i % 3) - 1];
    if (y < 0 || y >= height || x < 0 || x >= width) continue;
    const from = (y * width + x) * channels;
    patch.set(state.subarray(from, from + channels), i * channels);
  }
  return patch;
}

const CENTRE = 4;

/** @param state shape (H, W, C) of a plane with an edge, as the lizard's. */
export function thoughtOf(
  { rule, parameters }: Pick<Model, "rule" | "parameters">,
  grid: readonly number[],
  state: Float32Array,
  cell: Cell,
): Thought {
  const patch = neighbourhood(state, grid, rule.channels, cell);
  const fired = new Uint8Array(9);
  fired[CENTRE] = 1;
  const { activations } = stepForward({ rule, parameters, grid: [3, 3] }, patch, fired);
  const centre = (numbers: ArrayLike<number>) => {
    const size = numbers.length / 9;
    return Float32Array.from(numbers).subarray(CENTRE * size, (CENTRE + 1) * size);
  };
  const [perceived, ...layers] = activations.map(centre);
  return {
    state: centre(patch),
    perceived,
    hidden: layers[0],
    update: layers.at(-1)!.map((delta) => rule.stepSize * delta),
  };
}
