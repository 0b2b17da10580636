import * as Plot from "@observablehq/plot";
import { chart, headings, thinned, wholeNumber } from "./chart.ts";
import { colours } from "./theme.ts";

/** What a loss curve needs of a training step's metrics. */
export type LossPoint = Readonly<{ step: number; loss: number | null }>;
type Point = Readonly<{ step: number; loss: number }>;

/** More points than this would be finer than the picture. */
const MAX_POINTS = 1000;

/**
 * The loss over the training steps as an SVG document: that of every step, faint, and its moving geometric mean over
 * 1/40 of the run. The axis is logarithmic; steps whose loss is not a positive number are left out.
 *
 * @param points in order of steps.
 */
export function lossCurve(points: readonly LossPoint[]): string {
  const shown = points.flatMap(({ step, loss }) =>
    loss !== null && loss > 0 && loss < Infinity ? [{ step, loss }] : [],
  );
  const smooth = movingMean(shown, Math.ceil(shown.length / 80));
  const end = smooth.slice(-1);
  const { domain, decades } = logarithmicAxis(shown.map(({ loss }) => loss));
  const plot = {
    height: 440,
    marginTop: 88,
    marginRight: 104,
    marginBottom: 64,
    marginLeft: 72,
    x: { domain: [0, points.at(-1)?.step || 1] },
    y: { type: "log" as const, domain },
    marks: [
      Plot.gridY(decades, { stroke: colours.grid, strokeOpacity: 1 }),
      Plot.ruleY([domain[0]], { stroke: colours.frame }),
      Plot.axisY(decades, { tickSize: 0, tickPadding: 12, tickFormat: power, label: null }),
      Plot.axisX({ tickSize: 0, tickPadding: 12, ticks: 6, tickFormat: wholeNumber, label: null }),
      ...headings("Loss", "of every training step, and its moving mean"),
      Plot.text(["training step"], { frameAnchor: "bottom-right", dy: 46 }),
      Plot.lineY(
        thinned(shown, ({ loss }) => loss, MAX_POINTS),
        {
          x: "step",
          y: "loss",
          stroke: colours.accent,
          strokeOpacity: 0.28,
          strokeWidth: 1,
        },
      ),
      Plot.lineY(everyNth(smooth), { x: "step", y: "loss", stroke: colours.accent, strokeWidth: 2.25 }),
      Plot.dot(end, { x: "step", y: "loss", r: 4, fill: colours.accent }),
      Plot.text(end, {
        x: "step",
        y: "loss",
        text: ({ loss }: Point) => scientific(loss),
        textAnchor: "start",
        dx: 11,
        fill: colours.accent,
        fontSize: 14,
        fontWeight: 600,
      }),
      Plot.text(shown.length === 0 ? ["no training steps yet"] : [], { frameAnchor: "middle", fontSize: 15 }),
    ],
  };
  return chart([{ plot }]);
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
