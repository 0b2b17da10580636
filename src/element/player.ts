/** The player page (`player.html`): a model, its picture and its controls. */
import { createWasmEngine } from "../engine/wasm/engine.ts";
import { FormatError } from "../errors.ts";
import { fromBase64 } from "../io/base64.ts";
import { type Model, decodeModel } from "../io/model.ts";
import { type PlayerSettings, decodeSettings } from "../io/playerSettings.ts";
import { turnedRule } from "../rule/kernels.ts";
import { connectInput } from "./input.ts";
import { part } from "./page.ts";
import { Simulation } from "./simulation.ts";
import { connectTools } from "./tools.ts";
import { SimulationView } from "./view.ts";

/** Steps a second to choose from. */
const RATES = [1, 2, 5, 10, 20, 30, 60, 120, 250, 500, 1000, Infinity];

/** Plays the model that the page carries; whatever prevents it is said in the page. */
export async function startPlayer(): Promise<void> {
  const message = part("message", HTMLElement);
  const report = (error: unknown) => {
    message.textContent = sentenceOf(error);
    message.hidden = false;
    part("controls", HTMLFieldSetElement).disabled = true;
  };
  try {
    const { model, settings } = readPage();
    const engine = await startEngine();
    const { seeds } = settings;
    const graft = settings.graft && {
      parameters: [settings.graft.model.parameters],
      cells: settings.graft.cells,
    };
    const simulation = new Simulation({ engine, model, seeds, graft, onError: report });
    const view = new SimulationView(part("stage", HTMLElement), simulation);
    const showStatus = connectControls(simulation, view, model, settings);
    const showInput = connectInput(simulation, model, settings);
    if (settings.graft) connectTools(view, settings.title, settings.graft.title);
    simulation.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frame = (now: number) => {
      requestAnimationFrame(frame);
      showInput();
      view.frame().catch(report);
      showStatus(now);
    };
    requestAnimationFrame(frame);
  } catch (error) {
    report(error);
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

async function startEngine() {
  try {
    return await createWasmEngine({ threads: 1 });
  } catch (cause) {
    if (typeof WebAssembly === "object" && !(cause instanceof WebAssembly.CompileError)) throw cause;
    throw new Error(
      "This browser lacks WebAssembly SIMD; a current Chrome, Edge, Firefox or Safari has it.",
      {
        cause,
      },
    );
  }
}

/** Gives the controls their ranges and actions; returns what shows how far the simulation is, to be called each frame. */
function connectControls(
  simulation: Simulation,
  view: SimulationView,
  model: Model,
  settings: PlayerSettings,
): (now: number) => void {
  const play = part("play", HTMLButtonElement);
  const steps = part("steps", HTMLElement);
  const pace = part("pace", HTMLElement);
  const actions = {
    play: () => (simulation.playing = !simulation.playing),
    step: () => simulation.step(),
    reset: () => simulation.reset(),
  };
  for (const [id, action] of Object.entries(actions))
    part(id, HTMLButtonElement).addEventListener("click", action);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A focused button is pressed by the space bar already.
    if (event.key === " " && !(event.target instanceof HTMLButtonElement)) actions.play();
    else if (event.key === ".") actions.step();
    else if (event.key === "r" || event.key === "R") actions.reset();
    else return;
    event.preventDefault();
  });

  slider("speed", { min: 0, max: RATES.length - 1, value: RATES.indexOf(60) }, (index) => {
    simulation.rate = RATES[index];
    return RATES[index] === Infinity ? "fastest" : `${RATES[index]} steps/s`;
  });
  const [height, width] = simulation.grid;
  const largest = Math.max(2, Math.round(Math.min(height, width) / 4));
  slider("brush", { min: 1, max: largest, value: Math.ceil(largest / 3) }, (radius) => {
    view.brush = radius;
    return radius === 1 ? "1 cell" : `${radius} cells`;
  });
  let { angle } = settings;
  let { fireRate, stepSize } = model.rule;
  const changeRule = () => (simulation.rule = turnedRule({ ...model.rule, fireRate, stepSize }, angle));
  const turn = model.rule.kernels.every((kernel) => typeof kernel === "string") ? 5 : 90;
  angle = ((angle % 360) + 360) % 360;
  slider("angle", { min: 0, max: 360 - turn, step: turn, value: angle }, (degrees, moved) => {
    if (moved) angle = degrees;
    changeRule();
    return `${angle}°`;
  });
  slider("fireRate", { min: 1, max: 100, value: Math.round(fireRate * 100) }, (percent, moved) => {
    if (moved) fireRate = percent / 100;
    changeRule();
    return `${Math.round(fireRate * 100)} %`;
  });
  slider("stepSize", { min: 5, max: 200, step: 5, value: 100 }, (percent, moved) => {
    if (moved) stepSize = (model.rule.stepSize * percent) / 100;
    changeRule();
    return stepSize.toFixed(2);
  });

  let since = { time: 0, steps: 0 };
  return (now) => {
    play.textContent = simulation.playing ? "Pause" : "Play";
    steps.textContent = simulation.steps.toLocaleString("en");
    if (simulation.steps < since.steps) since = { time: now, steps: 0 };
    if (now - since.time < 500) return;
    const rate = ((simulation.steps - since.steps) / (now - since.time)) * 1000;
    pace.textContent = Math.round(rate).toLocaleString("en");
    since = { time: now, steps: simulation.steps };
  };
}

type Range = Readonly<{ min: number; max: number; step?: number; value: number }>;

/** @param set takes the slider's value, and says it in words; `moved` is false for the value it begins with. */
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

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
