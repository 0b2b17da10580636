/** Charts of a sweep: what each setting does to the error. Colours are those of the page's style sheet. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { errorText, type RunRow, runRows, type SweepState, valueText } from "./results.ts";

const WIDTH = 360;
const HEIGHT = 270;
const TEXT_SIZE = 13;
/** Subjects that get a colour each; of more, none does. */
const COLOURS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)"] as const;
/** Times the smallest number of an axis that its largest must be, for it to be logarithmic. */
const LOGARITHMIC = 8;
/** Times the median error that the largest is which a chart has room for. */
const FAR = 100;
/** Values that an axis names one by one. */
const MAX_TICKS = 6;
/** Characters of a value that an axis shows. */
const LONGEST = 14;
/** Pixels from the points of one subject to those of the next, so that none hide the other. */
const BESIDE = 10;

export type SettingChart = Readonly<{ name: string; svg: string }>;

type Point = Readonly<{
  x: unknown;
  error: number;
  colour: string;
  whole: boolean;
  title: string;
  /** Whether its error lies beyond the chart. */
  beyond: boolean;
}>;

/** A chart for each setting that is varied, and one of the subjects where there are several; what colours mean. */
export function settingCharts(state: SweepState): Readonly<{
  figures: SettingChart[];
  legend: readonly Readonly<{ name: string; colour: string }>[];
  /** Whether errors lie beyond the charts. */
  beyond: boolean;
}> {
  const rows = runRows(state);
  const subjects = [...new Set(rows.map(({ run }) => run.subject))];
  const isColoured = subjects.length > 1 && subjects.length <= COLOURS.length;
  const colourOf = (subject: string) => COLOURS[isColoured ? subjects.indexOf(subject) : 0];
  const settings = Object.keys(state.arms[0] ?? {});
  const axes = [
    ...settings.map((name) => ({ name, valueOf: ({ run }: RunRow) => state.arms[run.arm][name] })),
    ...(subjects.length > 1
      ? [{ name: "trained on", valueOf: ({ run }: RunRow): unknown => run.subject }]
      : []),
    ...(settings.length === 0 && subjects.length === 1
      ? [{ name: "seed", valueOf: ({ run }: RunRow): unknown => run.seed }]
      : []),
  ];
  const figures = axes.map(({ name, valueOf }) => {
    const points = rows.flatMap((row): Point[] => {
      const { latest, run } = row;
      if (!latest || latest.error === null) return [];
      const title = `${run.name}\n${valueText(valueOf(row))}\nerror ${errorText(latest.error)} after ${latest.steps} ${state.unit}s`;
      return [
        {
          x: valueOf(row),
          error: latest.error,
          colour: colourOf(run.subject),
          whole: latest.part === 1,
          title,
          beyond: false,
        },
      ];
    });
    return { name, svg: chartOf(name, points) };
  });
  const legend = isColoured ? subjects.map((name) => ({ name, colour: colourOf(name) })) : [];
  const errors = rows.flatMap(({ latest }) => latest?.error ?? []);
  const most = farthestOf(errors);
  return { figures, legend, beyond: errors.some((error) => error > most) };
}

