import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { type Evaluation, evaluate, type DamagedState } from "../../analysis/evaluation.ts";
import { evaluateTexture, type TextureState } from "../../analysis/textureEvaluation.ts";
import { type PictureModel, withPicture } from "../../model/model.ts";
import { encodeSheet } from "../../node/encode.ts";
import { isFolder } from "../../node/files.ts";
import type { NamedTarget } from "../../node/images.ts";
import { recoverySheet } from "../../render/evaluation.ts";
import { VERSION } from "../../version.ts";
import { openEngine } from "../engine.ts";
import type { EvaluateOptions } from "./options.ts";
import { evaluationLines } from "./text.ts";
import { textureLines, textureSheet } from "./texture.ts";
import { oneOfGoals, modelOfGoal } from "../goals.ts";
import { interruptible, unlessAborted } from "../terminal/interrupt.ts";
import { modelTarget } from "../modelTarget.ts";
import { refuseInputs } from "../run/start.ts";
import { duration } from "../terminal/pace.ts";
import { type Place, placeOf, writePlace } from "../place.ts";
import { print, printJson, say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { loadNamedModel } from "../standardInput.ts";
import { usageError } from "../values.ts";

const PICTURE = "evaluation.png";

/** Measures a model, prints the report and draws how damage heals. */
export async function evaluateModel(
  path: string,
  source: string | undefined,
  options: EvaluateOptions,
): Promise<void> {
  const loaded = await loadNamedModel(path);
  const goal = oneOfGoals(path, loaded, options.goal);
  const model = withPicture(modelOfGoal(loaded, goal), path);
  refuseInputs(model.rule, "evaluate", model.encoder);
  const out = await placeOfPicture(path, source, options);
  const { size, padding, json } = options;
  const target = await modelTarget(path, loaded, { source, size, padding }, goal);
  await interruptible(async (signal) => {
    const began = performance.now();
    if (model.provenance.match === "texture")
      return evaluateAsTexture({ path, model, target, options, out, signal });
    const { engine, evaluation, states } = await measure(model, target, options, signal);
    const { description, grid } = target;
    if (json) {
      printJson({ version: VERSION, engine, model: path, target: description, ...evaluation }, 2);
    } else {
      (out.standard ? say : print)(
        `${description}, ${grid[0]} x ${grid[1]} cells, ${evaluation.runs} runs from seed ${evaluation.seed}, ${engine.build} kernels`,
        "",
        ...evaluationLines(evaluation),
      );
    }
    signal.throwIfAborted();
    say(`Measured in ${duration((performance.now() - began) / 1000)}`);
    const [drawn] = evaluation.angles;
    if (!drawn) return say("No angle was left to draw");
    const picture = await unlessAborted(signal, encodeSheet(recoverySheet(drawn, states, model)));
    await writePlace(out, picture, (written) =>
      say(`Drew how damage heals at angle ${drawn.angle} in ${written}`),
    );
  }, "Stopped before everything was measured and drawn");
}

async function measure(
  { rule, readout, start, parameters }: PictureModel,
  { grid, data }: NamedTarget,
  { steps, angles, runs, seed, kernels, threads }: EvaluateOptions,
  signal: AbortSignal,
): Promise<{ engine: { name: string; build: string }; evaluation: Evaluation; states: DamagedState[] }> {
  const { engine } = await openEngine("wasm", { threads, kernels, samples: runs });
  let bar: ProgressBar | undefined;
  const states: DamagedState[] = [];
  try {
    const evaluation = await evaluate({
      engine,
      rule,
      readout,
      start,
      parameters,
      grid,
      target: data,
      seed,
      runs,
      steps,
      angles: [...new Set(angles)],
      watch: (shown) => void states.push(shown),
      onProgress: (done, total) => (bar ??= new ProgressBar(total)).show(done),
      signal,
    });
    return { engine: { name: engine.name, build: engine.build }, evaluation, states };
  } catch (error) {
    // So an engine says that there is not enough memory.
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`this cannot be evaluated: ${error.message}`, { cause: error });
  } finally {
    bar?.clear();
    await engine.dispose();
  }
}

async function evaluateAsTexture({
  path,
  model,
  target,
  options: { steps, runs, seed, kernels, threads, json },
  out,
  signal,
}: Readonly<{
  path: string;
  model: PictureModel;
  target: NamedTarget;
  options: EvaluateOptions;
  out: Place;
  signal: AbortSignal;
}>): Promise<void> {
  const { engine } = await openEngine("wasm", { threads, kernels, samples: runs });
  let bar: ProgressBar | undefined;
  const states: TextureState[] = [];
  try {
    const evaluation = await evaluateTexture({
      engine,
      model,
      target,
      seed,
      runs,
      steps,
      watch: (shown) => void states.push(shown),
      onProgress: (done, total) => (bar ??= new ProgressBar(total)).show(done),
      signal,
    });
    bar?.clear();
    const { name, build } = engine;
    const { description, grid } = target;
    if (json) {
      printJson(
        { version: VERSION, engine: { name, build }, model: path, target: description, ...evaluation },
        2,
      );
    } else {
      (out.standard ? say : print)(
        `${description}, ${grid[0]} x ${grid[1]} cells, ${runs} runs from seed ${seed}, ${build} kernels`,
        "",
        ...textureLines(evaluation),
      );
    }
    const picture = await unlessAborted(signal, encodeSheet(textureSheet(model, target, states)));
    await writePlace(out, picture, (written) => say(`Drew the texture in ${written}`));
  } finally {
    bar?.clear();
    await engine.dispose();
  }
}

/** Where the picture goes. @throws UserError, before any work, where it could not be written. */
async function placeOfPicture(
  model: string,
  source: string | undefined,
  { out, json }: EvaluateOptions,
): Promise<Place> {
  const usual = (await isFolder(model)) ? join(model, PICTURE) : PICTURE;
  const place = await placeOf(out ?? usual, { extensions: [".png"], inputs: [model, source] });
  if (!json || !place.standard) return place;
  throw usageError("--json and --out - both want standard output; give --out a file");
}
