/** Perception kernels, on a plane, as the matrices that other programs convolve with. */
import { kernelTaps } from "../rule/kernels.ts";
import type { Kernel } from "../rule/rule.ts";
import { kernelAxes, kernelNames } from "../rule/kernelNames.ts";

/** How far two weights of equal kernels may be apart: float32, and eighths written as decimals, round. */
const TOLERANCE = 1e-6;
/** How far a tap may lie from its cell, along each axis. */
const REACH = 4;

/** A square matrix of odd side, row-major; the middle is the cell itself. */
export type KernelMatrix = Readonly<{ side: number; weights: Float32Array }>;

/** The matrix of a kernel. `side` is odd, and large enough for its taps. */
export function kernelMatrix(kernel: Kernel, side: number): KernelMatrix {
  const weights = new Float32Array(side * side);
  const middle = side >> 1;
  for (const { offset, weight } of kernelTaps(kernel)) {
    weights[(middle + offset[0]) * side + middle + offset[1]] += weight;
  }
  return { side, weights };
}

export function sameMatrix(a: KernelMatrix, b: KernelMatrix): boolean {
  return a.side === b.side && a.weights.every((weight, i) => Math.abs(weight - b.weights[i]) <= TOLERANCE);
}

/** Whether two lists of kernels see the same. */
export function sameKernels(a: readonly Kernel[], b: readonly Kernel[]): boolean {
  const side = 2 * REACH + 1;
  return (
    a.length === b.length &&
    a.every((kernel, i) => sameMatrix(kernelMatrix(kernel, side), kernelMatrix(b[i], side)))
  );
}

/** The kernel of a matrix: one with a name where its weights are those, or else taps. */
export function kernelOf(matrix: KernelMatrix): Kernel {
  const { side, weights } = matrix;
  const middle = side >> 1;
  const named = kernelNames.find(
    (name) => kernelAxes[name] <= 2 && sameMatrix(kernelMatrix(name, side), matrix),
  );
  if (named) return named;
  const taps = Array.from(weights, (weight, i) => ({
    offset: [Math.floor(i / side) - middle, (i % side) - middle] as const,
    weight,
  }));
  const seen = taps.filter(({ weight }) => weight !== 0);
  // A kernel has at least one tap, be it one that sees nothing.
  return { taps: seen.length > 0 ? seen : [taps[middle * side + middle]] };
}
