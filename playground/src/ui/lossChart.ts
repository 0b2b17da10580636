import { html, type PropertyValues } from "lit";
import type uPlot from "uplot";
import { lossText } from "./format.ts";
import { plainAxis, Plot, themeColour } from "./plot.ts";

/** Steps over which the strong line averages. */
const WINDOW = 25;
/** Points that a curve of a few hundred pixels needs. */
const MAX_POINTS = 2000;

/** The loss by training step, on a logarithmic scale. A drag zooms, a double click shows all again. */
export class LossChart extends Plot {
  static override properties = { losses: { attribute: false }, zoomed: { state: true } };
  declare losses: Float64Array;
  declare zoomed: boolean;
  protected readonly height = 180;

  constructor() {
    super();
    this.losses = new Float64Array();
    this.zoomed = false;
  }

  override render() {
    const last = this.losses.findLast(Number.isFinite);
    const label =
      last === undefined
        ? "Loss by training step; nothing yet."
        : `Loss by training step: ${lossText(last)} after ${this.losses.length} steps.`;
    return html`<div class="plot" role="img" aria-label=${label}></div>
      <p class="hint">
        ${
          this.zoomed
            ? html`<button type="button" class="plain" @click=${this.#showAll}>Show all steps</button>`
            : "Mean squared error, by training step. Drag over the curve to zoom in."
        }
      </p>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    // The chart zooms in by itself.
    if (!this.chart || !(changed.has("losses") || !this.zoomed)) return;
    this.chart.setData(this.data(), !this.zoomed);
    if (this.zoomed) this.chart.redraw();
  }

  readonly #showAll = (): void => {
    this.zoomed = false;
  };

  protected options(): Omit<uPlot.Options, "width" | "height"> {
    const axis = plainAxis();
    const line = { points: { show: false } };
    return {
      padding: [8, 20, 0, 0],
      scales: { x: { time: false }, y: { distr: 3 } },
      axes: [
        { ...axis, size: 26 },
        {
          ...axis,
          size: 48,
          grid: { ...axis.grid, filter: powers },
          filter: powers,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : powerText(tick))),
        },
      ],
      series: [
        {},
        { ...line, stroke: themeColour("faint"), width: 1 },
        { ...line, stroke: themeColour("accent"), width: 2 },
      ],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      hooks: {
        setSelect: [({ select }) => select.width > 0 && (this.zoomed = true)],
        ready: [({ over }) => over.addEventListener("dblclick", this.#showAll)],
      },
    };
  }

  /** Steps, losses, and their running geometric mean; gaps where a step was skipped. */
  protected data(): uPlot.AlignedData {
    const { losses } = this;
    const stride = Math.max(1, Math.ceil(losses.length / MAX_POINTS));
    const steps: number[] = [];
    const raw: (number | null)[] = [];
    const means: (number | null)[] = [];
    let mean: number | undefined;
    for (const [i, loss] of losses.entries()) {
      if (loss > 0) {
        const weight = Math.max(1 / (i + 1), 2 / (WINDOW + 1));
        mean = mean === undefined ? Math.log(loss) : mean + (Math.log(loss) - mean) * weight;
      }
      if (i % stride > 0 && i + 1 < losses.length) continue;
      steps.push(i + 1);
      raw.push(loss > 0 ? loss : null);
      means.push(mean === undefined ? null : Math.exp(mean));
    }
    return [steps, raw, means];
  }
}

function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-6;
}

function powerText(value: number): string {
  return value >= 0.001 ? String(Number(value.toPrecision(1))) : value.toExponential(0);
}

/** Lines and labels at powers of ten only. */
function powers(_: uPlot, ticks: number[]): (number | null)[] {
  return ticks.map((tick) => (isPowerOfTen(tick) ? tick : null));
}
