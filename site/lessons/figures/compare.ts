/** How far a state is from a picture. */
import type { Model } from "neoblast";

type Layout = Pick<Model, "rule" | "readout">;

/**
 * The mean squared error of each cell's picture channels, and of them all: what training makes small.
 *
 * @param state shape (H, W, C). @param target shape (H, W, picture channels).
 */
export function errorsOf(
  { rule, readout }: Layout,
  state: Float32Array,
  target: Float32Array,
): Readonly<{ cells: Float32Array; mean: number }> {
  const { offset, channels } = readout!;
  const cells = new Float32Array(target.length / channels);
  for (let n = 0; n < cells.length; n++) {
    for (let c = 0; c < channels; c++) {
      const error = state[n * rule.channels + offset + c] - target[n * channels + c];
      cells[n] += error ** 2 / channels;
    }
  }
  return { cells, mean: cells.reduce((sum, error) => sum + error, 0) / cells.length };
}
