import { dump, parse } from "npyjs";
import { FormatError } from "../errors.ts";
import type { Grid, Rule } from "../rule/rule.ts";

export type NpyArray = Readonly<{ shape: readonly number[]; data: Float32Array }>;

/** A .npy file of float32, which `numpy.load` reads. `data` must fill `shape`; RangeError otherwise. */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array<ArrayBuffer> {
  if (data.length !== productOf(shape)) {
    throw new RangeError(`${data.length} numbers do not fill the shape (${shape.join(", ")})`);
  }
  return new Uint8Array(dump(data, [...shape]));
}

/**
 * Reads a .npy file of float32, or of float64, which is rounded to float32.
 *
 * @throws FormatError where the file is damaged, of another dtype, or in Fortran order.
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const { shape, data, dtype, fortranOrder } = parseBytes(bytes);
  if (!(data instanceof Float32Array || data instanceof Float64Array) || !dtype.startsWith("f")) {
    throw new FormatError(`the array is of dtype ${dtype}; save it with x.astype(numpy.float32)`);
  }
  if (fortranOrder) {
    throw new FormatError("the array is in Fortran order; save it with numpy.ascontiguousarray(x)");
  }
  if (data.length !== productOf(shape)) {
    throw new FormatError(
      `damaged .npy file: it holds ${data.length} numbers, but its shape is (${shape.join(", ")})`,
    );
  }
  return { shape, data: Float32Array.from(data) };
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

function parseBytes(bytes: Uint8Array): ReturnType<typeof parse> {
  try {
    return parse(new Uint8Array(bytes).buffer);
  } catch (cause) {
    throw new FormatError("not a .npy file as numpy.save writes it, or a damaged one", { cause });
  }
}

function productOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
