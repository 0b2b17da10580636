import { dump, parse } from "npyjs";
import { FormatError } from "../errors.ts";
import { type Grid, isGrid } from "../rule/grid.ts";
import { axesOf, type Rule } from "../rule/rule.ts";
import type { Tensor, TensorData } from "../tensor.ts";
import { inLittleEndian } from "./npyHeader.ts";
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
 * Reads a .npy file of float32, of float16, or of float64, which is rounded to float32; in either byte order, and in C
 * or Fortran order.
 *
 * @throws FormatError where the file is damaged or of another dtype.
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
 * @throws FormatError where the file is damaged or of another dtype.
 */
export function decodeNpyTensor(bytes: Uint8Array): Tensor {
  const { shape, data } = parseNpy(bytes);
  return { shape, data };
}

/**
 * A state out of a .npy file of shape (...grid, C), such as (H, W, C), or the last of (T, ...grid, C).
 *
 * @throws FormatError also where the channels are not the rule's.
 */
export function decodeNpyState(bytes: Uint8Array, rule: Rule): { grid: Grid; state: Float32Array } {
  const { shape, data } = decodeNpy(bytes);
  const axes = axesOf(rule);
  const own = shape.slice(-axes - 1);
  const size = productOf(own);
  const sized = shape.every((side) => side > 0);
  const [grid, channels] = [own.slice(0, -1), own[axes]];
  if (!isGrid(grid, axes) || shape.length > axes + 2 || !sized || channels !== rule.channels) {
    const one = ["D", "H", "W"].slice(-axes).join(", ");
    const wanted = `(${one}, ${rule.channels}) or (T, ${one}, ${rule.channels})`;
    throw new FormatError(`the array has shape (${shape.join(", ")}); a state of this model has ${wanted}`);
  }
  return { grid, state: data.slice(data.length - size) };
}

function parseNpy(bytes: Uint8Array): Tensor & { dtype: string } {
  const { shape, data, dtype, fortranOrder } = parseBytes(bytes);
  if (!isTensorData(data) || dtype.startsWith("c")) throw wrongDtype(dtype);
  if (!shape.every(isSize) || data.length !== productOf(shape)) {
    throw new FormatError(
      `damaged .npy file: it holds ${data.length} numbers, but its shape is (${shape.join(", ")})`,
    );
  }
  return { shape, data: fortranOrder ? rowMajor(data, shape) : data, dtype };
}

/** Numbers that lie in Fortran order, the first index changing fastest, brought into an order in which the last does. */
function rowMajor(data: TensorData, shape: readonly number[]): TensorData {
  const copy = data.slice();
  const to: { [place: number]: number | bigint } = copy;
  const from: ArrayLike<number | bigint> = data;
  const strides = shape.map((_, axis) => productOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  for (let place = 0, source = 0; place < data.length; place++) {
    to[place] = from[source];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return copy;
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
    return parse(inLittleEndian(bytes).buffer);
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
