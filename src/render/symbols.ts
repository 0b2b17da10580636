/** Rows of symbols, colours 0 to 9, as pictures. */
import type { Raster } from "../data/image.ts";
import { classColour, type Colour } from "./classColours.ts";

const GROUND: Colour = [38, 38, 44];
const NONE: Colour = [255, 255, 255];

/** The colour of a symbol: 0 is the ground, 255 none. */
export function symbolColour(symbol: number): Colour {
  return symbol === 255 ? NONE : symbol === 0 ? GROUND : classColour(symbol - 1);
}

/**
 * Rows below each other, the first at the top; of a null, a line of nothing.
 *
 * @param scale pixels a cell and side, from 1 on.
 */
export function symbolRaster(rows: readonly (Uint8Array | null)[], scale = 1): Raster {
  const width = Math.max(...rows.map((row) => row?.length ?? 0)) * scale;
  const data = new Uint8ClampedArray(width * rows.length * scale * 4);
  for (const [y, row] of rows.entries()) {
    if (!row) continue;
    for (const [x, symbol] of row.entries()) {
      const pixel = [...symbolColour(symbol), 255];
      for (let dy = 0; dy < scale; dy++) {
        for (let dx = 0; dx < scale; dx++) data.set(pixel, ((y * scale + dy) * width + x * scale + dx) * 4);
      }
    }
  }
  return { width, height: rows.length * scale, data };
}
