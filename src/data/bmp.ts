/**
 * BMP, uncompressed: 1, 2, 4 or 8 bits a pixel with a palette, 16, 24 or 32 without. Source: Microsoft, "Bitmap Storage",
 * Windows GDI.
 */
import { FormatError } from "../errors.ts";
import type { Raster } from "./image.ts";

/** A picture whose size is known before it is decoded. */
export type BmpPicture = Readonly<{
  width: number;
  height: number;
  /** @throws FormatError where it is cut short or refers to colours that it lacks. */
  decode(): Raster;
}>;

/** Where the red, green, blue and alpha of a pixel lie in its number; no bits: absent. */
type Masks = readonly [red: number, green: number, blue: number, alpha: number];

type Layout = Readonly<{
  width: number;
  height: number;
  /** Whether the first row is the upper one. */
  topDown: boolean;
  bits: number;
  masks: Masks;
  /** Whether the alpha of the masks counts only where some pixel has any: where writers leave the byte alone. */
  alphaByUse: boolean;
  /** Offset and bytes of a colour. */
  palette: Readonly<{ offset: number; stride: number; count: number }>;
  /** Where pixels begin that follow right after. */
  end: number;
}>;

const FILE_HEADER = 14;
const CORE_HEADER = 12;
const INFO_HEADER = 40;
const BITS = [1, 2, 4, 8, 16, 24, 32];
const RGB = 0;
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;
const COMPRESSIONS = new Map([
  [1, "RLE8"],
  [2, "RLE4"],
  [4, "JPEG"],
  [5, "PNG"],
]);
const MASKS_32: Masks = [0xff0000, 0xff00, 0xff, 0xff000000];
const MASKS_16: Masks = [0x7c00, 0x3e0, 0x1f, 0];

/** Whether bytes begin as a BMP file does. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes.length >= FILE_HEADER + 4 && bytes[0] === 0x42 && bytes[1] === 0x4d && bytes[15] === 0;
}

/** @throws FormatError where the header is damaged, or of a kind that is not read. */
export function openBmp(bytes: Uint8Array): BmpPicture {
  const layout = layoutOf(bytes, FILE_HEADER);
  const pixels = viewOf(bytes).getUint32(10, true);
  return {
    width: layout.width,
    height: layout.height,
    decode: () => decodePixels(bytes, layout, pixels).raster,
  };
}

/**
 * A bitmap as icons hold it: without the file's header, and below the picture a mask of one bit a pixel, 1 where nothing
 * shows. Where pixels have an alpha of their own, the mask does not count.
 *
 * @throws FormatError like {@link openBmp}.
 */
export function openIconBitmap(bytes: Uint8Array): BmpPicture {
  const both = layoutOf(bytes, 0);
  if (both.height % 2 !== 0) throw new FormatError("the icon's bitmap has no room for its mask");
  const layout = { ...both, height: both.height / 2, alphaByUse: both.bits === 32 };
  const { width, height } = layout;
  const decode = () => {
    const { raster, hasAlpha, end } = decodePixels(bytes, layout, layout.end);
    const stride = strideOf(width, 1);
    if (hasAlpha || bytes.length < end + stride * height) return raster;
    for (let y = 0; y < height; y++) {
      const row = end + stride * (layout.topDown ? y : height - 1 - y);
      for (let x = 0; x < width; x++) {
        if ((bytes[row + (x >> 3)] >> (7 - (x & 7))) & 1) raster.data[(y * width + x) * 4 + 3] = 0;
      }
    }
    return raster;
  };
  return { width, height, decode };
}

