/** Which reading of a file is right, chosen by its growth from a seed. */
import { planeOf } from "../rule/grid.ts";
import type { Engine, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import { FormatError } from "../errors.ts";
import type { PictureLayout } from "../model/readout.ts";
import { seedState } from "../model/seed.ts";
import { imageLoss } from "../train/loss/loss.ts";
import type { Imported, Reading } from "./imported.ts";

/** Steps after which a state is looked at; automata are trained for some 64 to 96. */
const LOOKS = [16, 32, 48, 64, 80, 96];
/** Beyond what the state of a trained automaton holds; an error grows past it within a few steps. */
const LARGEST = 100;
/** Longest side of the grid to grow on. */
const SIDE = 72;
/** Share of the grid beyond which a pattern has run over it. */
const FULL = 0.9;
/** Living cells of a seed that does not grow. */
const SEEDLING = 9;
/** How much more restless another reading has to be for the choice to be clear. */
const CLEAR = 2;
/** Most rows of a table that are of readings which do not live. */
const ROWS = 6;

export type Verdict = "lives" | "dies" | "explodes" | "fills the grid" | "stands still";

/** What a model did from its seed. */
export type Growth = Readonly<{
  verdict: Verdict;
  /** The last step that was looked at. */
  step: number;
  /** Living cells then. */
  living: number;
  /** Largest absolute value then; Infinity where one is not finite. */
  largest: number;
  /** Squared change of the picture since the look before, divided by the squared picture. */
  change: number;
}>;

/**
 * Grows each reading from one seed and takes the one that lives and has settled most: its cells are neither dead nor all
 * of the grid, its values stay small, and its picture changes little. Of several that are about equal it takes the
 * likeliest, and says so. The same readings give the same choice.
 *
 * @returns the reading, with a table of what each did and a sentence on the choice after its notes. Where none lives, that
 * is the likeliest one.
 * @throws FormatError where none lives and all are guesses.
 */
export async function chooseReading(
  readings: readonly Reading[],
  engine: Engine,
  { signal }: Readonly<{ signal?: AbortSignal }> = {},
): Promise<Imported> {
  const tried: Tried[] = [];
  for (const reading of readings) {
    tried.push({ reading, growth: await growthOf(reading.model, engine, signal) });
  }
  const living = tried.filter(({ growth }) => growth.verdict === "lives");
  // A picture may leave nothing of its grid empty.
  const alive =
    living.length > 0 ? living : tried.filter(({ growth }) => growth.verdict === "fills the grid");
  const least = Math.min(...alive.map(restlessness));
  const [best, ...rivals] = alive.filter((each) => restlessness(each) <= CLEAR * least);
  const chosen = best ?? tried[0];
  const { isGuess, isOwn: _isOwn, text: _text, ...imported } = chosen.reading;
  if (!best && isGuess) {
    throw new FormatError(
      `the file does not say its kernels, and with none of ${readings.length} usual lists of them does it grow from a seed; state them, as in --set 'rule.kernels=["identity","sobelX","sobelY","laplacian"]', or by their taps (docs/import.md)`,
    );
  }
  const heading = "What the file does not say was tried, by growing each reading from a seed:";
  const notes = [heading, ...table(tried, alive, chosen), reasonOf(chosen, alive.length, rivals)];
  return { ...imported, notes: [...imported.notes, ...notes] };
}

type Tried = Readonly<{ reading: Reading; growth: Growth }>;

/** Small where the picture stays as it is and no value is large. */
function restlessness({ growth }: Tried): number {
  return growth.change * growth.largest;
}

function table(tried: readonly Tried[], alive: readonly Tried[], chosen: Tried): string[] {
  const isShort = tried.length <= ROWS;
  const shown = tried.filter((each) => isShort || alive.includes(each) || each === chosen);
  const left = tried.length - shown.length;
  const header = ["", "reading", "did", "steps", "living cells", "largest value", "change"];
  const rows = shown.map((each) => {
    const { verdict, step, living, largest, change } = each.growth;
    return [
      each === chosen ? "*" : "",
      each.reading.text,
      verdict,
      String(step),
      String(living),
      largest.toPrecision(2),
      verdict === "lives" || verdict === "fills the grid" ? change.toPrecision(2) : "",
    ];
  });
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const numbers = header.indexOf("steps");
  const text = lines.map((line) =>
    line
      .map((cell, i) => (i < numbers ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  return left > 0 ? [...text, `   ${left} others die, explode or stand still`] : text;
}

/** Why a reading was chosen, in a sentence. */
function reasonOf({ reading: { text } }: Tried, living: number, rivals: readonly Tried[]): string {
  const options = "--order, --layout, --preset or --set rule.kernels";
  if (living === 0) {
    return `None of them lives, so the likeliest was taken, ${text}; some convention is another one, such as the boundary or the channels of the picture (--preset, --set), or it does not grow from a seed.`;
  }
  if (living === 1) return `Taken: ${text}, the only one that lives; ${options} says otherwise.`;
  if (rivals.length === 0) {
    return `Taken: ${text}, of ${living} that live the one that has settled; ${options} says otherwise.`;
  }
  const others = rivals.slice(0, 2).map(({ reading }) => reading.text);
  const more = rivals.length > 2 ? ` and ${rivals.length - 2} more` : "";
  return `Taken: ${text}, the likeliest, but that is not sure: ${others.join("; ")}${more} settled about as much; compare them, and say which with ${options}.`;
}

async function growthOf(model: Imported["model"], engine: Engine, signal?: AbortSignal): Promise<Growth> {
  const { rule, parameters, provenance } = model;
  const [height, width] = planeOf(provenance.grid);
  const grid = [Math.min(height, SIDE), Math.min(width, SIDE)] as const;
  const cells = grid[0] * grid[1];
  let state: Float32Array | State = seedState(model, grid);
  let before = pictureOf(model, state);
  const empty = new Float32Array(before.length);
  let growth: Growth = { verdict: "stands still", step: 0, living: 0, largest: 0, change: 0 };
  for (const step of LOOKS) {
    const firstStep: number = growth.step;
    const request = { rule, grid, parameters, states: [state], steps: step - firstStep, firstStep, seed: 0 };
    const { final } = await engine.rollout({ ...request, ...(signal && { signal }) });
    disposeStates([state]);
    [state] = final;
    const [numbers, { livingCells: living }] = await Promise.all([state.read(), state.stats()]);
    const picture = pictureOf(model, numbers);
    const largest = numbers.reduce((most, value) => {
      const size = Math.abs(value);
      return size <= most ? most : Number.isNaN(size) ? Infinity : size;
    }, 0);
    const size = imageLoss(numbers, empty, model);
    const change = size === 0 ? 1 : imageLoss(numbers, before, model) / size;
    const verdict: Verdict = !(largest <= LARGEST)
      ? "explodes"
      : living === 0
        ? "dies"
        : rule.alive.mask !== "none" && living > FULL * cells
          ? "fills the grid"
          : living <= SEEDLING
            ? "stands still"
            : "lives";
    growth = { verdict, step, living, largest, change };
    if (verdict === "explodes" || verdict === "dies") break;
    before = picture;
  }
  disposeStates([state]);
  return growth;
}

function pictureOf({ rule: { channels }, readout }: PictureLayout, state: Float32Array): Float32Array {
  const cells = state.length / channels;
  const picture = new Float32Array(cells * readout.channels);
  for (let cell = 0; cell < cells; cell++) {
    const at = cell * channels + readout.offset;
    picture.set(state.subarray(at, at + readout.channels), cell * readout.channels);
  }
  return picture;
}
