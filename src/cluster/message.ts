/**
 * What travels between machines: a JSON head and tensors. Layout of the bytes, numbers little-endian: "NBJ" and the version
 * of this protocol (1 byte); length of the content (4 bytes); CRC-32 of the content (4 bytes); the content, deflated. The
 * content is a safetensors file whose metadata entry `neoblast.message` is the head.
 */
import { deflateSync, Inflate } from "fflate";
import { isTree } from "../config/config.ts";
import { FormatError } from "../errors.ts";
import { crc32 } from "../formats/crc32.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
import type { Tensor } from "../tensor.ts";

/** Of the layout and of what all heads hold. A message of another one is refused. */
export const PROTOCOL = 1;
/** Bytes of the largest content; neither longer ones are sent, nor are they unpacked. */
export const MAX_CONTENT_BYTES = 64 * 2 ** 20;

/** A part of a message: plain JSON, and arrays by name. */
export type Part = Readonly<{
  /** What JSON can hold, numbers finite; -0 becomes 0. */
  head: unknown;
  tensors?: Readonly<Record<string, Tensor>>;
}>;

const MARK = [0x4e, 0x42, 0x4a];
const HEADER_BYTES = 12;
const ENTRY = "neoblast.message";
/** Deflate makes at most some 1,000 bytes of one, so that no piece becomes more than 4 MiB at once. */
const PIECE_BYTES = 2 ** 12;

/** @throws RangeError where the head holds a number that JSON cannot, or where it is too long. */
export function encodePart({ head, tensors = {} }: Part): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(head, (key, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new RangeError(`a message's head cannot hold ${value} (${key}); put it into a tensor`);
    }
    return value;
  });
  const content = encodeSafetensors({ tensors, metadata: { [ENTRY]: text } });
  if (content.length > MAX_CONTENT_BYTES) {
    throw new RangeError(
      `a message would be ${content.length} bytes long; at most ${MAX_CONTENT_BYTES} are sent`,
    );
  }
  const packed = deflateSync(content);
  const bytes = new Uint8Array(HEADER_BYTES + packed.length);
  const view = new DataView(bytes.buffer);
  bytes.set([...MARK, PROTOCOL]);
  view.setUint32(4, content.length, true);
  view.setUint32(8, crc32(content), true);
  bytes.set(packed, HEADER_BYTES);
  return bytes;
}

/**
 * Reads a part. Its arrays are copies; no more is unpacked than it says of itself, and never more than the limit.
 *
 * @throws FormatError, one sentence, where it is damaged, cut short, too long or of another version.
 */
export function decodePart(bytes: Uint8Array): Required<Part> {
  if (bytes.length < HEADER_BYTES || MARK.some((byte, i) => bytes[i] !== byte)) {
    throw new FormatError("not a message of neoblast");
  }
  if (bytes[3] !== PROTOCOL) {
    throw new FormatError(
      `the message is of protocol ${bytes[3]}, and this version of neoblast speaks protocol ${PROTOCOL}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(4, true);
  if (length > MAX_CONTENT_BYTES) {
    throw new FormatError(`the message would be ${length} bytes long; at most ${MAX_CONTENT_BYTES} are read`);
  }
  const content = inflated(bytes.subarray(HEADER_BYTES), length);
  if (crc32(content) !== view.getUint32(8, true)) throw damaged();
  const { tensors, metadata } = decodeSafetensors(content);
  return { head: headOf(metadata[ENTRY]), tensors };
}

function damaged(cause?: unknown): FormatError {
  return new FormatError("the message is damaged or was cut short", { cause });
}

function inflated(packed: Uint8Array, length: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const stream = new Inflate((piece) => {
    size += piece.length;
    if (size > length) throw damaged();
    pieces.push(piece);
  });
  try {
    for (let i = 0; i < packed.length; i += PIECE_BYTES) {
      stream.push(packed.subarray(i, i + PIECE_BYTES), i + PIECE_BYTES >= packed.length);
    }
  } catch (cause) {
    throw damaged(cause);
  }
  if (size !== length) throw damaged();
  // What a message says of its length is not believed before it is there.
  const content = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    content.set(piece, at);
    at += piece.length;
  }
  return content;
}

function headOf(text: string | undefined): Readonly<Record<string, unknown>> {
  let head: unknown;
  try {
    head = JSON.parse(text ?? "");
  } catch (cause) {
    throw damaged(cause);
  }
  if (!isTree(head) || Array.isArray(head)) throw damaged();
  return { ...head };
}