function chartOf(name: string, all: readonly Point[]): string {
  const { document } = parseHTML("<html><body></body></html>");
  const isNumeric = all.every(({ x }) => typeof x === "number");
  const most = farthestOf(all.map(({ error }) => error));
  const points = all.map((point) => ({
    ...point,
    x: isNumeric ? point.x : valueText(point.x),
    error: Math.min(point.error, most),
    beyond: point.error > most,
  }));
  const values = [...new Set(points.map(({ x }) => x))];
  const series = [...new Set(points.map(({ colour }) => colour))];
  const middles = middlesOf(points, values);
  const y = errorAxis(points.map(({ error }) => error));
  const errorTicks = y.type === "log" ? roundNumbers(y.domain) : 5;
  const drawn = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginTop: 20,
    marginRight: 20,
    marginBottom: 40,
    marginLeft: 62,
    ariaLabel: `error by ${name}`,
    style: { fontSize: `${TEXT_SIZE}px`, fontFamily: "inherit", background: "none", color: "var(--quiet)" },
    x: isNumeric ? numericAxis(values.map(Number)) : { type: "point", domain: values, padding: 0.5 },
    y,
    marks: [
      Plot.gridY({ stroke: "var(--faint)", strokeOpacity: 1, ticks: errorTicks }),
      Plot.axisY({ tickSize: 0, tickPadding: 8, ticks: errorTicks, tickFormat: errorText, label: null }),
      Plot.axisX({
        tickSize: 0,
        tickPadding: 12,
        label: null,
        ...(values.length <= MAX_TICKS || !isNumeric ? { ticks: values } : { ticks: 5 }),
        tickFormat: (value: unknown) => shortened(isNumeric ? errorText(Number(value)) : valueText(value)),
      }),
      Plot.line(isNumeric ? middles : [], { ...PLACE, stroke: "var(--line)", strokeWidth: 2 }),
      Plot.dot(middles, {
        ...PLACE,
        symbol: DASH,
        r: 13,
        stroke: "var(--ink)",
        strokeWidth: 2,
        title: ({ error }: Middle) => `median error ${errorText(error)}`,
      }),
      ...series.flatMap((colour, i) => {
        const own = points.filter((point) => point.colour === colour);
        const look = {
          ...PLACE,
          dx: BESIDE * (i - (series.length - 1) / 2),
          r: 4.5,
          fill: ({ whole }: Point) => (whole ? colour : "var(--screen)"),
          stroke: colour,
          strokeWidth: 1.5,
          fillOpacity: 0.75,
          title: "title",
        };
        return [
          Plot.dot(
            own.filter(({ beyond }) => !beyond),
            look,
          ),
          Plot.dot(
            own.filter(({ beyond }) => beyond),
            { ...look, symbol: "triangle" },
          ),
        ];
      }),
      Plot.text(points.length === 0 ? ["nothing measured yet"] : [], { frameAnchor: "middle" }),
    ],
    color: { type: "identity" },
  });
  drawn.querySelector("style")?.remove();
  drawn.removeAttribute("width");
  drawn.removeAttribute("height");
  return drawn.outerHTML;
}

const PLACE = { x: "x", y: "error" } as const;

type Middle = Readonly<{ x: unknown; error: number }>;

/** The largest error that a chart has room for. */
function farthestOf(errors: readonly number[]): number {
  return FAR * (middleOf(errors) ?? 0) || Infinity;
}

/** The median; undefined of none. */
function middleOf(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[half]
    : sorted.length > 0
      ? (sorted[half - 1] + sorted[half]) / 2
      : undefined;
}

/** The median error at each value; none where values are drawn at random, and it would be that of one run. */
function middlesOf(points: readonly Point[], values: readonly unknown[]): Middle[] {
  if (2 * values.length > points.length) return [];
  const middles = values.map((x) => {
    const own = points.filter((point) => point.x === x).map(({ error }) => error);
    return { x, error: middleOf(own) ?? 0 };
  });
  return middles.toSorted((a, b) => Number(a.x) - Number(b.x));
}

/** What is used of a canvas path. */
type Path = Readonly<Record<"moveTo" | "lineTo", (x: number, y: number) => void>>;

/** A horizontal stroke as wide as a circle of that area. */
const DASH = {
  draw(context: Path, size: number) {
    const reach = Math.sqrt(size / Math.PI);
    context.moveTo(-reach, 0);
    context.lineTo(reach, 0);
  },
};

/** A linear or logarithmic axis with room for a point at either end. */
function numericAxis(values: readonly number[]): Plot.ScaleOptions {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) return { domain: [0, 1] };
  if (low === high) return { domain: [low - 1, high + 1] };
  if (isLogarithmic(low, high)) {
    const room = (high / low) ** 0.08;
    return { type: "log", domain: [low / room, high * room] };
  }
  const room = 0.08 * (high - low);
  return { domain: [low - room, high + room] };
}

/** 1, 2 and 5 of each power of ten in a range; over three decades or more, the powers alone. */
function roundNumbers([low, high]: readonly [number, number]): number[] {
  const digits = high >= 1000 * low ? [1] : [1, 2, 5];
  const [first, last] = [low, high].map((value) => Math.floor(Math.log10(value)));
  return Array.from({ length: last - first + 1 }, (_, i) => digits.map((digit) => digit * 10 ** (first + i)))
    .flat()
    .filter((value) => value >= low && value <= high);
}

type ErrorAxis = Readonly<{ type?: "log"; domain: [number, number]; nice?: boolean }>;

function errorAxis(errors: readonly number[]): ErrorAxis {
  if (errors.length === 0) return { domain: [0, 1] };
  const [low, high] = [Math.min(...errors), Math.max(...errors)];
  if (isLogarithmic(low, high)) return { type: "log", domain: [low / 1.15, high * 1.15] };
  const room = 0.08 * (high - low || Math.abs(high) || 1);
  return { domain: [low >= 0 ? Math.max(0, low - room) : low - room, high + room], nice: true };
}

function isLogarithmic(low: number, high: number): boolean {
  return low > 0 && high >= LOGARITHMIC * low;
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
