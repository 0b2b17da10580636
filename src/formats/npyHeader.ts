/** How a .npy file begins. Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. */

/** Not complex numbers, whose halves would turn each by itself; they are not read at all. */
const BIG_ENDIAN = /('descr'\s*:\s*')>([fiuU])(\d+)'/;

export type NpyHeader = Readonly<{
  /** What the file says about its array, a Python dict; "" where there is none. */
  text: string;
  /** Where that text lies. */
  at: number;
  /** Where the data start. */
  start: number;
}>;

export function npyHeader(bytes: Uint8Array): NpyHeader {
  const { length } = bytes;
  if (length < 12) return { text: "", at: length, start: length };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = bytes[6] <= 1 ? 10 : 12;
  const start = at + (at === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  return { text: new TextDecoder("latin1").decode(bytes.subarray(at, start)), at, start };
}

/** A copy of a .npy file, its data little-endian: npyjs 1.2 reads no other. */
export function inLittleEndian(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  const { text, at, start } = npyHeader(copy);
  const found = BIG_ENDIAN.exec(text);
  if (!found) return copy;
  const [, before, kind, digits] = found;
  const width = kind === "U" ? 4 : Number(digits);
  if (![2, 4, 8].includes(width)) return copy;
  copy[at + found.index + before.length] = "<".charCodeAt(0);
  for (let from = start; from + width <= copy.length; from += width) {
    copy.subarray(from, from + width).reverse();
  }
  return copy;
}
