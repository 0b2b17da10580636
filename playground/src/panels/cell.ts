import { html, nothing, type PropertyValues } from "lit";
import type { Mark, NcaCanvas } from "../../../src/element/index.ts";
import { type Channel, channelsOf } from "../ui/channels.ts";
import { Part } from "../ui/part.ts";
import { type Trace, Traces } from "./traces.ts";

/** Milliseconds from a new sample to a new drawing. */
const PAUSE = 50;

/** All channels of the chosen cells, over the last steps. */
export class CellPanel extends Part {
  static override properties = {
    canvas: { attribute: false },
    choosing: { type: Boolean },
    alone: { state: true },
  };
  declare canvas: NcaCanvas;
  /** Whether the tool to choose cells is in use. */
  declare choosing: boolean;
  /** The channel that is shown alone. */
  declare alone: number | undefined;
  readonly #traces = new Traces();
  #channels: readonly Channel[] = [];
  #reading = false;
  /** Whether samples are still to be drawn. */
  #due = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("canvas")) return;
    const { canvas } = this;
    canvas.addEventListener("nca-load", this.#begin);
    canvas.addEventListener("nca-step", () => void this.#sample());
    canvas.addEventListener("nca-look", ({ detail }) => this.#look(detail.cell));
    this.#begin();
  }

  override render() {
    const { cells } = this.#traces;
    const empty = cells.length === 0 && !this.choosing;
    this.toggleAttribute("hidden", empty);
    if (empty) return nothing;
    return html`<section class="panel stack" aria-label="Cells over time">
      <h2>Cells over time</h2>
      ${cells.length === 0 ? html`<p class="hint">Choose Look, then click a cell.</p>` : nothing}
      ${cells.map((trace) => this.#chart(trace))} ${cells.length === 0 ? nothing : this.#legend()}
    </section>`;
  }

  #chart({ cell, colour, channels }: Trace) {
    const place = `Row ${cell[0]}, column ${cell[1]}`;
    const shown = this.alone === undefined ? "All channels" : this.#channels[this.alone].name;
    return html`<figure class="trace">
      <figcaption>
        <span><i style="background:${colour}"></i>${place}</span>
        <button
          type="button"
          class="plain"
          aria-label="Remove ${place.toLowerCase()}"
          @click=${() => this.#remove(cell)}
        >
          Remove
        </button>
      </figcaption>
      <trace-chart
        .name=${`${shown} of the cell at ${place.toLowerCase()}, over the last steps`}
        .lines=${this.#channels}
        .alone=${this.alone}
        .values=${[this.#traces.steps, ...channels]}
      ></trace-chart>
    </figure>`;
  }

  #legend() {
    return html`<div role="group" aria-label="Show one channel alone" class="legend">
      ${this.#channels.map(
        ({ name, colour = "var(--ink)", dash }, channel) =>
          html`<button
            type="button"
            aria-pressed=${this.alone === channel}
            @click=${() => (this.alone = this.alone === channel ? undefined : channel)}
          >
            <svg width="18" height="4" aria-hidden="true">
              <path d="M0 2h18" style="stroke:${colour};stroke-dasharray:${dash.join(" ") || "none"}" />
            </svg>
            ${name}
          </button>`,
      )}
    </div>`;
  }

  readonly #begin = (): void => {
    const { model, simulation } = this.canvas;
    this.#channels = model ? channelsOf(model) : [];
    if (this.alone !== undefined && this.alone >= this.#channels.length) this.alone = undefined;
    const [height, width] = simulation?.grid ?? [0, 0];
    this.#traces.clear(this.#channels.length, ([row, column]) => row < height && column < width);
    this.#mark();
    void this.#sample();
  };

  #look(cell: Mark["cell"]): void {
    this.#traces.toggle(cell, this.#channels.length);
    this.#mark();
    void this.#sample();
  }

  /** The button disappears with its cell, so the focus moves to the picture. */
  #remove(cell: Mark["cell"]): void {
    this.#look(cell);
    this.canvas.focus({ preventScroll: true });
  }

  #mark(): void {
    this.canvas.marked = this.#traces.cells;
    this.requestUpdate();
  }

  async #sample(): Promise<void> {
    const { simulation } = this.canvas;
    if (!simulation || this.#reading || this.#traces.cells.length === 0) return;
    this.#reading = true;
    try {
      const { steps, grid, rule } = simulation;
      const state = await simulation.read();
      if (simulation !== this.canvas.simulation) return;
      this.#traces.add(steps, state, grid[1], rule.channels);
      if (this.#due) return;
      this.#due = true;
      setTimeout(() => {
        this.#due = false;
        this.requestUpdate();
      }, PAUSE);
    } catch {
      // The engine has ended meanwhile; the next step reads again.
    } finally {
      this.#reading = false;
    }
  }
}
