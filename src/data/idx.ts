/**
 * IDX, the format of the MNIST files: two zero bytes, the type of the numbers, the number of dimensions, each dimension
 * as a big-endian 32-bit integer, then the numbers, row-major. Source: http://yann.lecun.com/exdb/mnist.
 */
import { FormatError } from "../errors.ts";
import { bytePictures, type PictureSet } from "./pictureSet.ts";

/** Unsigned bytes of shape (count) or (count, H, W). */
export type IdxArray = Readonly<{ shape: readonly number[]; data: Uint8Array }>;

const UNSIGNED_BYTE = 0x08;
const OTHER_TYPES = new Map([
  [0x09, "signed bytes"],
  [0x0b, "16-bit integers"],
  [0x0c, "32-bit integers"],
  [0x0d, "32-bit floats"],
  [0x0e, "64-bit floats"],
]);
/** What the numbers of dimensions mean. */
const KINDS = new Map([
  [1, "labels"],
  [3, "pictures"],
]);

/**
 * Reads labels (1 dimension) or pictures (3 dimensions) of unsigned bytes. The data are a view of `bytes`.
 *
 * @param expected what the file must hold, if that is known.
 * @throws FormatError where the bytes are no such file, or fewer or more than its header says.
 */
export function decodeIdx(bytes: Uint8Array, expected?: "labels" | "pictures"): IdxArray {
  if (bytes.length < 4) {
    throw new FormatError(
      `too short for an IDX file: ${bytes.length} bytes, of which the header alone has 8`,
    );
  }
  const [zero, alsoZero, type, rank] = bytes;
  if (zero !== 0 || alsoZero !== 0 || (type !== UNSIGNED_BYTE && !OTHER_TYPES.has(type))) {
    const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
    throw new FormatError(`not an IDX file: it begins with the bytes ${start.join(" ")} instead of 00 00 08`);
  }
  if (type !== UNSIGNED_BYTE) {
    throw new FormatError(`the IDX file holds ${OTHER_TYPES.get(type)}; only unsigned bytes are read`);
  }
  const kind = KINDS.get(rank);
  if (kind === undefined || (expected && kind !== expected)) {
    throw new FormatError(
      `the IDX file holds ${kind ?? `an array of ${rank} dimensions`} where ${expected ?? "labels or pictures"} should be`,
    );
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new FormatError(
      `the IDX file is cut short: ${bytes.length} bytes, of which the header has ${header}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  if (shape.includes(0)) throw new FormatError(`the IDX file is empty: its header says ${shape.join(" x ")}`);
  const length = shape.reduce((product, side) => product * side, 1);
  if (bytes.length !== header + length) {
    const wrong = bytes.length < header + length ? "is cut short" : "is too long";
    throw new FormatError(
      `the IDX file ${wrong}: its header says ${shape.join(" x ")}, which takes ${header + length} bytes, but it has ${bytes.length}`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

/** Pictures whose rows are columns: EMNIST's files hold them so. A copy. */
export function transposedPictures({ shape, data }: IdxArray): IdxArray {
  const [count, height, width] = shape;
  const turned = new Uint8Array(data.length);
  const length = height * width;
  for (let first = 0; first < count * length; first += length) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) turned[first + x * height + y] = data[first + y * width + x];
    }
  }
  return { shape: [count, width, height], data: turned };
}

/**
 * Pictures, and what they are labelled with, of two arrays of the IDX format.
 *
 * @param images shape (count, H, W).
 * @param labels shape (count).
 * @throws FormatError where these are no pictures, no labels, or not as many of the one as of the other.
 */
export function idxPictures(images: IdxArray, labels?: IdxArray): PictureSet {
  if (images.shape.length !== 3) throw new FormatError("these are labels where pictures should be");
  if (labels && labels.shape.length !== 1) throw new FormatError("these are pictures where labels should be");
  const [count, height, width] = images.shape;
  if (labels && labels.shape[0] !== count) {
    throw new FormatError(`there are ${labels.shape[0]} labels for ${count} pictures`);
  }
  return bytePictures({ grid: [height, width], channels: 1, data: images.data, labels: labels?.data });
}
