/** Pictures from files, in the size of a grid. Browsers only. */

/**
 * RGBA of a picture in the middle of a square of so many cells, as large as it fits.
 *
 * @param trim share of its longest side that is left out at each edge. Default 0.
 */
export async function pixelsOf(source: string | Blob, side: number, trim = 0): Promise<Uint8ClampedArray> {
  const blob = typeof source === "string" ? await (await fetch(source)).blob() : source;
  const bitmap = await createImageBitmap(blob);
  const scale = side / (1 - 2 * trim) / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const context = new OffscreenCanvas(side, side).getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (side - width) / 2, (side - height) / 2, width, height);
  bitmap.close();
  return context.getImageData(0, 0, side, side).data;
}

/** The same as cells hold it: 0 to 1, colours times alpha. */
export function premultiplied(rgba: Uint8ClampedArray): Float32Array {
  return Float32Array.from(rgba, (byte, i) =>
    i % 4 === 3 ? byte / 255 : (byte * rgba[i - (i % 4) + 3]) / 255 ** 2,
  );
}
