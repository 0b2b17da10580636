import { html, nothing, type PropertyValues } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { NcaCanvas } from "../../../src/element/index.ts";
import { withoutSet } from "../../../src/data/emoji.ts";
import { FIRST_COLOUR } from "../../../src/element/colour.ts";
import { MAX_SLIDERS, sliderRanges } from "../../../src/player/page/numbers.ts";
import { Pad, penColour } from "../../../src/player/page/pad.ts";
import { sampleLatents } from "../../../src/analysis/latents.ts";
import type { Model } from "../../../src/model/model.ts";
import { encode, type Encoder } from "../../../src/nets/encoder.ts";
import { segments, slider } from "../ui/controls.ts";
import { Part, valueOf } from "../ui/part.ts";

/** Places that a slider can take. */
const PLACES = 100;

/** The input of cells: which picture of several, a picture that is drawn, or numbers. Empty for a model without input. */
export class InputPanel extends Part {
  static override properties = { canvas: { attribute: false } };
  declare canvas: NcaCanvas;
  #pad: Pad | undefined;
  /** What the pad draws for. */
  #encoder: Encoder | undefined;
  #due = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("canvas")) return;
    for (const name of ["nca-load", "nca-exchange", "nca-error"] as const)
      this.canvas.addEventListener(name, () => this.requestUpdate());
  }

  override render() {
    const { model, input } = this.canvas;
    this.toggleAttribute("hidden", !input || input.length === 0);
    if (!model || !input || input.length === 0) return nothing;
    if (model.provenance.goals) return this.#goals(model.provenance.goals);
    const { encoder } = model;
    const numbers = this.#numbers(model, input);
    return encoder ? keyed(encoder, this.#field(encoder, numbers)) : numbers;
  }

  protected override updated(): void {
    const { model } = this.canvas;
    const encoder = model?.encoder;
    if (encoder === this.#encoder) return;
    this.#encoder = encoder;
    const root = this.querySelector<HTMLElement>(".pad");
    this.#pad = undefined;
    if (!encoder || !root) return;
    const { premultiplied = false } = model.readout ?? {};
    this.#pad = new Pad(root, "Drawing for the encoder", encoder.settings, premultiplied, this.#encode);
    this.#pad.colour = penColour(FIRST_COLOUR, encoder.settings.channels);
  }

  #goals(goals: NonNullable<Model["provenance"]["goals"]>) {
    const { canvas } = this;
    return segments({
      legend: "Picture",
      name: "goal",
      kind: "goals",
      options: goals.map(({ target }, i) => ({
        value: i + 1,
        text: withoutSet(target ?? `Picture ${i + 1}`),
      })),
      chosen: Math.min(goals.length, canvas.goal ?? 1),
      choose: (goal) => this.#set(() => (canvas.goal = goal)),
    });
  }

  #field({ settings: { channels } }: Encoder, numbers: unknown) {
    return html`<div class="pad">
      <span class="sheet"><canvas role="img"></canvas><span class="invite">Draw here</span></span>
      <div class="row">
        <button type="button" class="clear">Clear</button>
        <button type="button" @click=${this.#surprise}>Surprise me</button>
        ${
          channels < 3
            ? nothing
            : html`<input type="color" aria-label="Pen" value=${FIRST_COLOUR} @input=${this.#colour} />`
        }
      </div>
      ${numbers}
    </div>`;
  }

  /** A slider for each number. */
  #numbers(model: Model, input: Float32Array) {
    if (input.length > MAX_SLIDERS) return nothing;
    const ranges = sliderRanges(model);
    return html`<div class="sliders numbers" role="group" aria-label="Input of the cells">
      ${Array.from(input, (value, i) =>
        slider({
          name: `z ${i + 1}`,
          text: value.toFixed(2),
          range: [...ranges[i], (ranges[i][1] - ranges[i][0]) / PLACES],
          value,
          set: (number) => this.#setInput(input.with(i, number)),
        }),
      )}
    </div>`;
  }

  /** Once a frame at most, however fast one draws. */
  readonly #encode = (): void => {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (this.#pad && this.#encoder) this.#setInput(encode(this.#encoder, this.#pad.picture).mean);
    });
  };

  readonly #surprise = (): void => {
    const { model } = this.canvas;
    if (!model) return;
    this.#pad?.clear();
    const [seed] = crypto.getRandomValues(new Uint32Array(1));
    this.#setInput(sampleLatents(1, model.rule.inputSize, { seed, ...model.provenance.latent })[0]);
  };

  readonly #colour = (event: Event): void => {
    if (this.#pad && this.#encoder)
      this.#pad.colour = penColour(valueOf(event), this.#encoder.settings.channels);
  };

  #setInput(input: Float32Array): void {
    this.#set(() => (this.canvas.input = input));
  }

  #set(change: () => void): void {
    change();
    this.requestUpdate();
  }
}
