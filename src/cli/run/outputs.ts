/** What `neoblast run` writes: the last state, its picture, a film, or a page that plays the model. */
import type { Raster } from "../../data/image.ts";
import { encodeNpy } from "../../formats/npy.ts";
import { encodeGif, encodeMp4, encodePng, encodeWebp } from "../../node/encode.ts";
import { stateRaster } from "../../render/rgba.ts";
import type { Grid, Rule } from "../../rule/rule.ts";
import { filmOf } from "../pictureFiles.ts";
import { type Place, placesOf } from "../place.ts";

const FORMATS = {
  ".npy": "state",
  ".png": "picture",
  ".gif": "film",
  ".webp": "film",
  ".mp4": "film",
  ".html": "page",
} as const;
type Extension = keyof typeof FORMATS;

export type Output = Place<Extension>;

/** The end of a rollout, and frames of its way there where a film is wanted. */
export type Rolled = Readonly<{ final: Float32Array; film: readonly Raster[] }>;

/** What outputs are made of. */
export type Material = Rolled &
  Readonly<{
    rule: Rule;
    grid: Grid;
    /** Pixels a cell and side. */
    scale: number;
    page: () => string;
  }>;

export function isFilm({ extension }: Output): boolean {
  return FORMATS[extension] === "film";
}

export function isPage({ extension }: Output): boolean {
  return FORMATS[extension] === "page";
}

/** @throws UserError, before any work, where one could not be written, or is one of the inputs. */
export function parseOutputs(
  paths: readonly string[],
  inputs: readonly (string | undefined)[],
): Promise<Output[]> {
  return placesOf(paths, { extensions: Object.keys(FORMATS).filter(isExtension), usual: ".png", inputs });
}

/** The contents of an output's file. */
export async function encodeOutput(
  { extension }: Output,
  { final, film, rule, grid, scale, page }: Material,
): Promise<Uint8Array | string> {
  switch (extension) {
    case ".npy":
      return encodeNpy({ shape: [...grid, rule.channels], data: final });
    case ".png":
      return encodePng(stateRaster(final, rule, grid, { scale }));
    case ".gif":
      return encodeGif(filmOf(film));
    case ".webp":
      return encodeWebp(filmOf(film));
    case ".mp4":
      return encodeMp4(filmOf(film));
    case ".html":
      return page();
    default:
      return extension satisfies never;
  }
}

function isExtension(text: string): text is Extension {
  return Object.hasOwn(FORMATS, text);
}
