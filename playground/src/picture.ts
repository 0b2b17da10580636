/** Pictures that a visitor provides, as bytes: emoji, picture files, drawings. `targetOf` makes targets of them. */
import type { Raster } from "../../src/data/image.ts";
import { FormatError, UserError } from "../../src/errors.ts";
import { contextOf } from "./canvas.ts";
import { type ImageHeader, readImageHeader } from "./imageHeader.ts";
import { MAX_FILE_BYTES, MAX_PIXELS } from "./limits.ts";
import { trim } from "./raster.ts";

export { targetOf } from "./raster.ts";

/** A picture to grow, as a visitor provided it. */
export type Picture = Readonly<{
  title: string;
  /** Its name in configurations, where that is not its title. */
  source?: string;
  picture: Raster;
}>;

/** Longest side that pictures are read at: twice the largest target, so that the last reduction is ours. */
const MAX_SIDE = 1024;
const MIN_SIDE = 4;
/** Height in pixels at which emoji are drawn. */
const EMOJI_SIZE = 512;
/** Milliseconds that a browser may take to show a part of a video. */
const VIDEO_TIMEOUT = 20_000;
/** Milliseconds for a frame that was found to be drawn: a video of one frame, and a page out of sight, draw none. */
const LATE_FRAME = 1000;
/** Seconds, more than any film has. */
const LONGEST = 1e6;
/** The noncharacter U+10FFFF, of which no font has a drawing. */
const MISSING = "\u{10ffff}";
/** Bytes of a file in which its size is searched: more than cameras write before it. */
const HEADER_BYTES = 1 << 20;

/**
 * An emoji, or any short text, as this system draws it, trimmed.
 *
 * @throws UserError where the system has no drawing of it.
 */
export function drawEmoji(text: string): Raster {
  const drawn = textPixels(text, "black");
  if (same(drawn, textPixels(MISSING, "black")) || !drawn.data.some((byte, i) => i % 4 === 3 && byte > 0)) {
    throw new UserError(`this system has no drawing of ${text}; drop a picture file instead`);
  }
  return trim(drawn);
}

function textPixels(text: string, colour: string): ImageData {
  const font = `${EMOJI_SIZE}px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif`;
  const context = blank(1, 1);
  context.font = font;
  const measured = context.measureText(text);
  const width = Math.ceil(Math.min(4, Math.max(1, measured.width / EMOJI_SIZE)) * EMOJI_SIZE * 1.25);
  context.canvas.width = width;
  context.canvas.height = EMOJI_SIZE * 1.5;
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, width / 2, context.canvas.height / 2);
  return context.getImageData(0, 0, width, context.canvas.height);
}

function same({ data: a }: ImageData, { data: b }: ImageData): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * A picture file: PNG, JPEG, WebP, AVIF, GIF, BMP or SVG; or a video: MP4 or WebM. Of an animation the last frame, which
 * shows what has grown, where the browser can find it; else the first. Scaled down to 1,024 pixels and side.
 *
 * @throws UserError, one sentence, where it is no picture, is damaged, too large, or too small.
 */
export async function readPicture(file: Blob): Promise<Raster> {
  if (file.size > MAX_FILE_BYTES) throw new UserError("the file is larger than 256 MiB");
  const header = readImageHeader(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
  if (!header)
    throw new FormatError(
      "not a picture that can be read: PNG, JPEG, WebP, AVIF, GIF, BMP, SVG, MP4 or WebM",
    );
  if (header.size) checkSize(header.size);
  const { format } = header;
  if (format === "SVG") return drawSvg(file);
  return format === "MP4" || format === "WebM" ? drawVideo(file, format) : decode(file, header);
}

function checkSize([width, height]: readonly [number, number]): void {
  if (width * height > MAX_PIXELS) {
    throw new UserError(
      `the picture has ${width} x ${height} pixels, and at most ${MAX_PIXELS / 1e6} million are read; make it smaller first`,
    );
  }
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new UserError(
      `the picture has ${width} x ${height} pixels; each side needs at least ${MIN_SIDE} to show something`,
    );
  }
}

