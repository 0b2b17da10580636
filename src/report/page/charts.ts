/** The charts of a report: one cursor for all of them. */
import uPlot from "uplot";
import type { ReportData } from "../document.ts";

/** A line of a chart; no colour stands for that of the text. */
export type Line = Readonly<{
  name: string;
  colour?: string;
  dash?: readonly number[];
  values: readonly (number | null)[];
}>;

export type ChartOptions = Readonly<{
  /** Where it goes; it takes all the width there is. */
  place: HTMLElement;
  title: string;
  height: number;
  lines: readonly Line[];
  data: ReportData;
  /** Called with the step under the pointer, and with undefined when it leaves. */
  onStep: (step: number | undefined) => void;
}>;

const SYNC = "run";

/** A colour of the page's theme. */
function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * Draws a chart, which follows the width of its place and the theme of the page. A click on a name in the legend shows
 * that line alone, here and in other charts that have a line of this name.
 */
export function drawChart({ place, title, height, lines, data, onStep }: ChartOptions): uPlot {
  const { steps, damage } = data;
  const axis: uPlot.Axis = {
    stroke: () => themeColour("quiet"),
    grid: { stroke: () => themeColour("line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const options: uPlot.Options = {
    width: Math.max(200, place.clientWidth),
    height,
    padding: [damage.length > 0 ? 22 : 8, 12, 0, 0],
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 30 },
      { ...axis, size: 48, values: (_, ticks) => ticks.map(compactNumber) },
    ],
    series: [
      { label: "step", value: (_, value) => (value === null ? "" : String(value)) },
      ...lines.map(({ name, colour, dash = [] }): uPlot.Series => {
        const stroke = () => colour ?? themeColour("ink");
        return {
          label: name,
          stroke,
          width: 1.5,
          dash: [...dash],
          points: { show: false },
          value: (_, value) => valueText(value),
        };
      }),
    ],
    legend: {
      isolate: true,
      markers: { width: 0, fill: (_, series) => markerOf(lines[series - 1]) },
    },
    cursor: {
      y: false,
      points: { size: 7, width: 0, fill: (_, series) => lines[series - 1].colour ?? themeColour("ink") },
      sync: {
        key: SYNC,
        setSeries: true,
        scales: ["x", null],
        match: [
          (own, other) => own === other,
          (own, other) => own === other,
          (own, other, index) => own.series.findIndex(({ label }) => label === other.series[index]?.label),
        ],
      },
    },
    hooks: {
      setCursor: [
        ({ cursor: { left = -1, idx } }) => onStep(left >= 0 && idx != null ? steps[idx] : undefined),
      ],
      setSeries: [announceVisibility],
      draw: [(chart) => drawDamage(chart, damage)],
    },
  };
  const chart = new uPlot(options, [[...steps], ...lines.map(({ values }) => [...values])], place);
  nameParts(chart, title);
  announceVisibility(chart);
  new ResizeObserver(() => {
    const width = Math.max(200, place.clientWidth);
    if (width !== chart.width) chart.setSize({ width, height });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw(false, true));
  return chart;
}

/** Puts the cursor at a step. */
export function placeCursor(chart: uPlot, step: number): void {
  const left = chart.valToPos(step, "x");
  const inside = left >= 0 && left <= chart.over.clientWidth;
  chart.setCursor(inside ? { left, top: 0 } : { left: -10, top: -10 }, false);
}

/** A dashed line at each step with damage, its kind above where there is room. */
function drawDamage(chart: uPlot, damage: ReportData["damage"]): void {
  const { ctx, bbox } = chart;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = themeColour("quiet");
  ctx.lineWidth = pixel;
  ctx.setLineDash([4 * pixel, 3 * pixel]);
  ctx.font = `${12 * pixel}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  let free = 0;
  for (const { kind, step } of damage.toSorted((a, b) => a.step - b.step)) {
    const x = Math.round(chart.valToPos(step, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const reach = ctx.measureText(kind).width / 2;
    if (x - reach < free) continue;
    ctx.fillText(kind, x, bbox.top - 7 * pixel);
    free = x + reach + 8 * pixel;
  }
  ctx.restore();
}

/** The names in the legend, the first of which is that of the steps. */
function namesOf(chart: uPlot): HTMLElement[] {
  return [...chart.root.querySelectorAll<HTMLElement>(".u-series th")];
}

/** Gives a chart a name, and makes the names in its legend buttons that the keyboard reaches. */
function nameParts(chart: uPlot, title: string): void {
  const picture = chart.root.querySelector("canvas")!;
  picture.role = "img";
  picture.ariaLabel = title;
  for (const name of namesOf(chart).slice(1)) {
    name.tabIndex = 0;
    name.role = "button";
    name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      name.dispatchEvent(new MouseEvent("click", { bubbles: true, ctrlKey: event.ctrlKey }));
    });
  }
}

function announceVisibility(chart: uPlot): void {
  for (const [i, name] of namesOf(chart).entries()) {
    if (i > 0) name.ariaPressed = String(chart.series[i].show);
  }
}

/** The background of a line's sample in the legend, dashed as the line is. */
function markerOf({ colour = "var(--ink)", dash = [] }: Line): string {
  let at = 0;
  const stops = dash.map(
    (length, i) => `${i % 2 === 0 ? colour : "transparent"} ${at}px ${(at += length)}px`,
  );
  return stops.length > 0 ? `repeating-linear-gradient(90deg, ${stops.join()})` : colour;
}

/** A number as the label of an axis: 0.25, 1.5K. */
function compactNumber(value: number): string {
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
}

/** A number in four digits or decimals. */
function valueText(value: number | null): string {
  if (value === null) return "";
  const small = value !== 0 && Math.abs(value) < 1e-3;
  const text = small ? value.toExponential(1) : String(Number(Number(value.toPrecision(4)).toFixed(4)));
  return text.replace(/^-/, "−");
}
