/** What a picture or film is and how large, read from the first bytes of its file, so that one too large is never decoded. */

export type ImageHeader = Readonly<{
  format: "PNG" | "JPEG" | "GIF" | "WebP" | "AVIF" | "HEIC" | "BMP" | "SVG" | "MP4" | "WebM";
  /** In pixels; undefined where the first bytes do not hold it, for a drawing, and for a video. */
  size?: readonly [width: number, height: number];
}>;

/** How what may come before the root of a drawing begins and ends. */
const PROLOGUE = [
  ["<?xml", "?>"],
  ["<!--", "-->"],
  ["<!doctype", ">"],
] as const;

/** What a file is by its first bytes, of which 64 KiB are enough mostly; undefined for other files. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, length: number) => latin(bytes.subarray(from, from + length));
  const header = (format: ImageHeader["format"], size: () => readonly [number, number] | undefined) => {
    try {
      const found = size();
      return found ? { format, size: found } : { format };
    } catch (error) {
      // The file ends before its size.
      if (error instanceof RangeError) return { format };
      throw error;
    }
  };
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") {
    return header("PNG", () => [view.getUint32(16), view.getUint32(20)]);
  }
  if (/^GIF8[79]a/.test(text(0, 6))) {
    return header("GIF", () => [view.getUint16(6, true), view.getUint16(8, true)]);
  }
  if (text(0, 2) === "BM") {
    return header("BMP", () => [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))]);
  }
  if (text(0, 3) === "\xff\xd8\xff") return header("JPEG", () => jpegSize(view));
  if (text(0, 4) === "RIFF" && text(8, 4) === "WEBP")
    return header("WebP", () => webpSize(view, text(12, 4)));
  if (/^ftyp(avif|avis|mif1)/.test(text(4, 8))) return header("AVIF", () => avifSize(view, text(0, 4096)));
  if (/^ftyp(hei[cxms]|hev[cx]|msf1)/.test(text(4, 8))) return { format: "HEIC" };
  if (text(4, 4) === "ftyp") return { format: "MP4" };
  if (text(0, 4) === "\x1aE\xdf\xa3") return { format: "WebM" };
  return isDrawing(stripMark(text(0, 4096))) ? { format: "SVG" } : undefined;
}

function isDrawing(text: string): boolean {
  let rest = text.trimStart();
  for (;;) {
    const before = PROLOGUE.find(([begin]) => rest.slice(0, begin.length).toLowerCase() === begin);
    if (!before) return /^<svg[\s/>]/i.test(rest);
    const [begin, end] = before;
    const at = rest.indexOf(end, begin.length);
    if (at < 0) return false;
    rest = rest.slice(at + end.length).trimStart();
  }
}

/** Walks the markers up to that of a frame (ITU T.81, B.2.2). */
function jpegSize(view: DataView): readonly [number, number] | undefined {
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return [view.getUint16(at + 7), view.getUint16(at + 5)];
    } else at += 2 + view.getUint16(at + 2);
  }
}

/** By the kind of the first chunk (RFC 9649): lossy, lossless or extended. */
function webpSize(view: DataView, chunk: string): readonly [number, number] | undefined {
  if (chunk === "VP8 ") return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  if (chunk === "VP8L") {
    const bits = view.getUint32(21, true);
    return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
  }
  const threeBytes = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  return chunk === "VP8X" ? [1 + threeBytes(24), 1 + threeBytes(27)] : undefined;
}

/** By its first image spatial extents box (ISO 23008-12). */
function avifSize(view: DataView, start: string): readonly [number, number] | undefined {
  const box = start.indexOf("ispe");
  return box < 0 ? undefined : [view.getUint32(box + 8), view.getUint32(box + 12)];
}

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const stripMark = (text: string) => text.replace(/^\xef\xbb\xbf/, "");
