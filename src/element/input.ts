/** What people tell the cells: a goal, a picture, or numbers. Nothing of it is in the page of a model without input. */
import type { Model } from "../io/model.ts";
import type { PlayerSettings } from "../io/playerSettings.ts";
import { oneHot } from "../train/goals.ts";
import { connectGoals } from "./goals.ts";
import { connectNumbers, MAX_SLIDERS } from "./numbers.ts";
import { part } from "./page.ts";
import type { Pictures } from "./pictures.ts";
import type { Simulation } from "./simulation.ts";

/** A script of its own, which only the page of a model with an encoder carries. */
declare const pictures: typeof import("./pictures.ts");

/** Shows what there is to choose, and tells the cells what they are told at first. @returns to be called each frame. */
export function connectInput(
  simulation: Simulation,
  model: Model,
  settings: Pick<PlayerSettings, "input" | "examples">,
): () => void {
  const { rule, encoder } = model;
  const { goals, latent } = model.provenance;
  const tell = (input: Float32Array) => (simulation.input = input);
  if (rule.inputSize === 0) return none;
  if (goals) {
    tell(settings.input ?? oneHot(0, goals.length));
    place("goalsPart");
    connectGoals(goals, simulation.input, tell);
    return none;
  }
  tell(settings.input ?? Float32Array.from(latent?.mean ?? simulation.input));
  let shown: Pictures | undefined;
  let showNumbers: (input: Float32Array) => void = none;
  const tellAll = (input: Float32Array) => {
    tell(input);
    showNumbers(input);
  };
  if (encoder) place("picturesPart");
  if (rule.inputSize <= MAX_SLIDERS) {
    place("numbersPart");
    showNumbers = connectNumbers(model, (input) => {
      shown?.leave();
      tellAll(input);
    });
    showNumbers(simulation.input);
  }
  if (encoder) {
    const examples = settings.examples.map((bytes) => Float32Array.from(bytes, (byte) => byte / 255));
    shown = pictures.connectPictures(encoder, rule, examples, !settings.input, tellAll);
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
