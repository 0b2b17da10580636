import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Raster } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { type Cell, representativeCells } from "../../analysis/cells.ts";
import { record, sampledSteps } from "../../analysis/inspection.ts";
import { type PictureModel, withPicture, modelPlane } from "../../model/model.ts";
import { fileError, removeTemporaryFiles, writeFileAtomic } from "../../node/files.ts";
import type { NamedTarget } from "../../node/images.ts";
import { makeFolder } from "../../node/runFolder.ts";
import { stateRaster } from "../../render/rgba.ts";
import type { Plane } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { startState } from "../../model/start.ts";
import { engineFor } from "../engine.ts";
import { oneOfGoals, modelOfGoal } from "../goals.ts";
import { filesOf, type Inspection } from "./files.ts";
import type { InspectOptions } from "./options.ts";
import { interruptible, unlessAborted } from "../terminal/interrupt.ts";
import { LiveArea } from "../terminal/liveArea.ts";
import { findModelTarget } from "../modelTarget.ts";
import { duration } from "../terminal/pace.ts";
import { keepInputs } from "../place.ts";
import { print, say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { refuseInputs } from "../run/start.ts";
import { engineError } from "../nextStep.ts";
import { loadNamedModel } from "../standardInput.ts";
import { usageError } from "../values.ts";

const MAX_CELLS = 16;
/** Longest side of a grid. */
const MAX_SIDE = 512;
/** Most numbers of a state. */
const MAX_NUMBERS = 2 ** 24;
/** Most pixels of a film, all pictures together. */
const MAX_PIXELS = 2 ** 22;
const MAX_PICTURES = 200;
/** After so many steps a pattern has grown. */
const GROWN = 200;

/** Names of the files that this command writes. */
const OWN_FILES =
  /^(?:traces-\d+-\d+\.svg|traces\.csv|traces\.npy|counts\.svg|(?:sobel|fire|cells|channels|hidden)\.png|report\.html)$/;

/** Looks into a model while it runs, and draws what it finds. */
export async function inspect(
  path: string,
  source: string | undefined,
  options: InspectOptions,
): Promise<void> {
  const { steps, damage = [], out } = options;
  const late = damage.find(({ step }) => step > steps);
  if (late) throw usageError(`--damage ${late.kind}@${late.step} comes after the last step, ${steps}`);
  const loaded = await loadNamedModel(path);
  const { size, padding } = options;
  const goal = oneOfGoals(path, loaded, options.goal);
  const model = withPicture(modelOfGoal(loaded, goal), path);
  const target = await findModelTarget(path, loaded, { source, size, padding }, goal);
  if (!target && (size ?? padding) !== undefined) {
    throw usageError("--size and --padding are those of a picture; name it after the model");
  }
  const grid = target?.grid ?? modelPlane(model, path);
  checkRule(model.rule, grid);
  const at = options.at && chosenCells(options.at, grid);
  await openFolder(out, [path, source]);

  await interruptible(async (signal) => {
    const began = performance.now();
    const inspection = await run({ path, model, target, grid, at }, options, signal);
    const seconds = (performance.now() - began) / 1000;
    say(`Ran ${steps} steps on ${grid[0]} x ${grid[1]} cells in ${duration(seconds)}`);
    if (!inspection.recording.norms.every(Number.isFinite)) {
      say("The state holds numbers that are not finite: run like this, the automaton explodes");
    }
    if (model.rule.perceive) {
      say("No sobel.png: this automaton's kernels are trained, others for each channel");
    }
    await write(out, inspection, signal);
  }, "Stopped before everything was written");
}

function checkRule(rule: Rule, [height, width]: Plane): void {
  refuseInputs(rule, "inspect");
  const { channels } = rule;
  if (Math.max(height, width) <= MAX_SIDE && height * width * channels <= MAX_NUMBERS) return;
  const side = Math.min(MAX_SIDE, Math.floor(Math.sqrt(MAX_NUMBERS / channels)));
  throw new UserError(
    `a grid of ${height} x ${width} cells is too large to look into; with ${channels} channels, sides of at most ${side} are not`,
  );
}

/** The cells asked for, each once. */
function chosenCells(cells: readonly Cell[], [height, width]: Plane): Cell[] {
  const outside = cells.find(([row, column]) => row >= height || column >= width);
  if (outside) {
    throw usageError(
      `--at ${outside.join()} lies outside the grid of ${height} x ${width} cells; rows and columns count from 0`,
    );
  }
  const unique = [...new Map(cells.map((cell) => [cell.join(), cell])).values()];
  if (unique.length > MAX_CELLS) {
    throw usageError(`--at names ${unique.length} cells; at most ${MAX_CELLS} are drawn`);
  }
  return unique;
}

/** Makes the folder, or makes sure that it holds nothing but what this command wrote. */
async function openFolder(path: string, inputs: readonly (string | undefined)[]): Promise<void> {
  await makeFolder(path);
  await removeTemporaryFiles(path);
  const entries = await entriesOf(path);
  const foreign = entries.find((name) => !OWN_FILES.test(name));
  if (foreign !== undefined) {
    throw new UserError(
      `${path} holds ${foreign}, which neoblast inspect did not write; choose another folder`,
    );
  }
  for (const name of entries) await keepInputs(join(path, name), inputs);
}

async function entriesOf(path: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    throw fileError(error, "read", path);
  });
}

