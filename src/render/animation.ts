import type { Raster } from "../data/image.ts";

/** A film: opaque RGBA frames of one size, and how long each is shown in milliseconds. */
export type Animation = Readonly<{
  width: number;
  height: number;
  frames: readonly Raster["data"][];
  delays: readonly number[];
}>;
