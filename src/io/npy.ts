import { dump, parse } from "npyjs";
import { FormatError } from "../errors.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import type { Tensor, TensorData } from "../tensor.ts";
import { isNpyText } from "./npyText.ts";

export type NpyArray = Readonly<{ shape: readonly number[]; data: Float32Array }>;

/** A .npy file of float32, which `numpy.load` reads. `data` must fill `shape`; RangeError otherwise. */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array<ArrayBuffer> {
  if (data.length !== productOf(shape)) {
    throw new RangeError(`${data.length} numbers do not fill the shape (${shape.join(", ")})`);
  }
  return new Uint8Array(dump(data, [...shape]));
}

/**
 * Reads a .npy file of float32, of float16, or of float64, which is rounded to float32.
 *
 * @throws FormatError where the file is damaged, of another dtype, or in Fortran order.
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const { shape, data, dtype } = parseNpy(bytes);
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return { shape, data: Float32Array.from(data) };
  }
  throw wrongDtype(dtype);
}

/**
 * Reads a .npy file of numbers of any kind that a tensor can hold. Float16 is read as float32.
 *
 * @throws FormatError where the file is damaged, of another dtype, or in Fortran order.
 */
export function decodeNpyTensor(bytes: Uint8Array): Tensor {
  const { shape, data } = parseNpy(bytes);
  return { shape, data };
}

/**
 * A state out of a .npy file of shape (H, W, C), or the last of (T, H, W, C).
 *
 * @throws FormatError also where the channels are not the rule's.
 */
export function decodeNpyState(bytes: Uint8Array, rule: Rule): { grid: Grid; state: Float32Array } {
  const { shape, data } = decodeNpy(bytes);
  const [height, width, channels] = shape.slice(-3);
  const size = productOf(shape.slice(-3));
  const sized = shape.every((side) => side > 0);
  if (shape.length < 3 || shape.length > 4 || !sized || channels !== rule.channels) {
    const wanted = `(H, W, ${rule.channels}) or (T, H, W, ${rule.channels})`;
    throw new FormatError(`the array has shape (${shape.join(", ")}); a state of this model has ${wanted}`);
  }
  return { grid: [height, width], state: data.slice(data.length - size) };
}

function parseNpy(bytes: Uint8Array): Tensor & { dtype: string } {
  const { shape, data, dtype, fortranOrder } = parseBytes(bytes);
  if (!isTensorData(data) || dtype.startsWith("c")) throw wrongDtype(dtype);
  if (fortranOrder) {
    throw new FormatError("the array is in Fortran order; save it with numpy.ascontiguousarray(x)");
  }
  if (!shape.every(isSize) || data.length !== productOf(shape)) {
    throw new FormatError(
      `damaged .npy file: it holds ${data.length} numbers, but its shape is (${shape.join(", ")})`,
    );
  }
  return { shape, data, dtype };
}

function isTensorData(data: ArrayBufferView): data is TensorData {
  return [Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, BigInt64Array].some(
    (kind) => data instanceof kind,
  );
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function parseBytes(bytes: Uint8Array): ReturnType<typeof parse> {
  if (isNpyText(bytes)) throw wrongDtype("U");
  try {
    return parse(new Uint8Array(bytes).buffer);
  } catch (cause) {
    const [, dtype] = /^Unsupported dtype: (.*)/.exec(cause instanceof Error ? cause.message : "") ?? [];
    if (dtype !== undefined) throw wrongDtype(dtype);
    throw new FormatError("not a .npy file as numpy.save writes it, or a damaged one", { cause });
  }
}

function wrongDtype(dtype: string): FormatError {
  return new FormatError(`the array is of dtype ${dtype}; save it with x.astype("<f4")`);
}

function productOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
