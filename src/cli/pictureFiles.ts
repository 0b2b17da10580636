/** Pictures and films that commands write, by the ending of the file's name. */
import type { Raster } from "../data/image.ts";
import { encodeGif, encodeMp4, encodePng, encodeSheet, encodeWebp } from "../node/encode.ts";
import { filmOf } from "../render/animation.ts";
import type { Sheet } from "../render/sheet.ts";
import { usageError } from "./values.ts";

export const FILM_EXTENSIONS = [".gif", ".webp", ".mp4"] as const;
export const PICTURE_EXTENSIONS = [".png", ...FILM_EXTENSIONS] as const;
export type PictureExtension = (typeof PICTURE_EXTENSIONS)[number];

/** A picture and a film of the same thing, each made when a file of it is written. */
export type PictureOrFilm = Readonly<{
  picture: () => Raster | Sheet | Promise<Raster | Sheet>;
  /** Frames of one size. */
  film: () => readonly Raster[] | Promise<readonly Raster[]>;
}>;

/** Most pixels of a film, all frames together, that the encoders take. */
const MAX_FILM_PIXELS = 2 ** 28;

export function isFilm(extension: string): boolean {
  return FILM_EXTENSIONS.some((known) => known === extension);
}

/** The contents of a picture's or a film's file. */
export async function encodePicture(
  extension: PictureExtension,
  { picture, film }: PictureOrFilm,
): Promise<Uint8Array> {
  switch (extension) {
    case ".png": {
      const drawn = await picture();
      return "svg" in drawn ? encodeSheet(drawn) : encodePng(drawn);
    }
    case ".gif":
      return encodeGif(filmOf(await film()));
    case ".webp":
      return encodeWebp(filmOf(await film()));
    case ".mp4":
      return encodeMp4(filmOf(await film()));
    default:
      return extension satisfies never;
  }
}

/**
 * @param fewer what makes fewer frames, as advice.
 * @throws UserError (exit status 2) for a picture (one frame) or a film that the encoders do not take.
 */
export function checkFilmSize(
  { width, height, frames }: Readonly<{ width: number; height: number; frames: number }>,
  fewer: string,
): void {
  if (frames * width * height <= MAX_FILM_PIXELS) return;
  const size = `${width} x ${height} pixels`;
  throw usageError(
    frames > 1
      ? `${frames} frames of ${size} are too many; choose a smaller --scale or ${fewer}`
      : `${size} are too many; choose a smaller --scale`,
  );
}
