/** A second model on the grid of a first. */
import { basename, extname } from "node:path";
import { withoutSet } from "../../data/emoji.ts";
import type { Graft } from "../../engine.ts";
import { FormatError, UserError } from "../../errors.ts";
import { luma } from "../../math.ts";
import type { Model } from "../../model/model.ts";
import { decodeNpy } from "../../formats/npy.ts";
import { decodeFile } from "../../node/files.ts";
import { decodePicture } from "../../node/images.ts";
import { graftParameters } from "../../model/graft.ts";
import type { Plane } from "../../rule/grid.ts";
import { loadNamedModel } from "../standardInput.ts";
import { type GraftAt, type Region, regions } from "./values.ts";

const MAX_MASK_BYTES = 2 ** 28;

/** A graft, and what to call the model it is made of. */
export type NamedGraft = Graft & Readonly<{ title: string }>;

/**
 * Loads a model to graft onto another.
 *
 * @param fireRate of all cells, where it is not the models'.
 * @throws UserError where the models cannot share a grid, or the mask does not fit it.
 */
export async function loadGraft(
  { path, region }: GraftAt,
  host: Model,
  grid: Plane,
  fireRate?: number,
): Promise<NamedGraft> {
  const guest = await loadNamedModel(path);
  const cells = await cellsOf(region, grid);
  const common = fireRate === undefined ? {} : { fireRate };
  try {
    const parameters = graftParameters(
      { ...host, rule: { ...host.rule, ...common } },
      { ...guest, rule: { ...guest.rule, ...common } },
    );
    return { parameters: [parameters], cells, title: titleOf(path, guest) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`--graft ${path}: ${error.message}`, { cause: error });
  }
}

/** What a model draws, in short, or else what its file is called. */
export function titleOf(path: string, { provenance }: Model): string {
  return provenance.target ? withoutSet(provenance.target) : basename(path, extname(path));
}

/** Shape (H, W): 1 in a region or where a mask says so. */
function cellsOf(region: string, grid: Plane): Promise<Uint8Array> | Uint8Array {
  const known = regions.find((word) => word === region);
  if (known === undefined) return loadMask(region, grid);
  const inside = insideOf(known);
  const [height, width] = grid;
  return Uint8Array.from({ length: height * width }, (_, n) =>
    inside((Math.floor(n / width) + 0.5) / height, ((n % width) + 0.5) / width) ? 1 : 0,
  );
}

/** Whether a place lies in a region; from 0 to 1 down and to the right. The middle row or column is of neither half. */
function insideOf(region: Region): (y: number, x: number) => boolean {
  switch (region) {
    case "left":
      return (_, x) => x < 0.5;
    case "right":
      return (_, x) => x > 0.5;
    case "top":
      return (y) => y < 0.5;
    case "bottom":
      return (y) => y > 0.5;
    case "centre":
      return (y, x) => Math.abs(y - 0.5) < 0.25 && Math.abs(x - 0.5) < 0.25;
    default:
      return region satisfies never;
  }
}

function loadMask(path: string, [height, width]: Plane): Promise<Uint8Array> {
  return decodeFile(path, MAX_MASK_BYTES, async (bytes) => {
    const isArray = extname(path).toLowerCase() === ".npy";
    const { shape, cells } = isArray ? arrayMask(bytes) : await pictureMask(bytes, Math.max(height, width));
    if (shape.join() === `${height},${width}`) return cells;
    throw new FormatError(
      `the mask covers ${shape.join(" x ") || "no"} cells; the grid has ${height} x ${width} (height x width)`,
    );
  });
}

type Mask = { shape: readonly number[]; cells: Uint8Array };

function arrayMask(bytes: Uint8Array): Mask {
  const { shape, data } = decodeNpy(bytes);
  return { shape, cells: Uint8Array.from(data, (value) => (value === 0 ? 0 : 1)) };
}

/** @param size of the longer side, to which the picture is scaled. */
async function pictureMask(bytes: Uint8Array, size: number): Promise<Mask> {
  const { width, height, data } = await decodePicture(bytes, size);
  const cells = Uint8Array.from({ length: width * height }, (_, n) => {
    const [red, green, blue, alpha] = data.subarray(4 * n, 4 * n + 4);
    return luma(red, green, blue) * alpha >= 255 * 127.5 ? 1 : 0;
  });
  return { shape: [height, width], cells };
}
