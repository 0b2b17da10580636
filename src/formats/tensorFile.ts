import { FormatError } from "../errors.ts";
import type { TensorFile } from "../tensor.ts";
import { foreignKind, foreignSentence } from "./foreignFile.ts";
import { decodeNpz } from "./npz.ts";
import { decodeSafetensors } from "./safetensors.ts";

const ZIP = [0x50, 0x4b];

/**
 * Reads a safetensors or .npz file, distinguished by how they begin.
 *
 * @param name of the file, if known: for what to say where it is neither.
 * @throws FormatError where it is neither, damaged or too large; for what PyTorch, Keras, TensorFlow, pickle and
 * `numpy.save` write with the line that converts it.
 */
export function decodeTensorFile(bytes: Uint8Array, name?: string): TensorFile {
  const foreign = foreignKind(bytes, name);
  if (foreign !== undefined) throw new FormatError(foreignSentence(foreign));
  return ZIP.every((byte, i) => bytes[i] === byte) ? decodeNpz(bytes) : decodeSafetensors(bytes);
}
