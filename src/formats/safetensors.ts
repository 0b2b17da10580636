/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes without
 * gaps. Everything the header claims is checked against the file before any data is touched.
 * Source: https://huggingface.co/docs/safetensors (Hugging Face, 2022).
 */
import { FormatError } from "../errors.ts";
import type { Tensor, TensorData, TensorFile } from "../tensor.ts";
import { fromBrainFloat, fromHalf, toHalf } from "./half.ts";

/** Longest header read, as in the format's reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = "__metadata__";

const ARRAYS = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U8: Uint8Array,
} as const;
/** Read as float32, which holds them exactly. */
const HALVES = { F16: fromHalf, BF16: fromBrainFloat } as const;
type Dtype = keyof typeof ARRAYS | keyof typeof HALVES;

type Entry = { name: string; dtype: Dtype; shape: number[]; begin: number; end: number };

/**
 * Reads a file. The arrays are copies, at most as long as the file together.
 *
 * @throws FormatError saying what is wrong; a tensor of another dtype than F64, I64, F32, I32, U32, U8, F16 or BF16 is
 *   refused. The last two are read as float32.
 */
export function decodeSafetensors(bytes: Uint8Array): TensorFile {
  const { header, start } = readHeader(bytes);
  const { [METADATA]: metadata, ...rest } = header;
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value));
  checkLayout(entries, bytes.length - start);
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const { name, dtype, shape, begin, end } of entries) {
    const copy = new Uint8Array(bytes.subarray(start + begin, start + end));
    tensors[name] = { shape, data: numbersOf(dtype, copy.buffer) };
  }
  return { tensors, metadata: readMetadata(metadata) };
}

/**
 * Writes a file. Tensors are laid out by falling width, then by name, so that all are aligned and equal content
 * gives equal bytes.
 *
 * @param options.half names of the float32 tensors to write as F16, each number rounded to the nearest: 11 significant
 *   bits, infinity from 65,520 on. Default none.
 * @throws RangeError for a tensor whose data do not fill its shape, or one named `__metadata__`.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "neoblast";
 *
 * const weights = { shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) };
 * const bytes = encodeSafetensors({ tensors: { weights }, metadata: { made: "by hand" } });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * console.log(tensors.weights.shape, metadata.made); // [ 2, 3 ] by hand
 * ```
 */
export function encodeSafetensors(
  { tensors, metadata }: TensorFile,
  { half }: Readonly<{ half?: ReadonlySet<string> }> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors)
    .map(([name, { shape, data }]) => {
      if (name === METADATA) throw new RangeError(`a tensor must not be named ${METADATA}`);
      if (data.length !== sizeOf(shape)) {
        throw new RangeError(
          `tensor ${name}: ${data.length} numbers do not fill the shape [${shape.join()}]`,
        );
      }
      if (half?.has(name) && data instanceof Float32Array) {
        return { name, dtype: "F16", shape, data: toHalf(data) };
      }
      return { name, dtype: dtypeOf(data), shape, data };
    })
    .toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (a.name < b.name ? -1 : 1));

  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  let offset = 0;
  for (const { name, dtype, shape, data } of entries) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;

  const bytes = new Uint8Array(start + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, start);
  offset = start;
  for (const { data } of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) {
    throw new FormatError(
      `not a safetensors file: ${bytes.length} bytes are too few to hold its header length`,
    );
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw new FormatError(`not a safetensors file: its header would be ${length} bytes long`);
  }
  const start = 8 + length;
  if (start > bytes.length) {
    throw new FormatError(
      `truncated safetensors file: its header needs ${start} bytes, but the file has ${bytes.length}`,
    );
  }
  const header = parseJson(bytes.subarray(8, start));
  if (!isObject(header)) throw new FormatError("not a safetensors file: its header is not a JSON object");
  return { header, start };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError("not a safetensors file: its header is not JSON in UTF-8", { cause });
  }
}

function readMetadata(value: unknown): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  if (value === undefined) return metadata;
  if (!isObject(value)) throw new FormatError(`damaged safetensors file: ${METADATA} is not an object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw new FormatError(`damaged safetensors file: metadata entry ${quote(key)} is not text`);
    }
    metadata[key] = text;
  }
  return metadata;
}

function readEntry(name: string, value: unknown): Entry {
  const wrong = (what: string) => new FormatError(`damaged safetensors file: tensor ${quote(name)} ${what}`);
  if (!isObject(value)) throw wrong("has no description");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw wrong("has no dtype");
  if (!isDtype(dtype)) {
    throw new FormatError(
      `tensor ${quote(name)} has dtype ${quote(dtype)}; only ${[...Object.keys(ARRAYS), ...Object.keys(HALVES)].join(", ")} can be read`,
    );
  }
  if (!isWholeArray(shape)) throw wrong("has a shape that is not a list of whole numbers from 0 on");
  if (!isWholeArray(offsets) || offsets.length !== 2) throw wrong("has no pair of offsets");
  const [begin, end] = offsets;
  const size = sizeOf(shape) * bytesOf(dtype);
  if (!Number.isSafeInteger(size)) throw wrong("has a shape too large to count");
  if (begin > end) throw wrong(`ends at byte ${end}, before it begins at ${begin}`);
  if (end - begin !== size) {
    throw wrong(`spans ${end - begin} bytes, but its shape and dtype need ${size}`);
  }
  return { name, dtype, shape, begin, end };
}

/** The tensors must cover the data exactly: no overlap, no gap, no byte beyond the file or left over. */
function checkLayout(entries: readonly Entry[], available: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const what = begin < covered ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new FormatError(`damaged safetensors file: tensor ${quote(name)} ${what}`);
    }
    covered = end;
  }
  if (covered !== available) {
    const what = covered > available ? "truncated" : "damaged";
    throw new FormatError(
      `${what} safetensors file: its tensors take ${covered} bytes, but ${available} follow the header`,
    );
  }
}

/** Product of the sizes; NaN where it, or a product on the way, is no exact integer. */
function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => (Number.isSafeInteger(product * size) ? product * size : NaN), 1);
}

function dtypeOf(data: TensorData): string {
  const found = Object.entries(ARRAYS).find(([, array]) => data instanceof array);
  if (!found) throw new TypeError("tensor data must be a typed array of a known dtype");
  return found[0];
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(ARRAYS, text) || isHalf(text);
}

function isHalf(text: string): text is keyof typeof HALVES {
  return Object.hasOwn(HALVES, text);
}

function bytesOf(dtype: Dtype): number {
  return isHalf(dtype) ? 2 : ARRAYS[dtype].BYTES_PER_ELEMENT;
}

function numbersOf(dtype: Dtype, bytes: ArrayBuffer): TensorData {
  return isHalf(dtype) ? HALVES[dtype](new Uint16Array(bytes)) : new ARRAYS[dtype](bytes);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWholeArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** A name out of a file, fit for a message: quoted and cut to a readable length. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
