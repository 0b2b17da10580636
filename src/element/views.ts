/** What can be drawn of a state. */
import type { Raster } from "../data/image.ts";
import { cellKinds } from "../experiments/cells.ts";
import { stateRaster } from "../render/rgba.ts";
import { diverging, gridRaster, magnitude } from "../render/scale.ts";
import { cellColours } from "../render/stateSheets.ts";
import type { Grid, Rule } from "../rule/rule.ts";

/** Draws a state of shape (H, W, C), in the proportions of its grid. */
export type View = (state: Float32Array, rule: Rule, grid: Grid) => Raster;

/** Views by name; what follows a colon in `name:argument` is handed on, else "". */
export type Views = Readonly<Record<string, (argument: string) => View>>;

/** What the model was trained to draw. */
export const picture: View = (state, rule, grid) => stateRaster(state, rule, grid);

/** Which cells are mature, growing or empty. */
const alive: View = (state, rule, grid) => {
  const kinds = cellKinds(rule, grid, state);
  return gridRaster(grid, (n) => cellColours[kinds[n]]);
};

/** One channel, from blue through 0 to red, up to the magnitude that nearly all cells stay within; beyond the last, the last. */
function channel(index: number): View {
  return (state, { channels }, grid) => {
    const own = Math.min(index, channels - 1);
    const field = state.filter((_, i) => i % channels === own);
    const largest = magnitude(field);
    return gridRaster(grid, (n) => diverging(field[n] / largest));
  };
}

/** `alive`, and `channel:0` and so on. */
export const views: Views = {
  alive: () => alive,
  channel: (argument) => channel(Math.max(0, Math.floor(Number(argument))) || 0),
};
