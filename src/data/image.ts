import { UserError } from "../errors.ts";
import type { Plane } from "../rule/grid.ts";

/** A picture: straight (not premultiplied) RGBA, 4 bytes a pixel, row by row. */
export type Raster = Readonly<{ width: number; height: number; data: Uint8Array | Uint8ClampedArray }>;

/** A picture to grow: RGBA of shape (H, W, 4), 0 to 1. */
export type Target = Readonly<{
  grid: Plane;
  data: Float32Array;
  /** Whether colours are multiplied by alpha, as far as that is known: what trains refuses the wrong ones. */
  premultiplied?: boolean;
}>;

/** How a picture becomes a target. */
export type TargetOptions = Readonly<{
  /** Longest side of the picture in cells, from 1 on. */
  size: number;
  /** Empty cells around it on each side, from 0 on. */
  padding: number;
  /** Whether colours are multiplied by alpha, as the readout's `premultiplied` says. */
  premultiplied: boolean;
}>;

/**
 * The target of a picture that is already scaled: the picture and its padding, [height + 2 * padding, width + 2 * padding]
 * cells. Where alpha is 0 so are the colours, as in a dead cell.
 *
 * @throws UserError for a picture without a visible pixel; RangeError where it does not fit `size`.
 *
 * @example
 * ```ts
 * import { targetFromRgba } from "neoblast";
 *
 * // Two red pixels, as a canvas gives them, with an empty cell around.
 * const picture = { width: 2, height: 1, data: new Uint8ClampedArray([255, 0, 0, 255, 255, 0, 0, 255]) };
 * const { grid, data } = targetFromRgba(picture, { size: 2, padding: 1, premultiplied: true });
 * console.log(grid, data.length); // [ 3, 4 ] 48
 * ```
 */
export function targetFromRgba(
  { width, height, data }: Raster,
  { size, padding, premultiplied }: TargetOptions,
): Target {
  if (width > size || height > size || data.length !== width * height * 4) {
    throw new RangeError(`${data.length} bytes of ${width} x ${height} pixels do not fit a size of ${size}`);
  }
  const grid = [height + 2 * padding, width + 2 * padding] as const;
  const target = new Float32Array(grid[0] * grid[1] * 4);
  let visible = false;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const to = ((padding + y) * grid[1] + padding + x) * 4;
      const alpha = data[from + 3] / 255;
      if (alpha === 0) continue;
      visible = true;
      const factor = (premultiplied ? alpha : 1) / 255;
      for (let c = 0; c < 3; c++) target[to + c] = data[from + c] * factor;
      target[to + 3] = alpha;
    }
  }
  if (!visible) throw new UserError("the picture is fully transparent, so there is nothing to grow");
  return { grid, data: target, premultiplied };
}

/** Whether a grid holds another. */
export function holds(larger: Plane, grid: Plane): boolean {
  return larger[0] >= grid[0] && larger[1] >= grid[1];
}

/** A target in the middle of a grid that holds its own. Where the room left is odd, less of it is above and to the left. */
export function centredOn(target: Target, larger: Plane): Target {
  const { grid } = target;
  return placed(target, larger, (larger[0] - grid[0]) >> 1, (larger[1] - grid[1]) >> 1);
}

/** A target on a grid that holds its own, so that the centre cells [H >> 1, W >> 1] of both are one. */
export function aroundCentre(target: Target, larger: Plane): Target {
  const { grid } = target;
  return placed(target, larger, (larger[0] >> 1) - (grid[0] >> 1), (larger[1] >> 1) - (grid[1] >> 1));
}

function placed({ grid, data, premultiplied }: Target, larger: Plane, top: number, left: number): Target {
  if (!holds(larger, grid)) {
    throw new RangeError(
      `a target of ${grid.join(" x ")} cells does not fit a grid of ${larger.join(" x ")}`,
    );
  }
  const target = new Float32Array(larger[0] * larger[1] * 4);
  for (let y = 0; y < grid[0]; y++) {
    const row = data.subarray(y * grid[1] * 4, (y + 1) * grid[1] * 4);
    target.set(row, ((top + y) * larger[1] + left) * 4);
  }
  return { grid: larger, data: target, ...(premultiplied !== undefined && { premultiplied }) };
}

/**
 * Targets, each in the middle of the smallest grid that holds all of them.
 *
 * @example
 * ```ts
 * import { onOneGrid } from "neoblast";
 * import { loadTarget } from "neoblast/node";
 *
 * const options = { padding: 8, premultiplied: true };
 * const large = await loadTarget("🦎", { ...options, size: 32 });
 * const small = await loadTarget("🦋", { ...options, size: 16 });
 * console.log(onOneGrid([large, small]).map(({ grid }) => grid)); // [ [ 48, 48 ], [ 48, 48 ] ]
 * ```
 */
export function onOneGrid(targets: readonly Target[]): Target[] {
  const longest = (axis: 0 | 1) => Math.max(...targets.map(({ grid }) => grid[axis]));
  const grid = [longest(0), longest(1)] as const;
  return targets.map((target) => centredOn(target, grid));
}
