import { orthogonalizeModule } from "./generated/orthogonalize.ts";

type Exports = Readonly<{
  memory: WebAssembly.Memory;
  orthogonalize: (matrix: number, rows: number, columns: number, iterations: number, scratch: number) => void;
}>;

let linked: Exports | undefined;

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
  const { memory, orthogonalize } = (linked ??= link());
  const shorter = Math.min(rows, columns);
  const scratch = (4 * matrix.length + 15) & ~15;
  const missing = scratch + 16 * (matrix.length + shorter * shorter) - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  new Float32Array(memory.buffer).set(matrix);
  orthogonalize(0, rows, columns, iterations, scratch);
  return new Float32Array(memory.buffer, 0, matrix.length).slice();
}

/** So small a module a page may compile at once. */
function link(): Exports {
  const bytes = orthogonalizeModule.match(/../g)!.map((byte) => parseInt(byte, 16));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  const { orthogonalize } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof orthogonalize !== "function") throw new TypeError("the module does not orthogonalize");
  return { memory, orthogonalize: (...args) => void orthogonalize(...args) };
}
