/** Pictures on a terminal with 24-bit colours: two pixels a character, by half blocks. */
import type { Raster } from "../../data/image.ts";

const RESET = "\x1b[0m";
/** Fainter pixels show the terminal's own background. */
const MIN_ALPHA = 0.1;

/** The part of a picture that is left when `border` pixels are cut off on every side. */
export function trim({ width, height, data }: Raster, border: number): Raster {
  const [w, h] = [width - 2 * border, height - 2 * border];
  const part = new Uint8ClampedArray(w * h * 4);
  for (let y = 0; y < h; y++) {
    const from = ((y + border) * width + border) * 4;
    part.set(data.subarray(from, from + w * 4), y * w * 4);
  }
  return { width: w, height: h, data: part };
}

/** A picture reduced, aspect kept, to at most so many pixels: each the mean of those it covers. Never enlarged. */
export function reduce(picture: Raster, maxWidth: number, maxHeight: number): Raster {
  const ratio = Math.max(1, picture.width / maxWidth, picture.height / maxHeight);
  if (ratio === 1) return picture;
  const width = Math.max(1, Math.floor(picture.width / ratio));
  const height = Math.max(1, Math.floor(picture.height / ratio));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rows = share(y, height, picture.height);
      const columns = share(x, width, picture.width);
      data.set(meanPixel(picture, rows, columns), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** The i-th of `count` shares of `size` pixels, [from, to). */
function share(i: number, count: number, size: number): [number, number] {
  return [Math.floor((i * size) / count), Math.floor(((i + 1) * size) / count)];
}

/** Mean colour, weighted by alpha, and mean alpha of rows and columns [from, to). */
function meanPixel(
  { width, data }: Raster,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): [number, number, number, number] {
  const sum = [0, 0, 0];
  let alpha = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) sum[c] += data[at + c] * data[at + 3];
      alpha += data[at + 3];
    }
  }
  const [r, g, b] = sum.map((value) => (alpha > 0 ? value / alpha : 0));
  return [r, g, b, alpha / ((bottom - top) * (right - left))];
}

/** A picture as lines of text with colours; a character shows two pixels, one above the other. */
export function halfBlocks({ width, height, data }: Raster): string[] {
  const pixel = (x: number, y: number): string | undefined => {
    const at = (y * width + x) * 4;
    const alpha = y < height ? data[at + 3] / 255 : 0;
    if (alpha < MIN_ALPHA) return undefined;
    return [0, 1, 2].map((c) => Math.round(data[at + c] * alpha)).join(";");
  };
  const line = (y: number): string => {
    let text = "";
    let style = "";
    for (let x = 0; x < width; x++) {
      const [upper, lower] = [pixel(x, y), pixel(x, y + 1)];
      const [front, back, glyph] =
        upper === undefined ? [lower, undefined, lower === undefined ? " " : "▄"] : [upper, lower, "▀"];
      const wanted = RESET + (front ? `\x1b[38;2;${front}m` : "") + (back ? `\x1b[48;2;${back}m` : "");
      text += (wanted === style ? "" : wanted) + glyph;
      style = wanted;
    }
    return text + RESET;
  };
  return Array.from({ length: Math.ceil(height / 2) }, (_, row) => line(2 * row));
}

/** Blocks of lines side by side; all have the same number of lines. */
export function beside(blocks: readonly (readonly string[])[], gap: string): string[] {
  return blocks[0].map((_, row) => blocks.map((block) => block[row]).join(gap));
}
