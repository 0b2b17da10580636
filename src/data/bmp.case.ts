/** Bitmaps and icons, put together byte by byte. */

export type BitmapOptions = Readonly<{
  width?: number;
  height?: number;
  bits: number;
  /** Bytes of the header that says how pixels lie. */
  header?: number;
  compression?: number;
  masks?: readonly number[];
  palette?: readonly number[];
  /** Colours that the header says there are; default: as many as the bits allow. */
  colours?: number;
  /** Bytes between the headers and the pixels. */
  gap?: number;
  pixels: readonly number[];
}>;

/** A bitmap as icons hold it. */
export function bitmap({ width = 3, height = 2, bits, pixels, ...more }: BitmapOptions): Uint8Array {
  const { header = 40, compression = 0, masks = [], palette = [], colours = 0, gap = 0 } = more;
  const core = header === 12;
  // The tables are as long as the header says, whatever of them is given.
  const entries = bits <= 8 ? (core ? 3 : 4) * (colours || 2 ** bits) : 0;
  const table = pixels.length > 0 ? Math.max(entries, palette.length) : palette.length;
  const masksAt = Math.max(header, 40 + 4 * masks.length) - header;
  const start = header + (masks.length > 0 ? masksAt : 0);
  const bytes = new Uint8Array(start + table + gap + pixels.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header, true);
  if (core) [width, height, 1, bits].forEach((value, i) => view.setUint16(4 + 2 * i, value, true));
  else {
    view.setInt32(4, width, true);
    view.setInt32(8, height, true);
    view.setUint16(12, 1, true);
    view.setUint16(14, bits, true);
    view.setUint32(16, compression, true);
    view.setUint32(32, colours, true);
    masks.forEach((mask, i) => view.setUint32(40 + 4 * i, mask, true));
  }
  bytes.set(palette, start);
  bytes.set(pixels, start + table + gap);
  return bytes;
}

/** A BMP file. */
export function bmp(options: BitmapOptions): Uint8Array {
  const inside = bitmap(options);
  const bytes = new Uint8Array(14 + inside.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, bytes.length - options.pixels.length, true);
  bytes.set(inside, 14);
  return bytes;
}

/** An ICO file. */
export function icon(
  pictures: readonly Readonly<{ side: number; bits: number; data: Uint8Array }>[],
): Uint8Array {
  const header = 6 + 16 * pictures.length;
  const bytes = new Uint8Array(header + pictures.reduce((sum, { data }) => sum + data.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(2, 1, true);
  view.setUint16(4, pictures.length, true);
  let offset = header;
  for (const [i, { side, bits, data }] of pictures.entries()) {
    const at = 6 + 16 * i;
    bytes.set([side, side], at);
    view.setUint16(at + 6, bits, true);
    view.setUint32(at + 8, data.length, true);
    view.setUint32(at + 12, offset, true);
    bytes.set(data, offset);
    offset += data.length;
  }
  return bytes;
}
