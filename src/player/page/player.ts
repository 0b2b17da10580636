/** The player page (`player.html`): a model, its picture and its controls. */
import { FormatError } from "../../errors.ts";
import { fromBase64 } from "../../formats/base64.ts";
import { type Model, decodeModel, modelPlane } from "../../model/model.ts";
import { type PlayerSettings, decodeSettings } from "../settings.ts";
import { connectInput } from "./input.ts";
import { defineNcaCanvas, NcaCanvas } from "../../element/ncaCanvas.ts";
import { engineInWords } from "../../element/engines.ts";
import { part } from "./page.ts";
import { takesDrawings } from "../../model/rows.ts";
import { connectDrawing, connectTools } from "./tools.ts";

/** Steps a second to choose from. */
const RATES = [1, 2, 5, 10, 20, 30, 60, 120, 250, 500, 1000, Infinity];

/** Plays the model that the page carries; the page shows what prevents it. */
export function startPlayer(): void {
  defineNcaCanvas();
  const picture = part("picture", NcaCanvas);
  picture.addEventListener("nca-error", () => (part("controls", HTMLFieldSetElement).disabled = true));
  picture.addEventListener("nca-engine", ({ detail }) => {
    part("engine", HTMLElement).textContent = `Engine: ${engineInWords(detail)}.`;
  });
  try {
    const { model, settings } = readPage();
    const { title, seeds, graft } = settings;
    picture.label = title;
    // Before the model is loaded, since its seeds are turned, too.
    picture.angle = ((settings.angle % 360) + 360) % 360;
    picture.load(model, {
      seeds,
      graft: graft && { parameters: [graft.model.parameters], cells: graft.cells },
    });
    const showStatus = connectControls(picture, model);
    const showInput = connectInput(picture, model, settings);
    if (graft) connectTools(picture, title, graft.title);
    else if (takesDrawings(model)) connectDrawing(picture);
    const frame = (now: number) => {
      requestAnimationFrame(frame);
      showInput();
      showStatus(now);
    };
    requestAnimationFrame(frame);
  } catch (error) {
    picture.fail(error instanceof Error ? error.message : String(error));
  }
}

/** What the page carries. */
function readPage(): { model: Model; settings: PlayerSettings } {
  try {
    return {
      model: decodeModel(fromBase64(part("model", HTMLElement).textContent)),
      settings: decodeSettings(part("settings", HTMLElement).textContent),
    };
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new Error(`The model in this page cannot be read: ${cause.message}.`, { cause });
  }
}

/** Gives the controls their ranges and actions. @returns shows the steps made and their rate, to be called each frame. */
function connectControls(picture: NcaCanvas, model: Model): (now: number) => void {
  const play = part("play", HTMLButtonElement);
  const steps = part("steps", HTMLElement);
  const stepRate = part("stepRate", HTMLElement);
  const actions = {
    play: () => (picture.paused = !picture.paused),
    step: () => picture.step(),
    reset: () => picture.reset(),
  };
  for (const [id, action] of Object.entries(actions))
    part(id, HTMLButtonElement).addEventListener("click", action);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    // A focused button is pressed by the space bar already.
    if (event.key === " " && !(event.target instanceof HTMLButtonElement)) actions.play();
    else if (event.key === ".") actions.step();
    else if (event.key === "r" || event.key === "R") actions.reset();
    else return;
    event.preventDefault();
  });

  slider("speed", { min: 0, max: RATES.length - 1, value: RATES.indexOf(60) }, (index) => {
    picture.speed = RATES[index];
    return RATES[index] === Infinity ? "fastest" : `${RATES[index]} steps/s`;
  });
  const [height, width] = modelPlane(model);
  const largest = Math.max(2, Math.round(Math.min(height, width) / 4));
  // As thin as the ink that cells which are drawn for know.
  const brush = takesDrawings(model) ? 1 : Math.ceil(largest / 3);
  slider("brush", { min: 1, max: largest, value: brush }, (radius) => {
    picture.brush = radius;
    return radius === 1 ? "1 cell" : `${radius} cells`;
  });
  const { fireRate, stepSize } = model.rule;
  const turn = model.rule.kernels.every((kernel) => typeof kernel === "string") ? 5 : 90;
  // A slider rounds the value it begins with; the cells keep the exact one.
  slider("angle", { min: 0, max: 360 - turn, step: turn, value: picture.angle }, (degrees, moved) => {
    if (moved) picture.angle = degrees;
    return `${picture.angle}°`;
  });
  const fixed = model.rule.perceive ? "trained kernels do not turn" : height === 1 && "a row does not turn";
  if (fixed) {
    part("angle", HTMLInputElement).disabled = true;
    part("angleValue", HTMLOutputElement).value = `fixed: ${fixed}`;
  }
  slider("fireRate", { min: 1, max: 100, value: Math.round(fireRate * 100) }, (percent, moved) => {
    if (moved) picture.fireRate = percent / 100;
    return `${Math.round((picture.fireRate ?? fireRate) * 100)} %`;
  });
  slider("stepSize", { min: 5, max: 200, step: 5, value: 100 }, (percent, moved) => {
    if (moved) picture.stepSize = (stepSize * percent) / 100;
    return (picture.stepSize ?? stepSize).toFixed(2);
  });

  let since = { time: 0, steps: 0 };
  return (now) => {
    const made = picture.simulation?.steps ?? 0;
    play.textContent = picture.paused || !picture.simulation ? "Play" : "Pause";
    steps.textContent = made.toLocaleString("en");
    if (made < since.steps) since = { time: now, steps: 0 };
    if (now - since.time < 500) return;
    const rate = ((made - since.steps) / (now - since.time)) * 1000;
    stepRate.textContent = Math.round(rate).toLocaleString("en");
    since = { time: now, steps: made };
  };
}

type Range = Readonly<{ min: number; max: number; step?: number; value: number }>;

/** @param set takes the slider's value, and returns it as text; `moved` is false for the value it begins with. */
function slider(id: string, range: Range, set: (value: number, moved: boolean) => string): void {
  const input = part(id, HTMLInputElement);
  const output = part(`${id}Value`, HTMLOutputElement);
  for (const [name, value] of Object.entries(range)) input.setAttribute(name, String(value));
  input.value = String(range.value);
  const update = (moved: boolean) => {
    output.value = set(input.valueAsNumber, moved);
    input.setAttribute("aria-valuetext", output.value);
  };
  input.addEventListener("input", () => update(true));
  update(false);
}
