import { basename, extname } from "node:path";
import sharp, { type Metadata } from "sharp";
import { describeEmoji, isEmoji } from "../data/emoji.ts";
import { targetFromRgba, type Raster, type Target, type TargetOptions } from "../data/image.ts";
import { UserError } from "../errors.ts";
import { loadEmoji } from "./emoji.ts";
import { decodeFile } from "./files.ts";

/** A target and what to call it. */
export type NamedTarget = Target &
  Readonly<{
    /** Fit for a file name: `lizard`. */
    name: string;
    /** For people: `🦎 lizard (Noto Emoji)`, `cat.png`. */
    description: string;
  }>;

const MAX_FILE_BYTES = 2 ** 28;
const MAX_PIXELS = 100_000_000;
const MIN_SIDE = 4;
/** Drawings are rendered so much larger before they are reduced: crisper than drawing at the final size. */
const SUPERSAMPLING = 4;

/**
 * Loads what shall grow: an emoji (🦎), the name of one (lizard), or the path of a PNG, JPEG, WebP, AVIF, GIF (first
 * frame) or SVG file. Pictures are reduced by Lanczos resampling so that the longer side takes `size` cells.
 *
 * @throws UserError, one sentence with the path, for whatever cannot be read or grown.
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
    const target = await targetOf(Buffer.from(emoji.svg), options);
    return { ...target, name: emoji.name, description: describeEmoji(source, emoji) };
  }
  const target = await decodeFile(source, MAX_FILE_BYTES, (bytes) => targetOf(bytes, options));
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
  return decodeFile(path, MAX_FILE_BYTES, (bytes) => decodePicture(bytes, size));
}

async function targetOf(bytes: Uint8Array, options: TargetOptions): Promise<Target> {
  return targetFromRgba(await decodePicture(bytes, options.size), options);
}

/**
 * Decodes a picture and scales it, aspect kept, so that its longer side has `size` pixels.
 *
 * @throws UserError where it is no picture, is damaged, has a side below 4 pixels or more than 100 million pixels.
 */
export async function decodePicture(bytes: Uint8Array, size: number): Promise<Raster> {
  const { format, width, height } = await pictureMetadata(bytes);
  const drawn = format === "svg";
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
    const original = drawn
      ? await sharp(bytes, options)
          .resize(fitting(SUPERSAMPLING * size))
          .png({ compressionLevel: 0 })
          .toBuffer()
      : bytes;
    const { data, info } = await sharp(original, options)
      .resize(fitting(size))
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (cause) {
    throw new UserError("the picture is damaged and cannot be decoded", { cause });
  }
}

const fitting = (side: number) => ({ width: side, height: side, fit: "inside", kernel: "lanczos3" }) as const;

async function pictureMetadata(bytes: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new UserError("not a picture that can be read: PNG, JPEG, WebP, AVIF, GIF or SVG", { cause });
  }
}
