import type { Imported, TensorImportOptions } from "./imported.ts";
import { importStateDict } from "./stateDict.ts";

/**
 * Imports a PyTorch state dict saved as safetensors or .npz: layers as 1x1 convolutions (out, in, 1, 1) or linear
 * (out, in), with biases or without; kernels as those of a depthwise convolution, (C * K, 1, side, side), or a stack,
 * (K, 1, side, side) or (K, side, side), or else the preset's. The preset is "distill" by default.
 *
 * @throws FormatError where the file is damaged, or no automaton can be found in it; UserError (exit status 2) where
 * what was stated does not fit it.
 */
export function importTorch(bytes: Uint8Array, options: TensorImportOptions = {}): Imported {
  return importStateDict(bytes, { preset: "distill", layouts: ["out-in", "in-out"] }, options);
}
