/** What can be drawn of a state. */
import type { Automaton } from "../step/step.ts";
import { cellKinds } from "../analysis/cells.ts";
import { hiddenCount } from "../analysis/hiddenUnits.ts";
import { stateRaster } from "../render/rgba.ts";
import { gridRaster } from "../render/scale.ts";
import { cellColours } from "../render/stateSheets.ts";
import { type Readout, shownReadout } from "../model/readout.ts";
import { kernelCount } from "../rule/parts/perceive.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { hiddenOf, perceptionOf, updateOf } from "./stepInternals.ts";
import { drawTiles, fieldsOf, signed, type TiledRaster, unsigned } from "./tiles.ts";

export type { TiledRaster };

/** What cells run beside their rule: parameters, input, and guest models (`graft`); and how their states are looked at. */
export type ViewContext = Omit<Automaton, "rule" | "grid"> & Readonly<{ readout: Readout | null }>;

/** What a graphics device draws without that a state is read back: of channels, those numbers. */
export type DeviceView =
  | Readonly<{ kind: "picture" | "alive" }>
  | Readonly<{ kind: "channels"; channels: (count: number) => readonly number[] }>;

/** Draws a state of shape (H, W, C). */
export type View = {
  (state: Float32Array, rule: Rule, grid: Plane, context: ViewContext): TiledRaster;
  /** How a graphics device draws the same; default: states are read back. */
  readonly onDevice?: DeviceView;
};

/** Views by name; the argument is what follows the colon in `name:argument`, else "". */
export type Views = Readonly<Record<string, (argument: string) => View>>;

/** A view that a graphics device draws, too. */
function drawnBy(onDevice: DeviceView, view: View): View {
  return Object.assign(view, { onDevice });
}

/** What the model was trained to draw; of one without a picture, the alive channel, in grey. */
export const picture: View = drawnBy({ kind: "picture" }, (state, rule, grid, { readout }) =>
  stateRaster(state, { rule, readout: shownReadout({ rule, readout }) }, grid),
);

/** Which cells are mature, growing or empty. */
const alive: View = drawnBy({ kind: "alive" }, (state, rule, grid) => {
  const kinds = cellKinds(rule, grid, state);
  return gridRaster(grid, (n) => cellColours[kinds[n]]);
});

/** Channels, from blue through 0 to red, each on a scale that ends where few of its cells lie beyond. */
function channels(argument: string): View {
  const shown = (count: number) => chosen(argument, count);
  return drawnBy({ kind: "channels", channels: shown }, (state, rule, grid) =>
    drawTiles(grid, fieldsOf(state, rule.channels, shown(rule.channels)), signed, false),
  );
}

/** What cells perceive, in the colours of channels: all of it (""), of one kernel, or of "kernel:channel". */
function perception(argument: string): View {
  const [kernel, channel = ""] = argument.split(":");
  return (state, rule, grid, context) => {
    const P = perceptionOf(automatonOf(rule, grid, context), state);
    const K = kernelCount(rule);
    const features = chosen(kernel, K).flatMap((k) => chosen(channel, rule.channels).map((c) => c * K + k));
    return drawTiles(grid, fieldsOf(P, rule.channels * K + rule.inputSize, features), signed, false);
  };
}

/** Hidden units, from 0 through green to black, all on one scale. */
function hidden(argument: string): View {
  return (state, rule, grid, context) => {
    const units = hiddenCount(rule);
    const values = hiddenOf(automatonOf(rule, grid, context), state);
    return drawTiles(grid, fieldsOf(values, units, chosen(argument, units)), unsigned, true);
  };
}

/** What a step adds to the channels of a cell that fires, in their colours, all on one scale. */
function update(argument: string): View {
  return (state, rule, grid, context) => {
    const values = updateOf(automatonOf(rule, grid, context), state);
    return drawTiles(grid, fieldsOf(values, rule.channels, chosen(argument, rule.channels)), signed, true);
  };
}

/** All indices below a count, or the one asked for; for one beyond the last, the last. */
function chosen(argument: string, count: number): number[] {
  if (argument === "" || count === 0) return [...Array(count).keys()];
  return [Math.min(count - 1, Math.max(0, Math.floor(Number(argument))) || 0)];
}

/** Reads each property by name, since those of `context` may be getters. */
function automatonOf(rule: Rule, grid: Plane, { parameters, input, graft }: ViewContext): Automaton {
  return { rule, grid, parameters, input, graft };
}

/**
 * `alive`; `channels`, `perception`, `hidden` and `update`, all as tiles or, by number, one; `channel:0` and so on is
 * one of `channels`. Cells that run a guest model perceive and update by its parameters.
 */
export const views: Views = {
  alive: () => alive,
  channels,
  channel: (argument) => channels(argument || "0"),
  perception,
  hidden,
  update,
};
