/** What the hidden units of an automaton's network answer, over time and in space. */
import type { Plane } from "../rule/grid.ts";
import { keySheet, scaleFor, stackSheets, textSheet } from "./compose.ts";
import { gridRaster, magnitude, sequential, shortNumber } from "./scale.ts";
import { layoutSheet, MARGIN, type Sheet, sheetOf } from "./sheet.ts";
import { labelsWithRoom, textOutline, textWidth } from "./text.ts";
import { colours } from "./theme.ts";

export type HiddenActivity = Readonly<{
  /** Activations at the cells, shape (steps.length, cells, units). */
  activations: Float32Array;
  steps: readonly number[];
  cells: readonly (readonly [row: number, column: number])[];
  /** Steps after which there was damage. */
  damagedAt: readonly number[];
  grid: Plane;
  /** Units, and their activations in each cell of the last state, shape (H, W). */
  maps: readonly Readonly<{ unit: number; activations: Float32Array }>[];
}>;

const GAP = 36;
const CAPTION_SIZE = 22;
const CAPTION_HEIGHT = 36;
const TICK_SIZE = 18;
const TICK_HEIGHT = 36;
/** Heat maps in a row, and about how large they become in pixels. */
const COLUMNS = 3;
const MAP_WIDTH = 420;
const MAP_HEIGHT = 400;
/** Units in a row. */
const UNIT_COLUMNS = 6;
/** A share of the activations, the largest, takes the darkest colour. */
const OUTLIERS = 0.005;
/** About how many numbers of a unit's activity are compared with another's. */
const COMPARED = 200;

/**
 * Heat maps of all hidden units, time to the right, one for each cell; and maps of some of the units in the last state.
 * In the heat maps, units that answer alike stand beside each other, in the same order for all cells.
 */
export function hiddenSheet(drawing: HiddenActivity): Sheet {
  const { maps, grid, activations, steps, cells } = drawing;
  const largest = magnitude(activations, OUTLIERS);
  const scale = scaleFor(grid, UNIT_COLUMNS);
  const panels = maps.map((map) => {
    const most = magnitude(map.activations);
    const picture = gridRaster(grid, (n) => sequential(map.activations[n] / most), scale);
    return { caption: `unit ${map.unit}`, picture };
  });
  const units = activations.length / (steps.length * cells.length);
  return stackSheets([
    textSheet(`${units} hidden units over time, a row for each, those that answer alike beside each other`),
    heatMaps(drawing, units, largest),
    keySheet([{ scale: sequential, low: 0, from: "0", to: shortNumber(largest) }]),
    ...(panels.length > 0
      ? [textSheet("Where the most active ones answer in the last state"), layoutSheet(panels)]
      : []),
  ]);
}

function heatMaps(
  { activations, steps, cells, damagedAt }: HiddenActivity,
  units: number,
  largest: number,
): Sheet {
  const samples = steps.length;
  const rows = activations.length / units;
  const stride = Math.ceil(rows / COMPARED);
  const order = seriation(
    Array.from({ length: units }, (_, unit) =>
      Float32Array.from(
        { length: Math.ceil(rows / stride) },
        (_n, i) => activations[i * stride * units + unit],
      ),
    ),
  );
  const scale = [
    Math.max(1, Math.floor(MAP_HEIGHT / units)),
    Math.max(1, Math.floor(MAP_WIDTH / samples)),
  ] as const;
  const [height, width] = [units * scale[0], samples * scale[1]];
  const across = width + GAP;
  const down = CAPTION_HEIGHT + height + TICK_HEIGHT + GAP;
  const placed = cells.map((cell, i) => ({
    cell,
    left: MARGIN + (i % COLUMNS) * across,
    top: MARGIN + Math.floor(i / COLUMNS) * down + CAPTION_HEIGHT,
    picture: gridRaster(
      [units, samples],
      (n) => {
        const [unit, sample] = [order[Math.floor(n / samples)], n % samples];
        return sequential(activations[(sample * cells.length + i) * units + unit] / largest);
      },
      scale,
    ),
  }));
  const drawings = placed.flatMap(({ cell: [row, column], left, top }) => [
    textOutline(`row ${row}, column ${column}`, {
      x: left + width / 2,
      y: top - 14,
      size: CAPTION_SIZE,
      fill: colours.muted,
      anchor: "middle",
    }),
    ...timeAxis({ left, top: top + height, width }, steps[samples - 1], damagedAt),
  ]);
  return sheetOf(
    2 * MARGIN + Math.min(COLUMNS, cells.length) * across - GAP,
    2 * MARGIN + Math.ceil(cells.length / COLUMNS) * down - GAP,
    drawings,
    placed.map(({ left, top, picture }) => ({ left, top, picture })),
  );
}

/** Marks at the damage, and the steps of these, of the first and of the last, as far as there is room for them. */
function timeAxis(
  { left, top, width }: Readonly<{ left: number; top: number; width: number }>,
  last: number,
  damagedAt: readonly number[],
): string[] {
  const style = { y: top + TICK_HEIGHT - 10, size: TICK_SIZE, fill: colours.muted };
  const marks = damagedAt.map((step) => ({ x: left + (step / last) * width, text: `damage ${step}` }));
  const ends = ["0", String(last)].map((text) => textWidth(text, TICK_SIZE) + TICK_SIZE);
  const named = labelsWithRoom(marks, TICK_SIZE, [left + ends[0], left + width - ends[1]]);
  return [
    ...marks.map(({ x }) => `<path d="M${x} ${top}v8" stroke="${colours.ink}" stroke-width="2"/>`),
    ...named.map(({ text, x }) => textOutline(text, { ...style, x, anchor: "middle" })),
    textOutline("0", { ...style, x: left }),
    textOutline(String(last), { ...style, x: left + width, anchor: "end" }),
  ];
}

/**
 * An order in which units that answer alike stand beside each other: from the one whose activity lies earliest, always
 * on to the one most similar to the last, by the cosine between their activities. Silent units come last.
 *
 * @param activities of each unit, over steps and cells.
 */
export function seriation(activities: readonly Float32Array[]): number[] {
  const lengths = activities.map((activity) => Math.sqrt(dot(activity, activity)));
  const left = new Set([...activities.keys()].filter((unit) => lengths[unit] > 0));
  const silent = [...activities.keys()].filter((unit) => !left.has(unit));
  const order: number[] = [];
  while (left.size > 0) {
    const last = order.at(-1);
    const fitness = (unit: number) =>
      last === undefined
        ? -meanPosition(activities[unit])
        : dot(activities[last], activities[unit]) / lengths[unit];
    let [best, most] = [-1, -Infinity];
    for (const unit of left) {
      const fit = fitness(unit);
      if (best < 0 || fit > most) [best, most] = [unit, fit];
    }
    order.push(best);
    left.delete(best);
  }
  return [...order, ...silent];
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Index at which the values lie on average. */
function meanPosition(values: Float32Array): number {
  let [sum, weighted] = [0, 0];
  values.forEach((value, i) => {
    sum += value;
    weighted += value * i;
  });
  return weighted / sum;
}
