import { FormatError } from "../errors.ts";
import type { TensorFile } from "../tensor.ts";
import { decodeNpz } from "./npz.ts";
import { decodeSafetensors } from "./safetensors.ts";

const ZIP = [0x50, 0x4b];
/** A pickle begins with this byte and the version of its protocol. */
const PICKLE = 0x80;
const PROTOCOLS = [2, 3, 4, 5];
/** A safetensors file has it as its ninth byte, after the length of the header. */
const BRACE = 0x7b;

/**
 * Reads a safetensors or .npz file, told apart by how they begin.
 *
 * @throws FormatError where it is neither, damaged or too large; also for what `torch.save` writes, which holds
 * Python code.
 */
export function decodeTensorFile(bytes: Uint8Array): TensorFile {
  if (isPickle(bytes)) {
    throw new FormatError(
      "this is a file of torch.save, which only Python can read; save the state dict with safetensors.torch.save_file",
    );
  }
  return ZIP.every((byte, i) => bytes[i] === byte) ? decodeNpz(bytes) : decodeSafetensors(bytes);
}

/** Whether the file is a pickle, or a zip archive whose first member is one: `NAME/data.pkl`. */
function isPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === PICKLE && PROTOCOLS.includes(bytes[1]) && bytes[8] !== BRACE) return true;
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 512));
  return /^PK.{28}[^/]*\/data\.pkl/s.test(start);
}
