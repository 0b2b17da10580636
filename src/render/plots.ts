import * as Plot from "@observablehq/plot";
import { chart, headings, thinned, wholeNumber } from "./chart.ts";
import { type LossChart, type LossLine, type LossPoint, TRAINING_CHART } from "./lossChart.ts";
import { colours } from "./theme.ts";

type Point = Readonly<{ step: number; loss: number }>;
type Curve = LossLine & Readonly<{ colour: string; points: readonly Point[]; smooth: readonly Point[] }>;

/** More points than this would be finer than the picture. */
const MAX_POINTS = 1000;
const COLOURS = [colours.accent, colours.ink] as const;
const HEIGHT = 440;
const MARGIN_TOP = 88;
const MARGIN_BOTTOM = 64;
/** Least distance in pixels between two labels, one above the other. */
const LABEL_LINE = 18;

/**
 * Losses over the training steps as an SVG document: those of every step, faint, and their moving geometric mean over
 * 1/40 of the run. The axis is logarithmic; steps whose loss is not a positive number are left out.
 *
 * @param points in order of steps.
 */
export function lossCurve(
  points: readonly LossPoint[],
  { unit, subtitle, lines }: LossChart = TRAINING_CHART,
): string {
  const curves = lines.map((line, i): Curve => {
    const own = points.flatMap((point) => positive(point.step, point[line.field]));
    return { ...line, colour: COLOURS[i], points: own, smooth: movingMean(own, Math.ceil(own.length / 80)) };
  });
  const shown = curves.flatMap((curve) => curve.points);
  const { domain, decades } = logarithmicAxis(shown.map(({ loss }) => loss));
  const shifts = labelShifts(curves, domain);
  const plot = {
    height: HEIGHT,
    marginTop: MARGIN_TOP,
    marginRight: lines.some(({ name }) => name !== undefined) ? 148 : 104,
    marginBottom: MARGIN_BOTTOM,
    marginLeft: 72,
    x: { domain: [0, points.at(-1)?.step || 1] },
    y: { type: "log" as const, domain },
    marks: [
      Plot.gridY(decades, { stroke: colours.grid, strokeOpacity: 1 }),
      Plot.ruleY([domain[0]], { stroke: colours.frame }),
      Plot.axisY(decades, { tickSize: 0, tickPadding: 12, tickFormat: power, label: null }),
      Plot.axisX({ tickSize: 0, tickPadding: 12, ticks: 6, tickFormat: wholeNumber, label: null }),
      ...headings("Loss", subtitle),
      Plot.text([unit], { frameAnchor: "bottom-right", dy: 46 }),
      // The first on top.
      ...curves.map((curve, i) => drawn(curve, shifts[i])).toReversed(),
      Plot.text(shown.length === 0 ? [`no ${unit}s yet`] : [], { frameAnchor: "middle", fontSize: 15 }),
    ],
  };
  return chart([{ plot }]);
}

function positive(step: number, loss: unknown): Point[] {
  return typeof loss === "number" && loss > 0 && loss < Infinity ? [{ step, loss }] : [];
}

/** A curve, with the value at its end. */
function drawn({ name, colour, points, smooth }: Curve, dy: number): Plot.Markish {
  const end = smooth.slice(-1);
  const place = { x: "step", y: "loss" } as const;
  const faint = thinned(points, ({ loss }) => loss, MAX_POINTS);
  const label = ({ loss }: Point) => [name, scientific(loss)].filter(Boolean).join(" ");
  return [
    Plot.lineY(faint, { ...place, stroke: colour, strokeOpacity: 0.28, strokeWidth: 1 }),
    Plot.lineY(everyNth(smooth), { ...place, stroke: colour, strokeWidth: 2.25 }),
    Plot.dot(end, { ...place, r: 4, fill: colour }),
    Plot.text(end, {
      ...place,
      text: label,
      textAnchor: "start",
      dx: 11,
      dy,
      fill: colour,
      fontSize: 14,
      fontWeight: 600,
    }),
  ];
}

/** How far down each curve's label moves, so that two do not overlap. */
function labelShifts(curves: readonly Curve[], [low, high]: readonly [number, number]): number[] {
  const scale = (HEIGHT - MARGIN_TOP - MARGIN_BOTTOM) / Math.log10(high / low);
  const heights = curves.map(({ smooth }) => scale * Math.log10(high / (smooth.at(-1)?.loss ?? low)));
  if (heights.length < 2) return heights.map(() => 0);
  const gap = heights[1] - heights[0];
  const push = Math.max(0, LABEL_LINE - Math.abs(gap)) / 2;
  return gap < 0 ? [push, -push] : [-push, push];
}

/** The range of the values, widened to whole decades where it would hold fewer than two; and the decades in it. */
function logarithmicAxis(values: readonly number[]): { domain: [number, number]; decades: number[] } {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  const tight = [Math.ceil(Math.log10(low / 1.25)), Math.floor(Math.log10(high * 1.25))];
  const wide = [Math.floor(Math.log10(low)), Math.floor(Math.log10(high)) + 1];
  const isTight = tight[1] > tight[0];
  const [from, to] = values.length === 0 ? [-1, 0] : isTight ? tight : wide;
  const stride = Math.ceil((to - from) / 6);
  const decades = Array.from(
    { length: Math.floor((to - from) / stride) + 1 },
    (_, i) => 10 ** (to - i * stride),
  );
  return { domain: isTight ? [low / 1.25, high * 1.25] : [10 ** from, 10 ** to], decades };
}

/** Geometric mean of each point and its neighbours up to `reach` to either side. */
function movingMean(points: readonly Point[], reach: number): Point[] {
  const sums = [0];
  for (const { loss } of points) sums.push(sums[sums.length - 1] + Math.log10(loss));
  return points.map(({ step }, i) => {
    const from = Math.max(0, i - reach);
    const to = Math.min(points.length, i + reach + 1);
    return { step, loss: 10 ** ((sums[to] - sums[from]) / (to - from)) };
  });
}

function everyNth(points: readonly Point[]): Point[] {
  const stride = Math.ceil(points.length / MAX_POINTS);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

const superscript = (exponent: number) => String(exponent).replaceAll(/./g, (digit) => SUPERSCRIPTS[digit]);

const power = (value: number) => `10${superscript(Math.round(Math.log10(value)))}`;

function scientific(value: number): string {
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${digits} × 10${superscript(Number(exponent))}`;
}
