import type { Raster } from "../data/image.ts";
import type { Animation } from "../render/animation.ts";
import type { Colour } from "../render/rgba.ts";

/** Most pixels of a film, all frames together, that the encoders take. */
export const MAX_FILM_PIXELS = 2 ** 28;

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
