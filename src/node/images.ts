import { basename, extname } from "node:path";
import type { Sharp, SharpOptions } from "sharp";
import { type BmpPicture, isBmp, openBmp } from "../data/bmp.ts";
import { describeEmoji, isEmoji } from "../data/emoji.ts";
import { targetFromRgba, type Raster, type Target, type TargetOptions } from "../data/image.ts";
import { isIco, openIco } from "../data/ico.ts";
import { UserError } from "../errors.ts";
import { loadEmoji } from "./emoji.ts";
import { decodeFile } from "./files.ts";
import { loadSharp } from "./optional.ts";

/** A target and what to call it. */
export type NamedTarget = Target &
  Readonly<{
    /** Fit for a file name: `lizard`. */
    name: string;
    /** For people: `🦎 lizard (Noto Emoji)`, `cat.png`. */
    description: string;
  }>;

/** What is read, in words. */
export const PICTURE_FORMATS = "PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO";
/** Longest picture file that is read. */
export const MAX_PICTURE_BYTES = 2 ** 28;
const MAX_PIXELS = 100_000_000;
const MIN_SIDE = 4;
/** Drawings are rendered so much larger before they are reduced: crisper than drawing at the final size. */
const SUPERSAMPLING = 4;

/**
 * Loads what shall grow: an emoji (🦎), the name of one (lizard), or the path of a PNG, JPEG, WebP, AVIF, GIF (first
 * frame), SVG, BMP or ICO (its largest picture) file. Pictures are reduced by Lanczos resampling so that the longer side takes `size` cells.
 *
 * @throws UserError, one sentence with the path, for whatever cannot be read or grown.
 *
 * @example
 * ```ts
 * import { loadTarget } from "neoblast/node";
 *
 * const { grid, data } = await loadTarget("🦋", { size: 40, padding: 16, premultiplied: true });
 * console.log(grid, data.length); // [ 72, 72 ] 20736
 * ```
 */
export async function loadTarget(source: string, options: TargetOptions): Promise<NamedTarget> {
  const { size, padding } = options;
  if (!Number.isInteger(size) || size < MIN_SIDE || !Number.isInteger(padding) || padding < 0) {
    throw new RangeError(
      `size must be a whole number from ${MIN_SIDE} on and padding one from 0 on, not ${size} and ${padding}`,
    );
  }
  if (!isPictureFile(source)) {
    const emoji = await loadEmoji(source);
    const target = await decodeTarget(Buffer.from(emoji.svg), options);
    return { ...target, name: emoji.name, description: describeEmoji(source, emoji) };
  }
  const target = await decodeFile(source, MAX_PICTURE_BYTES, (bytes) => decodeTarget(bytes, options));
  const stem = basename(source, extname(source)).replaceAll(/[^\p{L}\p{N}_-]+/gu, "-");
  return { ...target, name: stem, description: basename(source) };
}

/** Whether `loadTarget` takes a source for a path, and not for an emoji or the name of one. */
export function isPictureFile(source: string): boolean {
  return !isEmoji(source) && !/^[\p{L}\p{N}-]+$/u.test(source);
}

/**
 * Reads and decodes a picture file, scaled as {@link decodePicture} does it.
 *
 * @throws UserError, one sentence with the path, for whatever cannot be read.
 */
export function readPicture(path: string, size: number): Promise<Raster> {
  return decodeFile(path, MAX_PICTURE_BYTES, (bytes) => decodePicture(bytes, size));
}

/** The target of a picture file's bytes. @throws UserError as {@link decodePicture}, and where nothing in it is visible. */
export async function decodeTarget(bytes: Uint8Array, options: TargetOptions): Promise<Target> {
  return targetFromRgba(await decodePicture(bytes, options.size), options);
}

/**
 * Decodes a picture and scales it, aspect kept, so that its longer side has `size` pixels.
 *
 * @throws UserError where it is no picture, is damaged, has a side below 4 pixels or more than 100 million pixels.
 */
export async function decodePicture(bytes: Uint8Array, size: number): Promise<Raster> {
  const picture = await openPicture(bytes);
  const { drawn, width, height } = picture;
  if (width * height > MAX_PIXELS) {
    throw new UserError(
      `the picture has ${width} x ${height} pixels, and at most ${MAX_PIXELS / 1e6} million are read; make it smaller first`,
    );
  }
  if (!drawn && (width < MIN_SIDE || height < MIN_SIDE)) {
    throw new UserError(
      `the picture has ${width} x ${height} pixels; each side needs at least ${MIN_SIDE} to show something`,
    );
  }
  try {
    const options = { limitInputPixels: MAX_PIXELS, failOn: "error", autoOrient: true } as const;
    const opened = picture.open(options);
    const original = drawn
      ? (await loadSharp())(
          await opened
            .resize(fitting(SUPERSAMPLING * size))
            .png({ compressionLevel: 0 })
            .toBuffer(),
          options,
        )
      : opened;
    const { data, info } = await original
      .resize(fitting(size))
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError("the picture is damaged and cannot be decoded", { cause });
  }
}

const fitting = (side: number) => ({ width: side, height: side, fit: "inside", kernel: "lanczos3" }) as const;

/** A picture whose size is known before it is decoded; `drawn` where it is drawn at any size. */
type OpenPicture = Readonly<{
  width: number;
  height: number;
  drawn: boolean;
  open(options: SharpOptions): Sharp;
}>;

async function openPicture(bytes: Uint8Array): Promise<OpenPicture> {
  const sharp = await loadSharp();
  const openBitmap = ({ width, height, decode }: BmpPicture): OpenPicture => {
    const raw = { width, height, channels: 4 } as const;
    return { width, height, drawn: false, open: (options) => sharp(decode().data, { ...options, raw }) };
  };
  if (isBmp(bytes)) return openBitmap(openBmp(bytes));
  if (isIco(bytes)) {
    const icon = openIco(bytes);
    return "png" in icon ? openPicture(icon.png) : openBitmap(icon.bitmap);
  }
  try {
    const { format, width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width, height, drawn: format === "svg", open: (options) => sharp(bytes, options) };
  } catch (cause) {
    throw new UserError(`not a picture that can be read: ${PICTURE_FORMATS}`, { cause });
  }
}
