import { kernels } from "./kernels.ts";

/**
 * A matrix (rows, columns) with its singular values drawn towards 1: scaled to norm 1, then X <- aX + (bA + cAA)X with
 * A = XX', which maps each singular value x to ax + bx^3 + cx^5, with a quintic that is steep at 0, and within 0.7 to 1.2 for all
 * that comes near 1. In WebAssembly, with the same bits everywhere.
 *
 * Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
 */
export function orthogonalized(
  matrix: Float32Array,
  rows: number,
  columns: number,
  iterations: number,
): Float32Array {
  const shorter = Math.min(rows, columns);
  const scratch = (4 * matrix.length + 15) & ~15;
  const { memory, orthogonalize } = kernels(scratch + 16 * (matrix.length + shorter * shorter));
  new Float32Array(memory.buffer).set(matrix);
  orthogonalize(0, rows, columns, iterations, scratch);
  return new Float32Array(memory.buffer, 0, matrix.length).slice();
}