type Subject = Readonly<{
  path: string;
  model: PictureModel;
  target: NamedTarget | undefined;
  grid: Plane;
  at: readonly Cell[] | undefined;
}>;

async function run(
  { path, model, target, grid, at }: Subject,
  { steps, seed, damage = [], engine: choice }: InspectOptions,
  signal: AbortSignal,
): Promise<Inspection> {
  const { rule, readout, start, parameters } = model;
  const engine = await engineFor(
    choice,
    { threads: 1, kernels: "auto", samples: 1 },
    { rule, grid, samples: 1, need: {} },
    { say, done: "Run" },
  );
  const bar = new ProgressBar(steps);
  const fitting = Math.max(1, Math.floor(MAX_PIXELS / (grid[0] * grid[1])));
  const filmed = sampledSteps(steps, Math.min(MAX_PICTURES, fitting));
  const pictures: Raster[] = [];
  try {
    const grown = await grow(engine, model, grid, { seed, steps: Math.min(steps, GROWN), signal });
    const cells = at ?? representativeCells(rule, grid, grown.state);
    const watch = (step: number, state: Float32Array) => {
      if (step === filmed[pictures.length]) pictures.push(stateRaster(state, model, grid));
      bar.show(step);
    };
    const from = { rule, readout, start, grid, parameters, seed };
    const request = { engine, ...from, steps, damage, cells, watch, signal };
    return {
      model,
      name: target?.description ?? model.provenance.target ?? basename(path),
      grid,
      steps,
      seed,
      damage,
      cells,
      recording: await record(request),
      target: target?.data,
      grown,
      film: { steps: filmed, pictures },
    };
  } catch (error) {
    throw engineError(error, "this cannot be run", "--size");
  } finally {
    bar.clear();
    await engine.dispose();
  }
}

/** The state after some steps without damage. */
async function grow(
  engine: Engine,
  model: PictureModel,
  grid: Plane,
  { seed, steps, signal }: Readonly<{ seed: number; steps: number; signal: AbortSignal }>,
): Promise<Inspection["grown"]> {
  const { rule, parameters } = model;
  const states = [startState(model, grid)];
  const { final } = await engine.rollout({ rule, grid, parameters, states, steps, seed, signal });
  return { step: steps, state: await final[0].read() };
}

/** Writes every file, and takes away those of an earlier look that are not written again. */
async function write(folder: string, inspection: Inspection, signal: AbortSignal): Promise<void> {
  const files = filesOf(inspection);
  const names = new Set(files.map(({ name }) => name));
  for (const name of await entriesOf(folder)) {
    if (OWN_FILES.test(name) && !names.has(name)) await rm(join(folder, name), { force: true });
  }
  const area = process.stderr.isTTY ? new LiveArea(process.stderr) : undefined;
  for (const { name, draw } of files) {
    signal.throwIfAborted();
    area?.draw([`Drawing ${name}`]);
    const path = join(folder, name);
    try {
      await writeFileAtomic(path, await unlessAborted(signal, draw()));
    } finally {
      area?.clear();
    }
    print(path);
  }
}
