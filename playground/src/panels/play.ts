import { html, nothing, type PropertyValues } from "lit";
import type { DamageKind, NcaCanvas, Tool } from "../../../src/element/index.ts";
import { takesDrawings } from "../../../src/model/rows.ts";
import { segments, slider } from "../ui/controls.ts";
import { whole } from "../ui/format.ts";
import { Part, valueOf } from "../ui/part.ts";
import { swatch } from "./gallery.ts";

/** Steps a second to choose from. */
const SPEEDS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 500, 1000, Infinity];
const TOOLS = [
  { value: "erase", text: "Erase", means: "Drag to erase; a double click plants a seed." },
  { value: "colour", text: "Paint", means: "Drag to paint the picture; the cells may restore it." },
  { value: "plant", text: "Plant", means: "Click to plant a seed." },
  { value: "look", text: "Look", means: "Click a cell to follow its channels; click it again to stop." },
  {
    value: "move",
    text: "Move",
    means: "Drag to move the picture; pinch it, or turn the wheel with Ctrl or Cmd, to magnify it.",
  },
] as const satisfies readonly { value: Tool; text: string; means: string }[];
const HALVES = [
  ["half-left", "Erase the left half", "M0 0h8v16H0z"],
  ["half-right", "Erase the right half", "M8 0h8v16H8z"],
  ["half-top", "Erase the upper half", "M0 0h16v8H0z"],
  ["half-bottom", "Erase the lower half", "M0 8h16v8H0z"],
] as const satisfies (readonly [DamageKind, string, string])[];

