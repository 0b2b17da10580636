import type { Imported, Reading, TensorImportOptions } from "./imported.ts";
import { type Dialect, importStateDict, readStateDict } from "./stateDict.ts";

const DIALECT: Dialect = { preset: "distill", layouts: ["out-in", "in-out"], perceivesAlike: false };

/**
 * Imports a PyTorch state dict, or the weights of Keras or TensorFlow, saved as safetensors or .npz: layers as 1x1
 * convolutions (out, in, 1, 1) or linear (out, in), of Keras (1, 1, in, out) or (in, out), with biases or without; kernels
 * as those of a depthwise convolution, (C * K, 1, side, side), or stacks, (K, 1, side, side), (K, side, side) or (side,
 * side), or else the preset's. The preset is "distill" by default. What the file leaves open is read the likeliest way.
 *
 * @throws FormatError where the file is damaged, or no automaton can be found in it; UserError (exit status 2) where
 * what was stated does not fit it.
 *
 * @example
 * ```ts
 * import { encodeSafetensors, exportModel, importTorch } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * // A file as PyTorch's `safetensors.torch.save_file` writes it.
 * const lizard = await loadModel("lizard.safetensors");
 * const bytes = encodeSafetensors(exportModel(lizard, "out-in"));
 * const { model, mapping } = importTorch(bytes);
 * console.log(model.parameters.length, mapping.length); // 8336 5
 * console.log(model.parameters.every((number, i) => number === lizard.parameters[i])); // true
 * ```
 */
export function importTorch(bytes: Uint8Array, options: TensorImportOptions = {}): Imported {
  return importStateDict(bytes, DIALECT, options);
}

/** All ways to read such a file, the likeliest first, for `chooseReading`. @throws as `importTorch`. */
export function torchReadings(bytes: Uint8Array, options: TensorImportOptions = {}): Reading[] {
  return readStateDict(bytes, DIALECT, options);
}