/** @param start of the header that says how pixels lie. */
function layoutOf(bytes: Uint8Array, start: number): Layout {
  const view = viewOf(bytes);
  const need = (end: number) => {
    if (bytes.length < end) throw new FormatError("the BMP file is cut short in its header");
  };
  need(start + 4);
  const size = view.getUint32(start, true);
  if (size !== CORE_HEADER && (size < INFO_HEADER || size > 256)) {
    throw new FormatError(`the BMP file has a header of ${size} bytes, a kind that is not read`);
  }
  need(start + size);
  const core = size === CORE_HEADER;
  const width = core ? view.getUint16(start + 4, true) : view.getInt32(start + 4, true);
  const signedHeight = core ? view.getUint16(start + 6, true) : view.getInt32(start + 8, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(start + (core ? 10 : 14), true);
  const compression = core ? RGB : view.getUint32(start + 16, true);
  if (width <= 0 || height === 0) {
    throw new FormatError(`the BMP file says that its picture has ${width} x ${signedHeight} pixels`);
  }
  if (!BITS.includes(bits))
    throw new FormatError(`the BMP file has ${bits} bits a pixel, which are not read`);
  const fields = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  if (compression !== RGB && !(fields && (bits === 16 || bits === 32))) {
    const name = COMPRESSIONS.get(compression) ?? `kind ${compression}`;
    throw new FormatError(`the BMP file is compressed (${name}), which is not read; save it as PNG`);
  }
  let end = start + size;
  let masks: Masks = bits === 16 ? MASKS_16 : MASKS_32;
  if (fields) {
    const hasAlpha = size >= 56 || compression === ALPHA_BIT_FIELDS;
    const at = start + INFO_HEADER;
    const masksEnd = at + (hasAlpha ? 16 : 12);
    need(masksEnd);
    const mask = (i: number) => view.getUint32(at + 4 * i, true);
    masks = [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0];
    end = Math.max(end, masksEnd);
  }
  const used = core ? 0 : view.getUint32(start + 32, true);
  const count = bits > 8 ? 0 : Math.min(used || 1 << bits, 1 << bits);
  const stride = core ? 3 : 4;
  need(end + count * stride);
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bits,
    masks,
    alphaByUse: bits === 32 && !fields,
    palette: { offset: end, stride, count },
    end: end + count * stride,
  };
}

type Decoded = Readonly<{ raster: Raster; hasAlpha: boolean; /** Where the pixels end. */ end: number }>;

function decodePixels(bytes: Uint8Array, layout: Layout, start: number): Decoded {
  const { width, height, topDown, bits } = layout;
  const stride = strideOf(width, bits);
  const end = start + stride * height;
  if (bytes.length < end) {
    throw new FormatError(
      `the BMP file is cut short: its header says ${width} x ${height} pixels, which end at byte ${end}, but it has ${bytes.length}`,
    );
  }
  const data = new Uint8Array(width * height * 4);
  const put = bits <= 8 ? indexed(bytes, layout) : bits === 24 ? copied(bytes) : masked(bytes, layout);
  for (let y = 0; y < height; y++) {
    const row = start + stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) put(data, (y * width + x) * 4, row, x);
  }
  const hasAlpha = layout.bits > 8 && layout.bits !== 24 && layout.masks[3] !== 0;
  const used = hasAlpha && (!layout.alphaByUse || data.some((value, i) => i % 4 === 3 && value > 0));
  if (!used) for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { raster: { width, height, data }, hasAlpha: used, end };
}

/** Writes the pixel in column x of a row that begins at a byte. */
type Put = (data: Uint8Array, to: number, row: number, x: number) => void;

function indexed(bytes: Uint8Array, { bits, palette }: Layout): Put {
  const perByte = 8 / bits;
  const last = (1 << bits) - 1;
  return (data, to, row, x) => {
    const shift = 8 - bits * ((x % perByte) + 1);
    const index = (bytes[row + Math.floor(x / perByte)] >> shift) & last;
    if (index >= palette.count) {
      throw new FormatError(`the BMP file uses colour ${index}, and has ${palette.count}`);
    }
    const from = palette.offset + index * palette.stride;
    for (let c = 0; c < 3; c++) data[to + c] = bytes[from + 2 - c];
  };
}

function copied(bytes: Uint8Array): Put {
  return (data, to, row, x) => {
    for (let c = 0; c < 3; c++) data[to + c] = bytes[row + 3 * x + 2 - c];
  };
}

function masked(bytes: Uint8Array, { bits, masks }: Layout): Put {
  const view = viewOf(bytes);
  const channels = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    const most = mask === 0 ? 0 : mask >>> shift;
    return { mask, shift, most };
  });
  return (data, to, row, x) => {
    const pixel = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
    for (const [c, { mask, shift, most }] of channels.entries()) {
      data[to + c] = most === 0 ? 0 : Math.round((255 * ((pixel & mask) >>> shift)) / most);
    }
  };
}

/** Rows fill whole groups of four bytes. */
function strideOf(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
