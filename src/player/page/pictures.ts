/** Two pictures, which the model's encoder makes into the input of cells, and what lies between them. */
import { type Encoder, encode } from "../../nets/encoder.ts";
import { Pad, penColour, showPicture } from "./pad.ts";
import { part } from "./page.ts";

/** What lies between two vectors: `from` at 0, `to` at 1. */
export function between(from: Float32Array, to: Float32Array, place: number): Float32Array {
  return from.map((value, i) => (place === 1 ? to[i] : value + place * (to[i] - value)));
}

/** The two pictures as the page uses them. */
export type Pictures = Readonly<{
  /** Encodes what was drawn since the last frame, and sets it as the input. */
  frame: () => void;
  /** Shows that the input was set by hand instead. */
  showSetByHand: () => void;
}>;

/**
 * Shows both pictures, the slider between them, and the examples.
 *
 * @param premultiplied whether colours of pictures are multiplied by alpha.
 * @param examples shape (H, W, K) each.
 * @param setInput called with each new input; at once with that of the first example, where there is one and `begin`.
 */
export function connectPictures(
  encoder: Encoder,
  premultiplied: boolean,
  examples: readonly Float32Array[],
  begin: boolean,
  setInput: (input: Float32Array) => void,
): Pictures {
  const { settings } = encoder;
  const mix = part("mix", HTMLInputElement);
  const mixed = part("mixValue", HTMLOutputElement);
  const stale = [true, true];
  const codes: Float32Array[] = [];
  let due = false;
  let chosen = 0;
  const choices = ["A", "B"].map((name) => part(`slot${name}`, HTMLInputElement));
  const pads = ["A", "B"].map((name, slot) => {
    const root = part(`pad${name}`, HTMLElement);
    return new Pad(root, `Picture ${name}`, settings, premultiplied, () => {
      stale[slot] = true;
      thumbs.forEach((thumb) => thumb.classList.remove(name));
      choose(slot);
    });
  });

  const describeMix = (text: string) => {
    mixed.value = text;
    mix.setAttribute("aria-valuetext", text);
  };
  const show = (place: number) => {
    mix.valueAsNumber = place * 100;
    describeMix(place === 0 ? "A" : place === 1 ? "B" : `${Math.round(100 * place)} % B`);
    due = true;
  };
  const choose = (slot: number) => {
    chosen = slot;
    choices[slot].checked = true;
    show(slot);
  };
  const setExample = (example: number, slot: number) => {
    const name = "AB"[slot];
    pads[slot].setPicture(examples[example], `example ${example + 1}`);
    stale[slot] = true;
    for (const [i, thumb] of thumbs.entries()) thumb.classList.toggle(name, i === example);
  };
  const thumbs = examples.map((picture, example) => {
    const thumb = document.createElement("button");
    const canvas = document.createElement("canvas");
    showPicture(canvas, picture, settings, premultiplied);
    thumb.type = "button";
    thumb.setAttribute("aria-label", `Example ${example + 1}`);
    thumb.append(canvas);
    thumb.addEventListener("click", () => {
      setExample(example, chosen);
      choose(chosen);
    });
    part("examples", HTMLElement).append(thumb);
    return thumb;
  });

  choices.forEach((choice, slot) => choice.addEventListener("change", () => choose(slot)));
  mix.addEventListener("input", () => show(mix.valueAsNumber / 100));
  connectPen(pads, settings.channels);
  for (const slot of [0, 1]) if (slot < examples.length) setExample(slot, slot);

  const frame = () => {
    if (!due) return;
    due = false;
    for (const [slot, pad] of pads.entries()) {
      if (stale[slot]) codes[slot] = encode(encoder, pad.picture).mean;
      stale[slot] = false;
    }
    setInput(between(codes[0], codes[1], mix.valueAsNumber / 100));
  };
  const showSetByHand = () => describeMix("set by hand");
  mix.valueAsNumber = 0;
  if (begin && examples.length > 0) {
    show(0);
    frame();
  } else showSetByHand();
  return { frame, showSetByHand };
}

/** Lets the pen's colour be chosen, where pictures have one. */
function connectPen(pads: readonly Pad[], channels: number): void {
  const pen = part("pen", HTMLInputElement);
  pen.closest("label")!.hidden = channels < 3;
  if (channels < 3) return;
  const update = () => {
    for (const pad of pads) pad.colour = penColour(pen.value, channels);
  };
  pen.addEventListener("input", update);
  update();
}
