import type uPlot from "uplot";
import { Part } from "./part.ts";

/** A part that is one chart, as wide as there is room, in the page's colours. */
export abstract class Plot extends Part {
  protected chart: uPlot | undefined;
  #Chart: typeof uPlot | undefined;
  readonly #observer = new ResizeObserver(() => this.#fit());
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");

  /** Of the chart, in CSS pixels. */
  protected abstract readonly height: number;
  protected abstract options(): Omit<uPlot.Options, "width" | "height">;
  protected abstract data(): uPlot.AlignedData;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#dark.addEventListener("change", this.#redraw);
    if (!this.#Chart) return;
    this.drawAnew();
    this.#observer.observe(this.#place);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.#dark.removeEventListener("change", this.#redraw);
    // It listens to the window otherwise, for ever.
    this.chart?.destroy();
    this.chart = undefined;
  }

  protected override firstUpdated(): void {
    void import("uplot").then(({ default: Chart }) => {
      this.#Chart = Chart;
      if (!this.isConnected) return;
      this.drawAnew();
      this.#observer.observe(this.#place);
    });
  }

  /** Draws with other options. */
  protected drawAnew(): void {
    if (!this.#Chart) return;
    this.chart?.destroy();
    const place = this.#place;
    const size = { width: Math.max(200, place.clientWidth), height: this.height };
    this.chart = new this.#Chart({ ...this.options(), ...size }, this.data(), place);
  }

  /** Where the chart is drawn: `.plot` of what is rendered. */
  get #place(): HTMLElement {
    return this.querySelector<HTMLElement>(".plot")!;
  }

  readonly #redraw = (): void => this.chart?.redraw(false, true);

  #fit(): void {
    const width = this.#place.clientWidth;
    if (width > 0) this.chart?.setSize({ width, height: this.height });
  }
}

/** What axes of all charts look like. */
export function plainAxis(): uPlot.Axis {
  return {
    stroke: themeColour("quiet"),
    grid: { stroke: themeColour("line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
}

/** A colour of the page's theme, as it is when asked for. */
export function themeColour(name: string): () => string {
  return () => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
