import type { Raster } from "../data/image.ts";
import type { Colour } from "./rgba.ts";

/** A film: opaque RGBA frames of one size, and how long each is shown in milliseconds. */
export type Animation = Readonly<{
  width: number;
  height: number;
  frames: readonly Raster["data"][];
  delays: readonly number[];
}>;

/** Behind the pictures of films. */
export const FILM_BACKGROUND: Colour = [255, 255, 255];

const FRAME_MILLISECONDS = 40;
const LAST_FRAME_MILLISECONDS = 1500;

/** The film of pictures of one size, at 25 a second; the last one stays longer. */
export function filmOf(pictures: readonly Raster[]): Animation {
  const [{ width, height }] = pictures;
  return {
    width,
    height,
    frames: pictures.map(({ data }) => data),
    delays: pictures.map((_, i) => (i < pictures.length - 1 ? FRAME_MILLISECONDS : LAST_FRAME_MILLISECONDS)),
  };
}
