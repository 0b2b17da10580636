/** A slider for each number of the cells' input. */
import type { Model } from "../../model/model.ts";
import { part } from "./page.ts";

/** Most sliders that people can use. */
export const MAX_SLIDERS = 32;
/** Standard deviations that a slider goes to each side of the mean. */
const REACH = 3;
/** Places that a slider can take. */
const PLACES = 300;

/** Where each slider begins and ends: three standard deviations of what the model has seen, or -3 to 3. */
export function sliderRanges({ rule, provenance: { latent } }: Model): (readonly [number, number])[] {
  return Array.from({ length: rule.inputSize }, (_, i) => {
    // A number that never varied still gets a slider of some length.
    const deviation = latent?.deviation[i] || 1;
    const mean = latent?.mean[i] ?? 0;
    return [mean - REACH * deviation, mean + REACH * deviation];
  });
}

/**
 * Shows the sliders.
 *
 * @param setInput called with all numbers after a slider was moved.
 * @returns shows other numbers; those beyond the end of a slider stay as they are until it is moved.
 */
export function connectNumbers(
  model: Model,
  setInput: (input: Float32Array) => void,
): (input: Float32Array) => void {
  const place = part("numbers", HTMLElement);
  part("numbersTitle", HTMLElement).textContent =
    model.rule.inputSize === 1
      ? "Input of every cell: 1 number"
      : `Input of every cell: ${model.rule.inputSize} numbers`;
  let shown: Float32Array = new Float32Array(model.rule.inputSize);
  const sliders = sliderRanges(model).map(([min, max], i) => {
    const label = document.createElement("label");
    const name = document.createElement("span");
    const slider = document.createElement("input");
    const value = document.createElement("b");
    name.textContent = String(i + 1);
    Object.assign(slider, { type: "range", min, max, step: (max - min) / PLACES, autocomplete: "off" });
    slider.setAttribute("aria-label", `Number ${i + 1}`);
    slider.addEventListener("input", () => {
      setInput(shown.with(i, slider.valueAsNumber));
    });
    label.append(name, slider, value);
    place.append(label);
    return { slider, value };
  });
  return (input) => {
    shown = input;
    for (const [i, { slider, value }] of sliders.entries()) {
      const text = input[i]
        .toFixed(2)
        .replace(/^-(0\.00)$/, "$1")
        .replace("-", "−");
      // While it is dragged it stays where it is.
      if (Math.abs(slider.valueAsNumber - input[i]) > Number(slider.step) / 2)
        slider.value = String(input[i]);
      slider.setAttribute("aria-valuetext", text);
      value.textContent = text;
    }
  };
}
