import type { Raster } from "../data/image.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { stateRaster, type Colour } from "./rgba.ts";

/** A film: opaque RGBA frames of one size, and how long each is shown in milliseconds. */
export type Animation = Readonly<{
  width: number;
  height: number;
  frames: readonly Raster["data"][];
  delays: readonly number[];
}>;

export type AnimationOptions = Readonly<{
  /** Pixels per cell and side. Default 4. */
  scale?: number;
  /** Default white. */
  background?: Colour;
  /** How long a state is shown, in milliseconds; GIF rounds to 10. Default 40. */
  delay?: number;
  /** How long the last state is shown, in milliseconds. Default 1500. */
  hold?: number;
}>;

/** The film of a rollout: its states, each of shape (H, W, C), in order. */
export function animate(
  states: readonly Float32Array[],
  rule: Rule,
  grid: Grid,
  { scale = 4, background = [255, 255, 255], delay = 40, hold = 1500 }: AnimationOptions = {},
): Animation {
  return {
    width: grid[1] * scale,
    height: grid[0] * scale,
    frames: states.map((state) => stateRaster(state, rule, grid, { scale, background }).data),
    delays: states.map((_, index) => (index === states.length - 1 ? hold : delay)),
  };
}
