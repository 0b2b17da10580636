import type { Raster } from "../data/image.ts";

/** Pictures of one size as one: in rows of `columns`, from the top left on. What is left over is transparent. */
export function stripOf(pictures: readonly Raster[], columns: number): Raster {
  const [{ width, height }] = pictures;
  const strip = { width: width * columns, height: height * Math.ceil(pictures.length / columns) };
  const data = new Uint8ClampedArray(strip.width * strip.height * 4);
  for (const [i, picture] of pictures.entries()) {
    const left = (i % columns) * width;
    const top = Math.floor(i / columns) * height;
    for (let y = 0; y < height; y++) {
      const row = picture.data.subarray(y * width * 4, (y + 1) * width * 4);
      data.set(row, ((top + y) * strip.width + left) * 4);
    }
  }
  return { ...strip, data };
}
