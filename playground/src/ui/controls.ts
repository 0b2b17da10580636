/** Controls that many parts have. */
import { html, nothing, type TemplateResult } from "lit";
import { valueOf } from "./part.ts";

export type Slider = Readonly<{
  name: string;
  /** The value in words. */
  text: string;
  range: readonly [min: number, max: number, step: number];
  value: number;
  disabled?: boolean;
  set: (value: number) => void;
}>;

export function slider({
  name,
  text,
  range: [min, max, step],
  value,
  disabled = false,
  set,
}: Slider): TemplateResult {
  return html`<label class="slider">
    <span>${name}</span><b aria-hidden="true">${text}</b>
    <input
      type="range"
      min=${min}
      max=${max}
      step=${step}
      aria-valuetext=${text}
      .value=${String(value)}
      ?disabled=${disabled}
      @input=${(event: Event) => set(Number(valueOf(event)))}
    />
  </label>`;
}

export type Segments<Value> = Readonly<{
  legend: string;
  /** Of the radio buttons: those of one name exclude each other. */
  name: string;
  /** What stands on each, and what it is called where that says too little. */
  options: readonly Readonly<{ value: Value; text: unknown; called?: string; disabled?: boolean }>[];
  chosen: Value | undefined;
  choose: (value: Value) => void;
  /** Classes beside `segments`. */
  kind?: string;
}>;

/** A choice of few, side by side. */
export function segments<Value>(asked: Segments<Value>): TemplateResult {
  const { legend, name, options, chosen, choose, kind = "" } = asked;
  return html`<fieldset class="segments ${kind}">
    <legend>${legend}</legend>
    ${options.map(
      ({ value, text, called, disabled = false }) =>
        html`<label>
          <input
            type="radio"
            name=${name}
            aria-label=${called ?? nothing}
            ?disabled=${disabled}
            .checked=${chosen === value}
            @change=${() => choose(value)}
          /><span>${text}</span>
        </label>`,
    )}
  </fieldset>`;
}
