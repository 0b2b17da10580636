import { html, type PropertyValues } from "lit";
import type uPlot from "uplot";
import type { Channel } from "./channels.ts";
import { plainAxis, Plot, themeColour } from "./plot.ts";

/** Numbers over the last steps, a line each. */
export class TraceChart extends Plot {
  static override properties = {
    name: { attribute: false },
    lines: { attribute: false },
    values: { attribute: false },
    alone: { attribute: false },
  };
  /** What it shows, for screen readers. */
  declare name: string;
  declare lines: readonly Channel[];
  /** Steps, and a list of numbers for each line. */
  declare values: uPlot.AlignedData;
  /** The line that is shown alone; undefined: all are shown. */
  declare alone: number | undefined;
  protected readonly height = 150;

  override render() {
    return html`<div class="plot" role="img" aria-label=${this.name}></div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("lines") || changed.has("alone")) this.drawAnew();
    else this.chart?.setData(this.values);
  }

  protected data(): uPlot.AlignedData {
    return this.values;
  }

  protected options(): Omit<uPlot.Options, "width" | "height"> {
    const { lines, alone } = this;
    const axis = plainAxis();
    const width = alone === undefined ? 1.25 : 2;
    const series = lines.map(({ colour, dash }, i): uPlot.Series => ({
      show: alone === undefined || alone === i,
      stroke: colour ?? themeColour("ink"),
      dash: [...dash],
      width,
      points: { show: false },
    }));
    return {
      padding: [8, 12, 0, 0],
      // From 0 to 1 at least, so that an empty cell looks empty.
      scales: {
        x: { time: false },
        y: { range: { min: { soft: 0, mode: 1, pad: 0.1 }, max: { soft: 1, mode: 1, pad: 0.1 } } },
      },
      axes: [
        { ...axis, size: 26 },
        { ...axis, size: 48, space: 28 },
      ],
      series: [{}, ...series],
      legend: { show: false },
      cursor: { show: false },
    };
  }
}
