/**
 * NumPy's .npz format: a zip archive of .npy files. Numbers are tensors; texts, arrays of dtype U and rank 0, are
 * metadata. Sizes are checked before anything is unpacked, checksums after.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.savez.html.
 */
import { type UnzipFileInfo, zipSync } from "fflate";
import { FormatError } from "../errors.ts";
import { show } from "../config/schema.ts";
import type { Tensor, TensorFile } from "../tensor.ts";
import { decodeNpyTensor, encodeNpy } from "./npy.ts";
import { decodeNpyText, encodeNpyText, isNpyText } from "./npyText.ts";
import { unzip } from "./zip.ts";

/** Most bytes that all arrays of an archive may have together. */
const MAX_UNPACKED_BYTES = 2 ** 28;
const MAX_ARRAYS = 4096;
const SUFFIX = ".npy";
/** The first moment that a zip archive can state. In local time, as it is written: the same bytes in every time zone. */
const EPOCH = [1980, 0, 1] as const;

/**
 * Writes an archive that `numpy.load` reads, uncompressed. Equal content gives equal bytes.
 *
 * @throws RangeError for a tensor that is not float32, whose data do not fill its shape, or that is named as a text.
 */
export function encodeNpz({ tensors, metadata }: TensorFile): Uint8Array<ArrayBuffer> {
  const members: Record<string, Uint8Array> = Object.create(null);
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (!(data instanceof Float32Array)) throw new RangeError(`tensor ${name} is not of float32`);
    if (Object.hasOwn(metadata, name)) throw new RangeError(`both a tensor and a text are named ${name}`);
    members[name + SUFFIX] = encodeNpy({ shape, data });
  }
  for (const [name, text] of Object.entries(metadata)) members[name + SUFFIX] = encodeNpyText(text);
  return new Uint8Array(zipSync(members, { level: 0, mtime: new Date(...EPOCH) }));
}

/**
 * Reads an archive as `numpy.savez` and `numpy.savez_compressed` write it.
 *
 * @throws FormatError where the archive is damaged, a checksum included; where it has more than 4,096 members, one that is no .npy file, two of one
 * name, or more than 256 MiB of arrays; or where an array cannot be read.
 */
export function decodeNpz(bytes: Uint8Array): TensorFile {
  const tensors: Record<string, Tensor> = Object.create(null);
  const metadata: Record<string, string> = Object.create(null);
  for (const [member, data] of unzip(bytes, ".npz file", admission())) {
    const name = member.slice(0, -SUFFIX.length);
    try {
      if (isNpyText(data)) metadata[name] = decodeNpyText(data);
      else tensors[name] = decodeNpyTensor(data);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`array ${show(name)}: ${error.message}`, { cause: error });
    }
  }
  return { tensors, metadata };
}

/** Looks at the members one after the other as the archive describes them, before they are unpacked. */
function admission(): (member: UnzipFileInfo) => void {
  const names = new Set<string>();
  let total = 0;
  return ({ name, size, originalSize, compression }) => {
    const quoted = show(name);
    if (!name.endsWith(SUFFIX)) {
      throw new FormatError(`not a .npz file as numpy.savez writes it: it holds ${quoted}`);
    }
    if (names.has(name)) throw new FormatError(`damaged .npz file: it holds two arrays ${quoted}`);
    if (names.add(name).size > MAX_ARRAYS) {
      throw new FormatError(`the .npz file holds more than ${MAX_ARRAYS} arrays`);
    }
    // What is stored keeps its size, and deflate makes nothing much larger: so no member is more than it says.
    const honest = compression === 0 ? size === originalSize : size <= 1.01 * originalSize + 64;
    if (!honest) throw new FormatError(`damaged .npz file: the size of ${quoted} is not what it says`);
    total += originalSize;
    if (!(total <= MAX_UNPACKED_BYTES)) {
      throw new FormatError(
        `the arrays of the .npz file have more than ${MAX_UNPACKED_BYTES / 2 ** 20} MiB together`,
      );
    }
  };
}
