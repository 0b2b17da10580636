import type { Raster } from "../../data/image.ts";
import { type Edit, unroll } from "../../engine/unroll.ts";
import { type Model, modelPlane, withPicture } from "../../model/model.ts";
import { asPlane } from "../../model/rows.ts";
import { playerHtml } from "../../player/player.ts";
import { stateRaster } from "../../render/rgba.ts";
import { type Grid, planeOf } from "../../rule/grid.ts";
import { turnedStart } from "../../model/start.ts";
import { engineFor } from "../engine.ts";
import { FILM_BACKGROUND } from "../../render/animation.ts";
import { checkFilmSize, isFilm } from "../pictureFiles.ts";
import { interruptible, unlessAborted } from "../terminal/interrupt.ts";
import { loadGraft, type NamedGraft, titleOf } from "./graft.ts";
import { encodeOutput, isPage, parseOutputs, type RolledOut } from "./outputs.ts";
import { duration } from "../terminal/pace.ts";
import { printerFor, writePlace } from "../place.ts";
import { say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { FRAMES, type RunOptions } from "./options.ts";
import { editsOf } from "./edits.ts";
import { startOf, turnedBy } from "./start.ts";
import { type CellInputs, cellInputs } from "./inputs.ts";
import { engineError } from "../nextStep.ts";
import { loadNamedModel } from "../standardInput.ts";
import { usageError } from "../values.ts";

/** Parts of a rollout between which progress is shown. */
const PARTS = 200;

/** Rolls a model out and writes what was asked for. */
export async function run(path: string, options: RunOptions): Promise<void> {
  const { steps, scale, out = [], fireRate, angle = 0 } = options;
  const { state, graft: guest } = options;
  const outputs = await parseOutputs(out, [path, state, guest?.path, guest?.region]);
  if (outputs.length === 0) {
    throw usageError("there is nothing to write to; name a file, such as --out grown.webp");
  }
  const page = outputs.find(isPage);
  if (page && options.state !== undefined) {
    throw usageError(`${page.path} begins from seeds, not from a state; leave out --state`);
  }
  const loaded = await loadNamedModel(path);
  if (page) modelPlane(asPlane(loaded), path);
  if (outputs.some((output) => !isPage(output) && output.extension !== ".npy")) withPicture(loaded, path);
  const inputs = cellInputs(path, loaded, options, !outputs.every(isPage));
  const { grid, start } = await startOf(loaded, options, inputs.inputs?.at(0));
  const model = changedModel(loaded, grid, options);
  const rule = turnedBy(model.rule, angle);
  const edits = editsOf(options, { ...model, rule, start: turnedStart(model.start, angle) }, grid);
  const graft = options.graft && (await loadGraft(options.graft, loaded, planeOf(grid), fireRate));
  // A row of cells is drawn as it grew.
  const drawsCourse = grid.length === 1 && outputs.some(({ extension }) => extension === ".png");
  const every =
    drawsCourse || outputs.some(({ extension }) => isFilm(extension))
      ? (options.every ?? Math.ceil(steps / FRAMES))
      : undefined;
  const [height, width] = planeOf(grid).map((side) => side * scale);
  const frames = every === undefined ? 1 : Math.ceil(steps / every) + 1;
  checkFilmSize({ width, height, frames }, "a larger --every");

  await interruptible(async (signal) => {
    let rolled: RolledOut = { final: start, film: [] };
    if (!outputs.every(isPage)) {
      const began = performance.now();
      rolled = await rollOut({ ...model, rule }, { start, edits, inputs, graft, every }, options, signal);
      const seconds = (performance.now() - began) / 1000;
      say(`Ran ${steps} steps on ${grid.join(" x ")} cells in ${duration(seconds)}`);
      if (!rolled.final.every(Number.isFinite)) {
        say("The state holds numbers that are not finite: run like this, the automaton explodes");
      }
    }
    const contents = {
      ...rolled,
      model,
      grid,
      scale,
      page: () => pageOf(path, model, { graft, inputs }, options),
    };
    for (const output of outputs) {
      signal.throwIfAborted();
      const bytes = await unlessAborted(signal, encodeOutput(output, contents));
      await writePlace(output, bytes, printerFor(outputs));
    }
  }, "Stopped before everything was written");
}

/** The model on another grid, with another fire rate or step size. */
function changedModel(
  { rule, readout, start, parameters, provenance }: Model,
  grid: Grid,
  { fireRate = rule.fireRate, stepSize = rule.stepSize }: RunOptions,
): Model {
  return {
    rule: { ...rule, fireRate, stepSize },
    readout,
    start,
    parameters,
    provenance: { ...provenance, grid },
  };
}

type Rollout = Readonly<{
  start: Float32Array;
  edits: readonly Edit[];
  inputs: CellInputs;
  graft: NamedGraft | undefined;
  /** Steps from frame to frame of the film; undefined for none. */
  every: number | undefined;
}>;

/** Runs the automaton. */
async function rollOut(
  model: Model,
  { every, graft, inputs, ...from }: Rollout,
  { steps, scale, seed, firstStep, engine: choice }: RunOptions,
  signal: AbortSignal,
): Promise<RolledOut> {
  const { rule, parameters, provenance } = model;
  const { grid } = provenance;
  const engine = await engineFor(
    choice,
    { threads: 1, kernels: "auto", samples: 1 },
    { rule, grid, samples: 1, need: { graft: graft !== undefined } },
    { say, done: "Run" },
  );
  const bar = new ProgressBar(steps);
  const frames = every === undefined ? new Set<number>() : strides(steps, every);
  const stops = new Set([...frames, ...strides(steps, Math.ceil(steps / PARTS))]);
  const film: Raster[] = [];
  let final = from.start;
  try {
    const request = {
      rule,
      parameters,
      grid,
      ...from,
      ...inputs,
      ...(graft && { graft }),
      seed,
      firstStep,
      stops,
    };
    for await (const { step, state } of unroll({ engine, ...request, signal })) {
      if (frames.has(step)) {
        film.push(stateRaster(state, withPicture(model), grid, { scale, background: FILM_BACKGROUND }));
      }
      final = state;
      bar.show(step);
    }
    return { final, film };
  } catch (error) {
    throw engineError(error, "this cannot be run", "--size");
  } finally {
    bar.clear();
    await engine.dispose();
  }
}

/** The page that plays a model as it was to be run. */
function pageOf(
  path: string,
  model: Model,
  { graft, inputs: { inputs } }: Pick<Rollout, "graft" | "inputs">,
  { angle = 0, plant = [] }: RunOptions,
): string {
  const seeds = plant.filter(({ step }) => step === 0).map(({ row, column }) => [row, column] as const);
  return playerHtml(model, {
    title: titleOf(path, model),
    angle,
    ...(inputs && { input: inputs[0] }),
    ...(seeds.length > 0 && { seeds }),
    ...(graft && {
      graft: {
        model: { ...model, parameters: graft.parameters[0] },
        title: graft.title,
        cells: graft.cells,
      },
    }),
  });
}

/** 0, every `every`-th step after it, and the last. */
function strides(steps: number, every: number): Set<number> {
  const inner = Array.from({ length: Math.ceil(steps / every) }, (_, i) => i * every);
  return new Set([...inner, steps]);
}
