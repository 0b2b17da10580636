/** The input of cells, chosen by people: a goal, a picture, or numbers. The page of a model without input shows none of it. */
import type { Model } from "../../model/model.ts";
import type { PlayerSettings } from "../settings.ts";
import { connectGoals } from "./goals.ts";
import type { NcaCanvas } from "../../element/ncaCanvas.ts";
import { connectNumbers, MAX_SLIDERS } from "./numbers.ts";
import { part } from "./page.ts";
import type { Pictures } from "./pictures.ts";

/** A script of its own, which only the page of a model with an encoder carries. */
declare const pictures: typeof import("./pictures.ts");

/** Shows what there is to choose, and sets the first input. @returns to be called each frame. */
export function connectInput(
  picture: NcaCanvas,
  model: Model,
  settings: Pick<PlayerSettings, "input" | "examples">,
): () => void {
  const { rule, readout, encoder } = model;
  const { goals } = model.provenance;
  const setInput = (input: Float32Array) => (picture.input = input);
  if (rule.inputSize === 0) return none;
  const first = settings.input ?? picture.input!;
  setInput(first);
  if (goals) {
    place("goalsPart");
    connectGoals(goals, first, setInput);
    return none;
  }
  let shown: Pictures | undefined;
  let showNumbers: (input: Float32Array) => void = none;
  const setAndShow = (input: Float32Array) => {
    setInput(input);
    showNumbers(input);
  };
  if (encoder) place("picturesPart");
  if (rule.inputSize <= MAX_SLIDERS) {
    place("numbersPart");
    showNumbers = connectNumbers(model, (input) => {
      shown?.showSetByHand();
      setAndShow(input);
    });
    showNumbers(first);
  }
  if (encoder) {
    const examples = settings.examples.map((bytes) => Float32Array.from(bytes, (byte) => byte / 255));
    shown = pictures.connectPictures(
      encoder,
      readout?.premultiplied ?? false,
      examples,
      !settings.input,
      setAndShow,
    );
  }
  return shown?.frame ?? none;
}

function none(): void {}

/** Puts a template's content into the page. */
function place(id: string): void {
  const input = part("input", HTMLElement);
  input.append(part(id, HTMLTemplateElement).content);
  input.hidden = false;
}
