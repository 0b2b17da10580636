/** Cells of a chunk, and bytes from one of its features to the next; `assembly/layers.ts` has the same numbers. */
export const CHUNK = 120;
export const STRIDE = 480;

/**
 * Bytes that the kernels need beside their inputs and outputs, for so many outputs: the most that `assembly/gradients.ts` and
 * `assembly/wide/gradients.ts` pack inputs and cotangents in, and a list of outputs.
 */
export function scratchBytes(outputs: number): number {
  return 25_440 + 8 * outputs;
}
