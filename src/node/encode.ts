import { randomUUID } from "node:crypto";
import { setImmediate as breath } from "node:timers/promises";
import type { Sharp } from "sharp";
import type { Raster } from "../data/image.ts";
import { UserError } from "../errors.ts";
import type { Animation } from "../render/animation.ts";
import type { Sheet } from "../render/sheet.ts";
import { createH264Encoder } from "./h264.ts";
import { loadSharp } from "./optional.ts";

/** Most pixels of all frames together that are encoded at once: 1 GiB of RGBA. */
const MAX_PIXELS = 2 ** 28;

export async function encodePng(raster: Raster): Promise<Buffer> {
  return (await rawImage(raster)).png({ compressionLevel: 9 }).toBuffer();
}

/**
 * Draws a sheet as PNG.
 *
 * @param palette whether the file may do with 256 colours, for charts and colour scales; half as long then.
 */
export async function encodeSheet(
  { svg, pictures }: Sheet,
  { palette = false }: Readonly<{ palette?: boolean }> = {},
): Promise<Buffer> {
  const layers = await Promise.all(
    pictures.map(async ({ left, top, picture }) => ({ left, top, input: await encodePng(picture) })),
  );
  const drawn = (await loadSharp())(Buffer.from(svg)).composite(layers);
  return drawn.png({ compressionLevel: 9, ...(palette && { palette, dither: 0 }) }).toBuffer();
}

/** A lossless WebP. */
export async function encodeWebpPicture(raster: Raster): Promise<Buffer> {
  return (await rawImage(raster)).webp({ lossless: true, effort: 4 }).toBuffer();
}

/** An endlessly repeated GIF. UserError where all frames together have more than 2^28 pixels. */
export async function encodeGif(animation: Animation): Promise<Buffer> {
  return (await stacked(animation))
    .gif({ loop: 0, delay: [...animation.delays], dither: 0, effort: 2, interFrameMaxError: 4 })
    .toBuffer();
}

/** An endlessly repeated, lossless WebP. UserError where all frames together have more than 2^28 pixels. */
export async function encodeWebp(animation: Animation): Promise<Buffer> {
  return (await stacked(animation))
    .webp({ loop: 0, delay: [...animation.delays], lossless: true, effort: 2 })
    .toBuffer();
}

/** An H.264 film in MP4. Odd sizes, which the format lacks, are rounded up by repeating the last row or column. */
export async function encodeMp4(animation: Animation): Promise<Uint8Array> {
  checkSize(animation);
  const { frames, delays } = animation;
  const shortest = Math.min(...delays);
  const encoder = await createH264Encoder();
  try {
    // All encoders share one file system in memory.
    encoder.outputFilename = `${randomUUID()}.mp4`;
    encoder.width = roundUpToEven(animation.width);
    encoder.height = roundUpToEven(animation.height);
    encoder.frameRate = 1000 / shortest;
    encoder.quantizationParameter = 18;
    encoder.groupOfPictures = 50;
    encoder.initialize();
    for (const [index, frame] of frames.entries()) {
      const even = evenFrame(frame, animation);
      for (let n = Math.round(delays[index] / shortest); n > 0; n--) encoder.addFrameRgba(even);
      await breath();
    }
    encoder.finalize();
    const bytes = encoder.FS.readFile(encoder.outputFilename);
    encoder.FS.unlink(encoder.outputFilename);
    return bytes;
  } finally {
    encoder.delete();
  }
}

async function rawImage({ width, height, data }: Raster): Promise<Sharp> {
  return (await loadSharp())(data, { raw: { width, height, channels: 4 } });
}

async function stacked(animation: Animation): Promise<Sharp> {
  checkSize(animation);
  const { width, height, frames } = animation;
  const pixels = new Uint8Array(width * height * 4 * frames.length);
  for (const [index, frame] of frames.entries()) {
    pixels.set(frame, index * width * height * 4);
    await breath();
  }
  const raw = { width, height: height * frames.length, channels: 4, pageHeight: height } as const;
  return (await loadSharp())(pixels, { raw, limitInputPixels: false });
}

function checkSize({ width, height, frames }: Animation): void {
  if (width * height * frames.length > MAX_PIXELS) {
    throw new UserError(
      `${frames.length} frames of ${width} x ${height} pixels are too many to encode at once; choose a smaller scale or fewer steps`,
    );
  }
}

const roundUpToEven = (size: number) => size + (size % 2);

function evenFrame(frame: Raster["data"], { width, height }: Animation): Uint8Array {
  const pixels = new Uint32Array(frame.buffer, frame.byteOffset, width * height);
  const evenWidth = roundUpToEven(width);
  const even = new Uint32Array(evenWidth * roundUpToEven(height));
  for (let i = 0; i < even.length; i++) {
    const y = Math.min(Math.floor(i / evenWidth), height - 1);
    const x = Math.min(i % evenWidth, width - 1);
    even[i] = pixels[y * width + x];
  }
  return new Uint8Array(even.buffer);
}
