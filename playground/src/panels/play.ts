import { html, nothing, type PropertyValues } from "lit";
import type { DamageKind, NcaCanvas, Tool } from "../../../src/element/index.ts";
import { whole } from "../ui/format.ts";
import { Part, valueOf } from "../ui/part.ts";

/** Steps a second to choose from. */
const SPEEDS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 500, 1000, Infinity];
const TOOLS = [
  ["erase", "Erase"],
  ["plant", "Plant"],
] as const satisfies (readonly [Tool, string])[];
const CUTS = [
  ["half-left", "Cut off the left half", "M0 0h8v16H0z"],
  ["half-right", "Cut off the right half", "M8 0h8v16H8z"],
  ["half-top", "Cut off the upper half", "M0 0h16v8H0z"],
  ["half-bottom", "Cut off the lower half", "M0 8h16v8H0z"],
] as const satisfies (readonly [DamageKind, string, string])[];

/** Numbers that cells are told, if sliders for them are to be of use; and how far they go, in standard deviations. */
const MAX_NUMBERS = 16;
const REACH = 2.5;

/** What to do with the automaton that is shown. */
export class PlayPanel extends Part {
  static override properties = { canvas: { attribute: false }, playing: { state: true } };
  declare canvas: NcaCanvas;
  declare playing: boolean;
  readonly #change = () => {
    this.playing = !this.canvas.paused;
    this.requestUpdate();
  };
  readonly #count = ({ detail }: HTMLElementEventMap["nca-step"]) => this.#showSteps(detail.steps);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("canvas")) return;
    for (const name of ["nca-load", "nca-play", "nca-pause", "nca-error"] as const)
      this.canvas.addEventListener(name, this.#change);
    this.canvas.addEventListener("nca-step", this.#count);
    this.playing = !this.canvas.paused;
  }

  override render() {
    const { canvas, playing } = this;
    const { model } = canvas;
    const channels = model?.rule.channels ?? 0;
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
      <div class="tools">
        <fieldset class="segments">
          <legend>Pointer</legend>
          ${TOOLS.map(
            ([tool, name]) =>
              html`<label>
                <input
                  type="radio"
                  name="tool"
                  .checked=${canvas.tool === tool}
                  @change=${() => this.#set(() => (canvas.tool = tool))}
                /><span>${name}</span>
              </label>`,
          )}
        </fieldset>
        <div role="group" aria-label="Cut in half" class="cuts">
          <span class="label" aria-hidden="true">Cut in half</span>
          ${CUTS.map(
            ([kind, name, path]) =>
              html`<button type="button" aria-label=${name} title=${name} @click=${() => canvas.cut(kind)}>
                <svg viewBox="-1 -1 18 18" width="20" height="20" aria-hidden="true">
                  <path d=${path} />
                  <rect width="16" height="16" />
                </svg>
              </button>`,
          )}
        </div>
        <label class="field">
          <span>View</span>
          <select @change=${(event: Event) => (canvas.view = valueOf(event))}>
            ${this.#view("picture", "Picture")} ${this.#view("alive", "Living and growing cells")}
            ${Array.from({ length: channels }, (_, i) => this.#view(`channel:${i}`, `Channel ${i}`))}
          </select>
        </label>
      </div>
      <div class="sliders">
        ${this.#slider("Speed", speedText(canvas.speed), {
          range: [0, SPEEDS.length - 1, 1],
          value: nearestSpeed(canvas.speed),
          set: (index) => (canvas.speed = SPEEDS[index]),
        })}
        ${this.#slider("Brush", `${canvas.brush} cells`, {
          range: [1, 16, 1],
          value: canvas.brush,
          set: (radius) => (canvas.brush = radius),
        })}
        ${this.#slider("Rotate", `${canvas.angle}°`, {
          range: [-180, 180, 5],
          value: canvas.angle,
          set: (degrees) => (canvas.angle = degrees),
        })}
        ${this.#slider("Fire rate", `${Math.round((canvas.fireRate ?? 0.5) * 100)} %`, {
          range: [0.05, 1, 0.05],
          value: canvas.fireRate ?? 0.5,
          set: (rate) => (canvas.fireRate = rate),
        })}
      </div>
      ${this.#goals()} ${this.#numbers()}
      <p class="hint keys">
        <kbd>Space</kbd> plays and pauses, <kbd>.</kbd> makes a step, <kbd>R</kbd> regrows, arrows move the
        brush, <kbd>Delete</kbd> erases, <kbd>Enter</kbd> plants.
      </p>
    `;
  }

  /** What a model of several pictures is asked to draw. */
  #goals() {
    const { canvas } = this;
    const goals = canvas.model?.provenance.goals;
    if (!goals) return nothing;
    return html`<fieldset class="segments goals">
      <legend>Ask for</legend>
      ${goals.map(
        ({ target }, i) =>
          html`<label>
            <input
              type="radio"
              name="goal"
              .checked=${(canvas.goal ?? 1) === i + 1}
              @change=${() => this.#set(() => (canvas.goal = i + 1))}
            /><span>${target ?? `Picture ${i + 1}`}</span>
          </label>`,
      )}
    </fieldset>`;
  }

  /** What a model of many pictures is told, number by number. */
  #numbers() {
    const { canvas } = this;
    const { input } = canvas;
    const latent = canvas.model?.provenance.latent;
    if (!latent || !input || input.length > MAX_NUMBERS) return nothing;
    const numbers = Array.from(input, (value, i) => {
      const [mean, reach] = [latent.mean[i], REACH * Math.max(latent.deviation[i], 1e-6)];
      return this.#slider(`z ${i + 1}`, value.toFixed(2), {
        range: [mean - reach, mean + reach, reach / 50],
        value,
        set: (number) => (canvas.input = input.map((each, k) => (k === i ? number : each))),
      });
    });
    return html`<div class="sliders" role="group" aria-label="What cells are told">${numbers}</div>`;
  }

  #view(value: string, name: string) {
    return html`<option value=${value} ?selected=${this.canvas.view === value}>${name}</option>`;
  }

  #slider(
    name: string,
    text: string,
    {
      range: [min, max, step],
      value,
      set,
    }: { range: readonly [number, number, number]; value: number; set: (value: number) => void },
  ) {
    return html`<label class="slider">
      <span>${name}</span><b aria-hidden="true">${text}</b>
      <input
        type="range"
        min=${min}
        max=${max}
        step=${step}
        aria-valuetext=${text}
        .value=${String(value)}
        @input=${(event: Event) => this.#set(() => set(Number(valueOf(event))))}
      />
    </label>`;
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
