import { UserError } from "../errors.ts";
import type { Grid } from "../rule/rule.ts";

/** A picture: straight (not premultiplied) RGBA, 4 bytes a pixel, row by row. */
export type Raster = Readonly<{ width: number; height: number; data: Uint8Array | Uint8ClampedArray }>;

/** A picture to grow: RGBA of shape (H, W, 4), 0 to 1. */
export type Target = Readonly<{ grid: Grid; data: Float32Array }>;

export type TargetOptions = Readonly<{
  /** Longest side of the picture in cells, from 1 on. */
  size: number;
  /** Empty cells around it on each side, from 0 on. */
  padding: number;
  /** Whether colours are multiplied by alpha, as the rule's `image.premultiplied` says. */
  premultiplied: boolean;
}>;

/**
 * The target of a picture that is already scaled: centred on a square grid of size + 2 * padding cells. Where alpha
 * is 0 so are the colours, as in a dead cell.
 *
 * @throws UserError for a picture without a visible pixel; RangeError where it does not fit `size`.
 */
export function targetFromRgba(
  { width, height, data }: Raster,
  { size, padding, premultiplied }: TargetOptions,
): Target {
  if (width > size || height > size || data.length !== width * height * 4) {
    throw new RangeError(`${data.length} bytes of ${width} x ${height} pixels do not fit a size of ${size}`);
  }
  const side = size + 2 * padding;
  const target = new Float32Array(side * side * 4);
  const top = (side - height) >> 1;
  const left = (side - width) >> 1;
  let visible = false;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const to = ((top + y) * side + left + x) * 4;
      const alpha = data[from + 3] / 255;
      if (alpha === 0) continue;
      visible = true;
      const factor = (premultiplied ? alpha : 1) / 255;
      for (let c = 0; c < 3; c++) target[to + c] = data[from + c] * factor;
      target[to + 3] = alpha;
    }
  }
  if (!visible) throw new UserError("the picture is fully transparent, so there is nothing to grow");
  return { grid: [side, side], data: target };
}
