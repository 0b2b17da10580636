import { html, nothing, type PropertyValues } from "lit";
import type { NcaCanvas } from "../../../src/element/index.ts";
import { kernelNames } from "../../../src/render/kernelNames.ts";
import type { Model } from "../../../src/model/model.ts";
import type { Rule } from "../../../src/rule/rule.ts";
import { channelsOf } from "../ui/channels.ts";
import { Part, valueOf } from "../ui/part.ts";

type Option = Readonly<{ value: string; text: string }>;
type Group = Readonly<{ label: string; options: readonly Option[] }>;

/** What can be shown, by the name of the view that shows all of it. */
const KINDS: Readonly<Record<string, string>> = {
  picture: "Picture",
  alive: "Living and growing cells",
  channels: "Channels",
  perception: "Perception",
  hidden: "Hidden layer",
  update: "Update",
};
/** Magnification by a press of a button. */
const ZOOM_STEP = 1.5;

/** What is shown of the automaton, and how large. */
export class ViewPanel extends Part {
  static override properties = { canvas: { attribute: false } };
  declare canvas: NcaCanvas;
  readonly #change = () => {
    const { canvas } = this;
    const kind = kindOf(canvas);
    const known = canvas.model ? choicesOf(kind, canvas.model).flatMap(valuesOf) : [];
    // Another model may have fewer channels or units.
    if (typeof canvas.view === "string" && !known.includes(canvas.view)) canvas.view = kind;
    this.requestUpdate();
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("canvas")) return;
    for (const name of ["nca-load", "nca-exchange", "nca-zoom"] as const)
      this.canvas.addEventListener(name, this.#change);
  }

  override render() {
    const { canvas } = this;
    const kind = kindOf(canvas);
    const choices = canvas.model ? choicesOf(kind, canvas.model) : [];
    return html`
      <h2 class="unseen">View</h2>
      <label class="field">
        <span>Show</span>
        <select @change=${(event: Event) => this.#show(valueOf(event))}>
          ${Object.entries(KINDS).map(([value, text]) => option({ value, text }))}
        </select>
      </label>
      <label class="field">
        <span>Which</span>
        <select ?disabled=${choices.length === 0} @change=${(event: Event) => this.#show(valueOf(event))}>
          ${option({ value: kind, text: "All" })}
          ${choices.map((choice) =>
            "options" in choice
              ? html`<optgroup label=${choice.label}>${choice.options.map(option)}</optgroup>`
              : option(choice),
          )}
        </select>
      </label>
      <div role="group" aria-label="Zoom" class="zoom">
        <span class="label" aria-hidden="true">Zoom</span>
        ${this.#zoomButton("−", "Zoom out", 1 / ZOOM_STEP)}
        <output aria-label="Magnification">${canvas.zoom.toFixed(canvas.zoom < 10 ? 1 : 0)}×</output>
        ${this.#zoomButton("+", "Zoom in", ZOOM_STEP)} ${this.#zoomButton("Whole", nothing, 0)}
      </div>
    `;
  }

  /** A browser keeps what was chosen in a select, whatever becomes of its options. */
  protected override updated(): void {
    const { view } = this.canvas;
    const [kinds, choices] = this.querySelectorAll("select");
    kinds.value = kindOf(this.canvas);
    choices.value = typeof view === "string" ? view : "";
    if (choices.selectedIndex < 0) choices.selectedIndex = 0;
  }

  #zoomButton(text: string, name: string | typeof nothing, factor: number) {
    const { canvas } = this;
    return html`<button
      type="button"
      aria-label=${name}
      title=${name}
      @click=${() => (canvas.zoom = Math.max(1, canvas.zoom * factor))}
    >
      ${text}
    </button>`;
  }

  #show(view: string): void {
    this.canvas.view = view;
    this.requestUpdate();
  }
}

function valuesOf(choice: Option | Group): string[] {
  return "options" in choice ? choice.options.map(({ value }) => value) : [choice.value];
}

function option({ value, text }: Option) {
  return html`<option value=${value}>${text}</option>`;
}

/** Of which kind the view is. */
function kindOf({ view }: NcaCanvas): string {
  const name = typeof view === "string" ? view.split(":")[0] : "picture";
  if (name === "channel") return "channels";
  return name in KINDS ? name : "picture";
}

/** The parts of a kind that can be shown alone. */
function choicesOf(kind: string, model: Model): (Option | Group)[] {
  const { rule } = model;
  const channels = (view: string) =>
    channelsOf(model).map(({ name }, i): Option => ({ value: `${view}:${i}`, text: name }));
  switch (kind) {
    case "channels":
      return channels("channel");
    case "update":
      return channels("update");
    case "perception":
      return kernelNames(rule).map((name, k) => ({
        label: name,
        options: [{ value: `perception:${k}`, text: `All of ${name}` }, ...channels(`perception:${k}`)],
      }));
    case "hidden":
      return unitsOf(rule);
    default:
      return [];
  }
}

/** Hidden units, by layer where there are several. */
function unitsOf({ hidden }: Rule): (Option | Group)[] {
  let first = 0;
  const layers = hidden.map((size, layer) => {
    const options = Array.from({ length: size }, (_, i): Option => {
      const unit = first + i;
      return { value: `hidden:${unit}`, text: `Unit ${unit}` };
    });
    first += size;
    return { label: `Layer ${layer + 1}`, options };
  });
  return layers.length > 1 ? layers : layers.flatMap(({ options }) => options);
}
