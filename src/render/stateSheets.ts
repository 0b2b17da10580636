/** Sheets of states: which cells fire, which live, and what all channels hold. */
import { fireLimit, fires } from "../random.ts";
import type { PictureLayout } from "../model/readout.ts";
import type { Plane } from "../rule/grid.ts";
import { channelStyles } from "./channels.ts";
import { keySheet, scaleFor, stackSheets } from "./compose.ts";
import { type Colour, stateRaster } from "./rgba.ts";
import { diverging, gridRaster, magnitude, rangeInWords } from "./scale.ts";
import { layoutSheet, layoutTable, type Sheet } from "./sheet.ts";

/** A state of shape (H, W, C), and what to call it. */
export type SheetState = Readonly<{ heading: string; state: Float32Array }>;

const EMPTY: Colour = [245, 244, 240];
const GROWING: Colour = [236, 146, 106];
const MATURE: Colour = [12, 92, 83];
const QUIET: Colour = [74, 140, 216];
/** By the kind of a cell: 0 empty, 1 growing, 2 mature. */
export const cellColours: readonly Colour[] = [EMPTY, GROWING, MATURE];

/** Headings for states after some steps: the step, or how many it is after the last damage; the last one is always a step. */
export function stepHeadings(steps: readonly number[], damagedAt: readonly number[]): string[] {
  return steps.map((step, i) => {
    const last = damagedAt.filter((at) => at <= step).reduce((a, b) => Math.max(a, b), -1);
    if (step === last) return "damaged";
    return last < 0 || i === steps.length - 1 ? String(step) : `+${step - last}`;
  });
}

/**
 * The picture in a state, with the cells painted over that do not fire in a step, at several fire rates: the masks that
 * all engines draw for the first sample of a rollout.
 */
export function fireSheet(
  layout: PictureLayout,
  grid: Plane,
  state: Float32Array,
  { seed, step, rates }: Readonly<{ seed: number; step: number; rates: readonly number[] }>,
): Sheet {
  const scale = scaleFor(grid, rates.length);
  const { data } = stateRaster(state, layout, grid, { background: EMPTY });
  const panels = rates.map((rate) => {
    const fired = firedCells(grid, rate, seed, step);
    const share = fired.filter(Boolean).length / fired.length;
    const colourOf = (n: number): Colour =>
      fired[n] ? [data[n * 4], data[n * 4 + 1], data[n * 4 + 2]] : QUIET;
    return {
      caption: `rate ${rate}: ${(100 * share).toFixed(1)}% fire`,
      picture: gridRaster(grid, colourOf, scale),
    };
  });
  return stackSheets([
    layoutSheet(panels),
    keySheet([{ colour: QUIET, text: "does not fire in this step" }]),
  ]);
}

/** Whether each cell fires in a step, at a fire rate. */
export function firedCells([height, width]: Plane, rate: number, seed: number, step: number): boolean[] {
  const limit = fireLimit(rate);
  return Array.from({ length: height * width }, (_, n) => fires(limit, seed, 0, step, n));
}

/**
 * The picture in some states, and below each what its cells are.
 *
 * @param kinds of the cells of each state, shape (H, W): 0 empty, 1 growing, 2 mature.
 */
export function cellsSheet(
  layout: PictureLayout,
  grid: Plane,
  looks: readonly SheetState[],
  kinds: readonly Uint8Array[],
): Sheet {
  const scale = scaleFor(grid, looks.length);
  const table = layoutTable(
    looks.map(({ heading }) => heading),
    [
      { label: "picture", pictures: looks.map(({ state }) => stateRaster(state, layout, grid, { scale })) },
      { label: "cells", pictures: kinds.map((kind) => gridRaster(grid, (n) => cellColours[kind[n]], scale)) },
    ],
  );
  const key = keySheet([
    { colour: MATURE, text: "mature" },
    { colour: GROWING, text: "growing" },
    { colour: EMPTY, text: "empty" },
  ]);
  return stackSheets([table, key]);
}

/** Every channel of some states. A row notes its channel's range; its scale ends where few values lie beyond. */
export function channelsSheet(layout: PictureLayout, grid: Plane, looks: readonly SheetState[]): Sheet {
  const { channels } = layout.rule;
  const scale = scaleFor(grid, looks.length);
  const rows = channelStyles(layout).map(({ name }, channel) => {
    const fields = looks.map(({ state }) => state.filter((_, i) => i % channels === channel));
    const values = fields.flatMap((field) => [...field]);
    const largest = magnitude(values);
    return {
      label: name,
      notes: [rangeInWords(values)],
      pictures: fields.map((field) => gridRaster(grid, (n) => diverging(field[n] / largest), scale)),
    };
  });
  const table = layoutTable(
    looks.map(({ heading }) => heading),
    rows,
  );
  return stackSheets([table, keySheet([{ scale: diverging, low: -1, from: "below 0", to: "above 0" }])]);
}
