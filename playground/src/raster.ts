/** Pictures as bytes: cropped, scaled and laid out, without a browser. */
import { type Raster, type Target, targetFromRgba, type TargetOptions } from "../../src/data/image.ts";
import { UserError } from "../../src/errors.ts";
import { sineOfDegrees } from "../../src/math.ts";

/** Half the width of the Lanczos filter in pixels, as libvips has it, by which Node scales. */
const LOBES = 3;

/**
 * The picture without the fully transparent rows and columns around it.
 *
 * @throws UserError where nothing of it can be seen.
 */
export function trim({ width, height, data }: Raster): Raster {
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3] === 0) continue;
      top = Math.min(top, y);
      bottom = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  if (bottom < 0) throw new UserError("the picture is empty, so there is nothing to grow");
  return crop({ width, height, data }, { top, left, height: bottom - top + 1, width: right - left + 1 });
}

function crop(
  { width: stride, data }: Raster,
  { top, left, width, height }: { top: number; left: number; width: number; height: number },
): Raster {
  const cropped = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * stride + left) * 4;
    cropped.set(data.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, data: cropped };
}

/** The picture at another size, by Lanczos resampling of colours that are multiplied by alpha. */
export function resample(picture: Raster, width: number, height: number): Raster {
  if (width === picture.width && height === picture.height) return picture;
  const across = scaleRows(premultiplied(picture), picture.width, picture.height, width);
  const down = scaleRows(transposed(across, width, picture.height), picture.height, width, height);
  return { width, height, data: unpremultiplied(transposed(down, height, width)) };
}

/**
 * The target that a picture makes: its longer side takes `size` cells, aspect kept.
 *
 * @throws UserError for a picture of which nothing can be seen at that size.
 */
export function targetOf(picture: Raster, options: TargetOptions): Target {
  const scale = options.size / Math.max(picture.width, picture.height);
  const fitted = (side: number) => Math.max(1, Math.round(side * scale));
  return targetFromRgba(resample(picture, fitted(picture.width), fitted(picture.height)), options);
}

/** Pictures of one size side by side in rows, without gaps; what is left of the last row is transparent. */
export function tilePictures(pictures: readonly Raster[], columns: number): Raster {
  const [{ width, height }] = pictures;
  const sheet = { width: columns * width, height: Math.ceil(pictures.length / columns) * height };
  const data = new Uint8ClampedArray(sheet.width * sheet.height * 4);
  for (const [i, picture] of pictures.entries()) {
    const [top, left] = [Math.floor(i / columns) * height, (i % columns) * width];
    for (let y = 0; y < height; y++) {
      const row = picture.data.subarray(y * width * 4, (y + 1) * width * 4);
      data.set(row, ((top + y) * sheet.width + left) * 4);
    }
  }
  return { ...sheet, data };
}

function premultiplied({ data }: Raster): Float32Array {
  const pixels = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3];
    for (let c = i; c < i + 3; c++) pixels[c] = (data[c] * alpha) / 255;
    pixels[i + 3] = alpha;
  }
  return pixels;
}

function unpremultiplied(pixels: Float32Array): Uint8ClampedArray {
  return Uint8ClampedArray.from(pixels, (value, i) => {
    if (i % 4 === 3) return value;
    const alpha = Math.min(255, pixels[i | 3]);
    return alpha >= 0.5 ? (value / alpha) * 255 : 0;
  });
}

/** Rows of RGBA pixels as columns, and the other way round. */
function transposed(pixels: Float32Array, width: number, height: number): Float32Array {
  const turned = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [(y * width + x) * 4, (x * height + y) * 4];
      for (let c = 0; c < 4; c++) turned[to + c] = pixels[from + c];
    }
  }
  return turned;
}

/** Each row of RGBA pixels at another length. */
function scaleRows(pixels: Float32Array, width: number, height: number, wanted: number): Float32Array {
  const scaled = new Float32Array(wanted * height * 4);
  const taps = Array.from({ length: wanted }, (_, x) => tapsAt(x, width / wanted, width));
  // A picture has a million numbers, over which iterators take a second.
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < wanted; x++) {
      const { first, weights } = taps[x];
      const to = (y * wanted + x) * 4;
      for (let i = 0, from = (y * width + first) * 4; i < weights.length; i++, from += 4) {
        const weight = weights[i];
        for (let c = 0; c < 4; c++) scaled[to + c] += weight * pixels[from + c];
      }
    }
  }
  return scaled;
}

/** Which pixels of a row make one pixel of a row that is `ratio` times shorter, and with what weights, which add up to 1. */
function tapsAt(x: number, ratio: number, width: number): { first: number; weights: number[] } {
  const stretch = Math.max(1, ratio);
  const centre = (x + 0.5) * ratio;
  const first = Math.max(0, Math.ceil(centre - LOBES * stretch - 0.5));
  const last = Math.min(width - 1, Math.floor(centre + LOBES * stretch - 0.5));
  const raw = Array.from({ length: last - first + 1 }, (_, i) =>
    lanczos((first + i + 0.5 - centre) / stretch),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return { first, weights: raw.map((weight) => weight / sum) };
}

function lanczos(x: number): number {
  return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

/** sin(pi x) / (pi x), the same bits everywhere. */
function sinc(x: number): number {
  return x === 0 ? 1 : sineOfDegrees(180 * x) / (Math.PI * x);
}
