/**
 * Text in .npy files: one string, an array of NumPy's dtype U and of rank 0. Apart from `npy.ts`, since npyjs 1.2 never
 * comes back from reading the dtype `<U0`, and splits texts with characters beyond U+FFFF.
 */
import { dump } from "npyjs";
import { FormatError } from "../errors.ts";
import { inLittleEndian, npyHeader } from "./npyHeader.ts";

const DTYPE = /'descr'\s*:\s*'([<>=|]?)U([^']*)'/;

/** Whether the file holds text, well-formed or not. */
export function isNpyText(bytes: Uint8Array): boolean {
  return DTYPE.test(npyHeader(bytes).text);
}

/** A .npy file of one string, which `str(numpy.load(file))` gives back. */
export function encodeNpyText(text: string): Uint8Array<ArrayBuffer> {
  // NumPy drops zeros at the end, and has no strings of length 0.
  const points = Uint32Array.from(text === "" ? "\0" : text, (character) => character.codePointAt(0)!);
  return new Uint8Array(dump(points, [], { dtype: `U${points.length}` }));
}

/** The string in a .npy file. @throws FormatError where it holds several, or is damaged. */
export function decodeNpyText(file: Uint8Array): string {
  const bytes = inLittleEndian(file);
  const { text: header, start } = npyHeader(bytes);
  const [, order, length] = DTYPE.exec(header) ?? [];
  if (order !== "<" || !/'shape'\s*:\s*\(\)/.test(header)) {
    throw new FormatError("the array holds texts; only one text can be read");
  }
  const data = bytes.slice(start);
  if (data.length !== 4 * Number(length)) {
    throw new FormatError(
      `damaged .npy file: its text takes ${data.length} bytes, but has ${length} characters`,
    );
  }
  const characters = Array.from(new Uint32Array(data.buffer), (point) => {
    if (point > 0x10ffff) throw new FormatError(`damaged .npy file: its text has a character ${point}`);
    return String.fromCodePoint(point);
  });
  return characters.slice(0, 1 + characters.findLastIndex((character) => character !== "\0")).join("");
}
