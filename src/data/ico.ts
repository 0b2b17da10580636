/** ICO: several pictures of one icon, each a PNG file or a bitmap. Source: Microsoft, "The format of icon resources". */
import { FormatError } from "../errors.ts";
import { type BmpPicture, openIconBitmap } from "./bmp.ts";

const HEADER = 6;
const ENTRY = 16;
const PNG = [0x89, 0x50, 0x4e, 0x47];

/** Whether bytes begin as an icon file does. */
export function isIco(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER && [0, 0, 1, 0].every((byte, i) => bytes[i] === byte) && bytes[4] > 0;
}

/**
 * The largest picture of an icon, of several the one with the most colours: the bytes of a PNG file, or a bitmap.
 *
 * @throws FormatError where the file is cut short or damaged.
 */
export function openIco(bytes: Uint8Array): { png: Uint8Array } | { bitmap: BmpPicture } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(4, true);
  if (bytes.length < HEADER + ENTRY * count) {
    throw new FormatError(`the icon is cut short: it should list ${count} pictures`);
  }
  const entries = Array.from({ length: count }, (_, i) => {
    const at = HEADER + ENTRY * i;
    // 0 stands for 256.
    const area = (bytes[at] || 256) * (bytes[at + 1] || 256);
    const [length, offset] = [view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
    return { area, bits: view.getUint16(at + 6, true), length, offset };
  });
  const [{ offset, length }] = entries.toSorted((a, b) => b.area - a.area || b.bits - a.bits);
  if (length === 0 || offset + length > bytes.length) {
    throw new FormatError(
      `the icon is cut short: a picture should end at byte ${offset + length}, but it has ${bytes.length}`,
    );
  }
  const picture = bytes.subarray(offset, offset + length);
  if (PNG.every((byte, i) => picture[i] === byte)) return { png: picture };
  return { bitmap: openIconBitmap(picture) };
}