/** Controls of the model at play. Fires `endgraft`. */
export class PlayPanel extends Part {
  static override properties = {
    canvas: { attribute: false },
    models: { attribute: false },
    playing: { state: true },
  };
  declare canvas: NcaCanvas;
  /** Names of the host and the guest, where there are two models. */
  declare models: readonly [string, string] | undefined;
  declare playing: boolean;
  readonly #change = () => {
    this.playing = !this.canvas.paused;
    this.requestUpdate();
  };
  readonly #count = ({ detail }: HTMLElementEventMap["nca-step"]) => this.#showSteps(detail.steps);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("canvas")) return;
    for (const name of ["nca-load", "nca-exchange", "nca-play", "nca-pause", "nca-error"] as const)
      this.canvas.addEventListener(name, this.#change);
    this.canvas.addEventListener("nca-step", this.#count);
    this.playing = !this.canvas.paused;
  }

  override render() {
    const { canvas, playing } = this;
    return html`
      <h2 class="unseen">Play</h2>
      <div class="transport">
        <button type="button" class="first" @click=${() => (canvas.paused = playing)}>
          ${playing ? "Pause" : "Play"}
        </button>
        <button type="button" @click=${() => canvas.step()}>Step</button>
        <button type="button" @click=${() => canvas.reset()}>Regrow</button>
        <p class="steps"><b>0</b> steps</p>
      </div>
      <input-panel .canvas=${canvas}></input-panel>
      <div class="tools">${this.#tools()} ${this.#damage()}</div>
      ${this.#modelBrushes()}
      <view-panel .canvas=${canvas}></view-panel>
      <div class="sliders">${this.#sliders()}</div>
      <p class="hint">
        ${this.#hint()}
        ${
          canvas.tool === "colour"
            ? html`<input
                type="color"
                class="paint-colour"
                aria-label="Colour to paint with"
                .value=${canvas.colour}
                @input=${(event: Event) => (canvas.colour = valueOf(event))}
              />`
            : nothing
        }
        <span class="keys">
          On the picture, <kbd>Space</kbd> plays and pauses, <kbd>.</kbd> makes a step, <kbd>R</kbd> regrows,
          arrows move the brush, <kbd>Delete</kbd> erases, <kbd>Enter</kbd> plants.
        </span>
      </p>
      <cell-panel .canvas=${canvas} ?choosing=${canvas.tool === "look"}></cell-panel>
    `;
  }

  #tools() {
    const { canvas } = this;
    return segments<Tool>({
      legend: "Pointer",
      name: "tool",
      options: TOOLS,
      chosen: canvas.tool,
      choose: (tool) => this.#set(() => (canvas.tool = tool)),
    });
  }

  /** Chooses the model that painted cells are to run. */
  #modelBrushes() {
    const { canvas, models } = this;
    if (!models) return nothing;
    return html`<div class="row model-brushes">
      ${segments<Tool>({
        legend: "Model to paint",
        name: "tool",
        options: (["own", "grafted"] as const).map((value, i) => ({
          value,
          text: html`${swatch(i)}${models[i]}`,
        })),
        chosen: canvas.tool,
        choose: (tool) => this.#set(() => (canvas.tool = tool)),
      })}
      <button type="button" @click=${this.#endGraft}>End graft</button>
    </div>`;
  }

  readonly #endGraft = async (): Promise<void> => {
    this.emit("endgraft", null);
    await this.updateComplete;
    // The button is gone, so the focus moves to another control.
    this.querySelector<HTMLElement>("input[name=tool]:checked")?.focus();
  };

  #hint(): string {
    const { canvas, models } = this;
    const painted = ["own", "grafted"].indexOf(canvas.tool);
    if (models && painted >= 0) return `Drag to make cells run ${models[painted]}.`;
    if (canvas.tool === "colour" && canvas.model && takesDrawings(canvas.model)) {
      return "Drag to draw what the cells work on.";
    }
    return TOOLS.find(({ value }) => value === canvas.tool)?.means ?? "";
  }

  #damage() {
    return html`<div role="group" aria-label="Damage" class="damage">
      <span class="label" aria-hidden="true">Damage</span>
      ${HALVES.map(
        ([kind, name, path]) =>
          html`<button
            type="button"
            aria-label=${name}
            title=${name}
            @click=${() => this.canvas.damage(kind)}
          >
            <svg viewBox="-1 -1 18 18" width="20" height="20" aria-hidden="true">
              <path d=${path} />
              <rect width="16" height="16" />
            </svg>
          </button>`,
      )}
    </div>`;
  }

  #sliders() {
    const { canvas } = this;
    const { speed, brush, angle, fireRate = 0.5 } = canvas;
    // Trained kernels do not turn.
    const fixed = canvas.model?.rule.perceive !== undefined;
    return [
      slider({
        name: "Speed",
        text: speedText(speed),
        range: [0, SPEEDS.length - 1, 1],
        value: nearestSpeed(speed),
        set: (index) => this.#set(() => (canvas.speed = SPEEDS[index])),
      }),
      slider({
        name: "Brush",
        text: brush === 1 ? "1 cell" : `${brush} cells`,
        range: [1, 16, 1],
        value: brush,
        set: (radius) => this.#set(() => (canvas.brush = radius)),
      }),
      slider({
        name: "Rotate",
        text: fixed ? "fixed" : `${angle}°`,
        range: [-180, 180, canvas.model?.rule.kernels.every((kernel) => typeof kernel === "string") ? 5 : 90],
        value: fixed ? 0 : angle,
        disabled: fixed,
        set: (degrees) => this.#set(() => (canvas.angle = degrees)),
      }),
      slider({
        name: "Fire rate",
        text: `${Math.round(fireRate * 100)} %`,
        range: [0.05, 1, 0.05],
        value: fireRate,
        set: (rate) => this.#set(() => (canvas.fireRate = rate)),
      }),
    ];
  }

  #set(change: () => void): void {
    change();
    this.requestUpdate();
  }

  /** Called every frame, so it does not render the template again. */
  #showSteps(steps: number): void {
    const place = this.querySelector(".steps b");
    if (place) place.textContent = whole(steps);
  }
}

function nearestSpeed(speed: number): number {
  const index = SPEEDS.findIndex((each) => each >= speed);
  return index < 0 ? SPEEDS.length - 1 : index;
}

function speedText(speed: number): string {
  return speed === Infinity ? "fastest" : `${whole(speed)} steps/s`;
}
