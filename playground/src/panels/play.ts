import { html, nothing, type PropertyValues } from "lit";
import type { DamageKind, NcaCanvas, Tool } from "../../../src/element/index.ts";
import { segments, slider } from "../ui/controls.ts";
import { whole } from "../ui/format.ts";
import { Part, valueOf } from "../ui/part.ts";
import { swatch } from "./gallery.ts";

/** Steps a second to choose from. */
const SPEEDS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 500, 1000, Infinity];
const TOOLS = [
  { value: "erase", text: "Erase", means: "Drag to erase; a double click plants a seed." },
  { value: "colour", text: "Paint", means: "Drag to paint; cells may see through it." },
  { value: "plant", text: "Plant", means: "Click to plant a seed." },
  { value: "look", text: "Look", means: "Click a cell to follow its channels; click it again to leave it." },
  {
    value: "move",
    text: "Move",
    means: "Drag to move the picture; pinch it, or turn the wheel with Ctrl or Cmd, to magnify it.",
  },
] as const satisfies readonly { value: Tool; text: string; means: string }[];
const CUTS = [
  ["half-left", "Cut off the left half", "M0 0h8v16H0z"],
  ["half-right", "Cut off the right half", "M8 0h8v16H8z"],
  ["half-top", "Cut off the upper half", "M0 0h16v8H0z"],
  ["half-bottom", "Cut off the lower half", "M0 8h16v8H0z"],
] as const satisfies (readonly [DamageKind, string, string])[];

/** What to do with the automaton that is shown. Tells `endgraft`. */
export class PlayPanel extends Part {
  static override properties = {
    canvas: { attribute: false },
    tissues: { attribute: false },
    playing: { state: true },
  };
  declare canvas: NcaCanvas;
  /** What the tissues are called, where there are two. */
  declare tissues: readonly [string, string] | undefined;
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
      <told-panel .canvas=${canvas}></told-panel>
      <div class="tools">${this.#tools()} ${this.#cuts()}</div>
      ${this.#tissues()}
      <view-panel .canvas=${canvas}></view-panel>
      <div class="sliders">${this.#sliders()}</div>
      <p class="hint">
        ${this.#hint()}
        ${
          canvas.tool === "colour"
            ? html`<input
                type="color"
                class="ink"
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
      <cell-panel .canvas=${canvas} ?about=${canvas.tool === "look"}></cell-panel>
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

  /** Turns cells over from one tissue to the other. */
  #tissues() {
    const { canvas, tissues } = this;
    if (!tissues) return nothing;
    return html`<div class="row tissues">
      ${segments<Tool>({
        legend: "Paint tissue",
        name: "tool",
        options: (["own", "grafted"] as const).map((value, i) => ({
          value,
          text: html`${swatch(i)}${tissues[i]}`,
        })),
        chosen: canvas.tool,
        choose: (tool) => this.#set(() => (canvas.tool = tool)),
      })}
      <button type="button" @click=${this.#endGraft}>End graft</button>
    </div>`;
  }

  readonly #endGraft = async (): Promise<void> => {
    this.tell("endgraft", null);
    await this.updateComplete;
    // The button has gone, and the keyboard must not be left without a place.
    this.querySelector<HTMLElement>("input[name=tool]:checked")?.focus();
  };

  #hint(): string {
    const { canvas, tissues } = this;
    const painted = ["own", "grafted"].indexOf(canvas.tool);
    if (tissues && painted >= 0) return `Drag to turn cells into ${tissues[painted]}.`;
    return TOOLS.find(({ value }) => value === canvas.tool)?.means ?? "";
  }

  #cuts() {
    return html`<div role="group" aria-label="Cut in half" class="cuts">
      <span class="label" aria-hidden="true">Cut in half</span>
      ${CUTS.map(
        ([kind, name, path]) =>
          html`<button type="button" aria-label=${name} title=${name} @click=${() => this.canvas.cut(kind)}>
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
        text: `${brush} cells`,
        range: [1, 16, 1],
        value: brush,
        set: (radius) => this.#set(() => (canvas.brush = radius)),
      }),
      slider({
        name: "Rotate",
        text: `${angle}°`,
        range: [-180, 180, canvas.model?.rule.kernels.every((kernel) => typeof kernel === "string") ? 5 : 90],
        value: angle,
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

  /** Every frame, so past the template. */
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
