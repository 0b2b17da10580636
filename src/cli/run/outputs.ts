/** What `neoblast run` writes: the last state, its picture, a film, or a page that plays the model. */
import type { Raster } from "../../data/image.ts";
import { encodeNpy } from "../../formats/npy.ts";
import { stateRaster } from "../../render/rgba.ts";
import { type Model, withPicture } from "../../model/model.ts";
import type { Grid } from "../../rule/grid.ts";
import { encodePicture, PICTURE_EXTENSIONS } from "../pictureFiles.ts";
import { type Place, placesOf } from "../place.ts";

const EXTENSIONS = [".npy", ...PICTURE_EXTENSIONS, ".html"] as const;

export type Output = Place<(typeof EXTENSIONS)[number]>;

/** The end of a rollout, and frames of its way there where a film is wanted. */
export type RolledOut = Readonly<{ final: Float32Array; film: readonly Raster[] }>;

/** What outputs are made of. */
export type OutputContents = RolledOut &
  Readonly<{
    model: Model;
    grid: Grid;
    /** Width and height of a cell in pixels. */
    scale: number;
    page: () => string;
  }>;

export function isPage({ extension }: Output): boolean {
  return extension === ".html";
}

/** @throws UserError, before any work, where one could not be written, or is one of the inputs. */
export function parseOutputs(
  paths: readonly string[],
  inputs: readonly (string | undefined)[],
): Promise<Output[]> {
  return placesOf(paths, { extensions: EXTENSIONS, usual: ".png", inputs });
}

/** The contents of an output's file. */
export async function encodeOutput(
  { extension }: Output,
  { final, film, model, grid, scale, page }: OutputContents,
): Promise<Uint8Array | string> {
  if (extension === ".npy") return encodeNpy({ shape: [...grid, model.rule.channels], data: final });
  if (extension === ".html") return page();
  const picture = () =>
    grid.length === 1 ? below(film) : stateRaster(final, withPicture(model), grid, { scale });
  return encodePicture(extension, { picture, film: () => film });
}

/** Pictures of one width, one below the other: of a row of cells, how it grew, time running down. */
function below(pictures: readonly Raster[]): Raster {
  const [{ width, height }] = pictures;
  const data = new Uint8ClampedArray(pictures.length * width * height * 4);
  pictures.forEach((picture, i) => data.set(picture.data, i * width * height * 4));
  return { width, height: height * pictures.length, data };
}
