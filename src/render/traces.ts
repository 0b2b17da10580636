/** Charts of a run: channels of a cell, living cells and the norm of the state over time. */
import * as Plot from "@observablehq/plot";
import type { ChannelStyle } from "./channels.ts";
import {
  chart,
  CHART_TEXT_SIZE,
  CHART_WIDTH,
  type ChartPanel,
  headings,
  LEGEND_LINE,
  type LegendEntry,
  thinned,
  wholeNumber,
} from "./chart.ts";
import { labelsWithRoom } from "./text.ts";
import { colours } from "./theme.ts";

/** Damage in a chart: a vertical rule after a step. */
export type DamageMark = Readonly<{ kind: string; step: number }>;

/** A line of a chart: its values after steps 0, 1, 2, ... */
export type TimeSeries = LegendEntry & Readonly<{ values: ArrayLike<number> }>;

const margins = { marginTop: 88, marginRight: 132, marginBottom: 64, marginLeft: 72 };

/** More points than this would be finer than the picture. */
const MAX_POINTS = 1000;

/**
 * The values of a cell's channels over time as an SVG document: those of the picture above, hidden ones below.
 *
 * @param values shape (steps + 1, C).
 */
export function cellChart(
  [row, column]: readonly [number, number],
  values: Float32Array,
  styles: readonly ChannelStyle[],
  damage: readonly DamageMark[],
): string {
  const series = styles.map((style, channel) => ({
    ...style,
    values: values.filter((_, i) => i % styles.length === channel),
  }));
  const subtitle = `channels of the cell in row ${row}, column ${column}`;
  const panels = [
    { title: "Picture", visible: true, height: 300 },
    { title: "Hidden state", visible: false, height: 440 },
  ].map(({ visible, ...panel }) => ({
    ...panel,
    subtitle,
    series: series.filter((channel) => channel.visible === visible),
  }));
  return chart(panels.filter((panel) => panel.series.length > 0).map((panel) => timePanel(panel, damage)));
}

/** Living cells and the norm of the state over time as an SVG document. All are values after steps 0, 1, 2, ... */
export function countsChart(
  { mature, growing, norms }: Readonly<Record<"mature" | "growing" | "norms", ArrayLike<number>>>,
  damage: readonly DamageMark[],
): string {
  const living = {
    title: "Living cells",
    subtitle: "mature: alpha exceeds the threshold; growing: only a neighbour's does",
    height: 320,
    series: [
      { name: "mature", colour: colours.accent, values: mature },
      { name: "growing", colour: "#d5753a", values: growing },
    ],
  };
  const norm = {
    title: "Norm of the state",
    subtitle: "root of the sum of squares over all cells and channels",
    height: 320,
    series: [{ name: "norm", colour: colours.ink, values: norms }],
  };
  return chart([living, norm].map((panel) => timePanel(panel, damage)));
}

type TimePanel = Readonly<{ title: string; subtitle: string; height: number; series: readonly TimeSeries[] }>;

function timePanel(
  { title, subtitle, height, series }: TimePanel,
  damage: readonly DamageMark[],
): ChartPanel {
  const steps = series[0].values.length - 1;
  const across = (step: number) => (step / steps) * (CHART_WIDTH - margins.marginLeft - margins.marginRight);
  const named = labelsWithRoom(
    damage.map(({ kind, step }) => ({ step, text: kind, x: across(step) })),
    CHART_TEXT_SIZE,
    [-margins.marginLeft, CHART_WIDTH],
  );
  const domain = rangeOf(series);
  const large = Math.max(...domain.map(Math.abs)) >= 1e5;
  return {
    legend: series,
    plot: {
      ...margins,
      height: Math.max(height, margins.marginTop + series.length * LEGEND_LINE + 16),
      x: { domain: [0, steps] },
      y: { domain, nice: true },
      marks: [
        Plot.gridY({ stroke: colours.grid, strokeOpacity: 1 }),
        Plot.ruleY([0], { stroke: colours.frame }),
        Plot.axisY({ tickSize: 0, tickPadding: 12, label: null, ...(large && { tickFormat: compact }) }),
        Plot.axisX({ tickSize: 0, tickPadding: 12, ticks: 6, tickFormat: wholeNumber, label: null }),
        ...headings(title, subtitle),
        Plot.text(["step"], { frameAnchor: "bottom-right", dy: 46 }),
        Plot.ruleX(damage, { x: "step", stroke: colours.ink, strokeOpacity: 0.55, strokeDasharray: "4 3" }),
        ...series.map(line),
        Plot.text(named, { x: "step", text: "text", frameAnchor: "top", dy: -18, fill: colours.ink }),
      ],
    },
  };
}

/** A large number, as 1.5M. */
const compact = (value: number) =>
  value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** What is not finite leaves a gap. */
function line({ values, colour, dash = [] }: TimeSeries): Plot.Markish {
  const points = Array.from(values, (value, step) => ({
    step,
    value: Number.isFinite(value) ? value : NaN,
  }));
  const shown = thinned(points, ({ value }) => value, MAX_POINTS);
  const stroke = { stroke: colour, strokeWidth: 1.75, strokeDasharray: dash.join(" ") };
  return Plot.lineY(shown, { x: "step", y: "value", ...stroke });
}

/** The range of all finite values, and 0. */
function rangeOf(series: readonly TimeSeries[]): [number, number] {
  let [low, high] = [0, 0];
  for (const { values } of series) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
  }
  return low < high ? [low, high] : [-1, 1];
}