async function decode(file: Blob, { format, size }: ImageHeader): Promise<Raster> {
  let bitmap: ImageBitmap;
  try {
    bitmap = (await lastFrame(file, format)) ?? (await createImageBitmap(file));
  } catch (cause) {
    throw new FormatError(`the ${format} picture is damaged, or this browser cannot decode it`, { cause });
  }
  try {
    if (!size) checkSize([bitmap.width, bitmap.height]);
    return await fitted(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Undefined for a still picture. */
async function lastFrame(file: Blob, format: ImageHeader["format"]): Promise<ImageBitmap | undefined> {
  const type = `image/${format.toLowerCase()}`;
  if (typeof ImageDecoder === "undefined" || !(await ImageDecoder.isTypeSupported(type))) return undefined;
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type });
  try {
    await Promise.all([decoder.tracks.ready, decoder.completed]);
    const frames = decoder.tracks.selectedTrack?.frameCount ?? 1;
    if (frames < 2) return undefined;
    const { image } = await decoder.decode({ frameIndex: frames - 1 });
    try {
      return await createImageBitmap(image);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}

/** Waits until a video shows a frame after its first. */
function laterFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    const presented: VideoFrameRequestCallback = (_, { mediaTime }) =>
      mediaTime > 0 ? resolve() : void video.requestVideoFrameCallback(presented);
    video.requestVideoFrameCallback?.(presented);
  });
}

/** The last frame of a video. */
async function drawVideo(file: Blob, format: "MP4" | "WebM"): Promise<Raster> {
  const url = URL.createObjectURL(file);
  const video = document.createElement("video");
  const happened = (type: "loadeddata" | "seeked") =>
    new Promise<void>((resolve, reject) => {
      video.addEventListener(type, () => resolve(), { once: true });
      video.addEventListener("error", () => reject(video.error ?? new Error(format)), { once: true });
      setTimeout(() => reject(new Error("the video took too long")), VIDEO_TIMEOUT);
    });
  try {
    video.muted = true;
    video.preload = "auto";
    const loaded = happened("loadeddata");
    video.src = url;
    await loaded;
    if (video.videoWidth === 0) throw new UserError(`the ${format} file has no pictures`);
    checkSize([video.videoWidth, video.videoHeight]);
    const found = happened("seeked");
    const shown = laterFrame(video);
    // What was recorded as it played may not say how long it is; browsers stop at its end.
    video.currentTime = Number.isFinite(video.duration) ? video.duration : LONGEST;
    await found;
    // A browser may say so before it draws it.
    await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, LATE_FRAME))]);
    const bitmap = await createImageBitmap(video);
    try {
      return await fitted(bitmap);
    } finally {
      bitmap.close();
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new FormatError(`the ${format} video is damaged, or this browser cannot decode it`, { cause });
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}

async function fitted(bitmap: ImageBitmap): Promise<Raster> {
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const [width, height] = [side(bitmap.width), side(bitmap.height)];
  const reduced =
    scale < 1
      ? await createImageBitmap(bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" })
      : bitmap;
  const context = blank(width, height);
  context.drawImage(reduced, 0, 0);
  if (reduced !== bitmap) reduced.close();
  return context.getImageData(0, 0, width, height);
}

/** As an image, for which browsers load nothing and run nothing of what the drawing names. */
async function drawSvg(file: Blob): Promise<Raster> {
  const url = URL.createObjectURL(new Blob([file], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    // A drawing without a size has the shape of its view box, or none.
    const [width, height] = [image.naturalWidth || 1, image.naturalHeight || 1];
    const scale = MAX_SIDE / Math.max(width, height);
    const context = blank(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    context.drawImage(image, 0, 0, context.canvas.width, context.canvas.height);
    return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  } catch (cause) {
    throw new FormatError("the SVG drawing is damaged", { cause });
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A drawing on a canvas, trimmed. @throws UserError where it is empty. */
export function readDrawing(canvas: HTMLCanvasElement): Raster {
  return trim(contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height));
}

function blank(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return contextOf(canvas, { willReadFrequently: true });
}
