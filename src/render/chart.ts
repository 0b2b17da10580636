/** What charts have in common: SVG documents around Observable Plots. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { colours, FONT_STACK } from "./theme.ts";

/** A line of the legend to the right of a plot. */
export type LegendEntry = Readonly<{ name: string; colour: string; dash?: readonly number[] }>;

export type ChartPanel = Readonly<{
  plot: Plot.PlotOptions & Readonly<{ height: number }>;
  legend?: readonly LegendEntry[];
}>;

export const CHART_WIDTH = 800;
/** Font size of everything but headings, in pixels. */
export const CHART_TEXT_SIZE = 13;
/** Height of an entry of a legend. */
export const LEGEND_LINE = 22;

/** An SVG document of plots below each other, on paper. Text takes the fonts of whoever shows it. */
export function chart(panels: readonly ChartPanel[]): string {
  const { document } = parseHTML("<html><body></body></html>");
  const element = (name: string, attributes: Readonly<Record<string, string | number>>) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  };
  const height = panels.reduce((sum, { plot }) => sum + plot.height, 0);
  const size = { width: CHART_WIDTH, height };
  const viewBox = `0 0 ${CHART_WIDTH} ${height}`;
  const svg = element("svg", { ...size, viewBox, xmlns: "http://www.w3.org/2000/svg" });
  svg.append(element("rect", { ...size, fill: colours.paper }));
  let top = 0;
  for (const { plot, legend = [] } of panels) {
    const drawn = Plot.plot({ document, width: CHART_WIDTH, ...plot, style: { ...TEXT } });
    drawn.setAttribute("y", String(top));
    // It would give the height of a whole page to what is a part of one.
    drawn.querySelector("style")?.remove();
    svg.append(drawn);
    legend.forEach(({ name, colour, dash = [] }, line) => {
      const x = CHART_WIDTH - (plot.marginRight ?? 0) + 24;
      const y = top + (plot.marginTop ?? 0) + line * LEGEND_LINE + 4;
      const stroke = { stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash.join(" ") || "none" };
      svg.append(element("line", { x1: x, x2: x + 22, y1: y, y2: y, ...stroke }));
      const text = element("text", {
        x: x + 30,
        y: y + 4.5,
        "font-family": FONT_STACK,
        "font-size": CHART_TEXT_SIZE,
        fill: colours.muted,
      });
      text.textContent = name;
      svg.append(text);
    });
    top += plot.height;
  }
  return `${svg.outerHTML}\n`;
}

const TEXT = { fontFamily: FONT_STACK, fontSize: `${CHART_TEXT_SIZE}px`, color: colours.muted } as const;

/** The heading of a plot, and the line below it. */
export function headings(title: string, subtitle: string): Plot.Markish[] {
  const place = { frameAnchor: "top-left", dx: -36 } as const;
  return [
    Plot.text([title], { ...place, dy: -62, fill: colours.ink, fontSize: 17, fontWeight: 600 }),
    Plot.text([subtitle], { ...place, dy: -36 }),
  ];
}

/** At most about `most` of the points: the lowest and the highest of each stretch, so that every spike stays. */
export function thinned<T>(points: readonly T[], valueOf: (point: T) => number, most: number): T[] {
  const stretch = Math.ceil((2 * points.length) / most);
  if (stretch <= 2) return [...points];
  const kept: T[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    let [low, high] = [start, start];
    for (let i = start; i < Math.min(start + stretch, points.length); i++) {
      if (valueOf(points[i]) < valueOf(points[low])) low = i;
      if (valueOf(points[i]) > valueOf(points[high])) high = i;
    }
    kept.push(...[...new Set([low, high])].toSorted((a, b) => a - b).map((i) => points[i]));
  }
  return kept;
}

/** A whole number with its thousands apart; nothing for another. */
export const wholeNumber = (value: number) => (Number.isInteger(value) ? value.toLocaleString("en-US") : "");
