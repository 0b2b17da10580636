import { dirname, extname, join } from "node:path";
import { UserError } from "../errors.ts";
import { type Evaluation, evaluate, type Sight } from "../experiments/evaluation.ts";
import type { Model } from "../io/model.ts";
import { encodeSheet } from "../node/encode.ts";
import { isFolder, writeFileAtomic } from "../node/files.ts";
import { loadModel } from "../node/models.ts";
import type { NamedTarget } from "../node/images.ts";
import { recoverySheet } from "../render/evaluation.ts";
import { VERSION } from "../version.ts";
import { type KernelChoice, openEngine } from "./engine.ts";
import { evaluationText } from "./evaluationText.ts";
import { oneOfGoals, toldModel } from "./goals.ts";
import { Interruption, interruptible } from "./interrupt.ts";
import { modelTarget } from "./modelTarget.ts";
import { refuseInputs } from "./runInputs.ts";
import { duration } from "./pace.ts";
import { ProgressBar } from "./progressBar.ts";
import { usageError } from "./values.ts";

/** Options that were not given and have no default are undefined. */
export type EvaluateOptions = Readonly<{
  goal?: string;
  size?: number;
  padding?: number;
  steps: readonly number[];
  angles: readonly number[];
  seeds: number;
  seed: number;
  kernels: KernelChoice;
  threads: number | "auto";
  out?: string;
  json?: true;
}>;

const PICTURE = "evaluation.png";

/** Measures a model, prints the report and draws how cuts heal. */
export async function evaluateModel(
  path: string,
  source: string | undefined,
  options: EvaluateOptions,
): Promise<void> {
  const loaded = await loadModel(path);
  const goal = oneOfGoals(path, loaded, options.goal);
  const model = toldModel(loaded, goal);
  refuseInputs(model.rule, "evaluate", model.encoder);
  const out = await placeOfPicture(path, options.out);
  const { size, padding, json } = options;
  const target = await modelTarget(path, loaded, { source, size, padding }, goal);
  await interruptible(async (signal) => {
    const began = performance.now();
    const { engine, evaluation, sights } = await measure(model, target, options, signal);
    const { description, grid } = target;
    process.stdout.write(
      json
        ? `${JSON.stringify({ version: VERSION, engine, model: path, target: description, ...evaluation }, null, 2)}\n`
        : `${description}, ${grid[0]} x ${grid[1]} cells, ${evaluation.seeds} seeds from ${evaluation.seed}, ${engine.build} kernels\n\n${evaluationText(evaluation)}`,
    );
    say(`Measured in ${duration((performance.now() - began) / 1000)}`);
    const [drawn] = evaluation.angles;
    if (!drawn) return say("No angle was left to draw");
    signal.throwIfAborted();
    await writeFileAtomic(out, await encodeSheet(recoverySheet(drawn, sights, model.rule)));
    say(`Drew how cuts heal at angle ${drawn.angle} in ${out}`);
  }).catch((error: unknown) => {
    if (error instanceof Interruption) say("Stopped before everything was measured and drawn");
    throw error;
  });
}

async function measure(
  { rule, parameters, start }: Model,
  { grid, data }: NamedTarget,
  { steps, angles, seeds, seed, kernels, threads }: EvaluateOptions,
  signal: AbortSignal,
): Promise<{ engine: { name: string; build: string }; evaluation: Evaluation; sights: Sight[] }> {
  const { engine } = await openEngine("wasm", { threads, kernels, samples: seeds });
  let bar: ProgressBar | undefined;
  const sights: Sight[] = [];
  try {
    const evaluation = await evaluate({
      engine,
      rule,
      parameters,
      grid,
      target: data,
      start,
      seed,
      seeds,
      steps,
      angles: [...new Set(angles)],
      watch: (sight) => void sights.push(sight),
      onProgress: (done, total) => (bar ??= new ProgressBar(total)).show(done),
      signal,
    });
    return { engine: { name: engine.name, build: engine.build }, evaluation, sights };
  } catch (error) {
    // So an engine says that there is not enough memory.
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`this cannot be evaluated: ${error.message}`, { cause: error });
  } finally {
    bar?.clear();
    await engine.dispose();
  }
}

/** Where the picture goes. @throws UserError, before any work, where it could not be written. */
async function placeOfPicture(model: string, out: string | undefined): Promise<string> {
  if (out === undefined) return (await isFolder(model)) ? join(model, PICTURE) : PICTURE;
  if (extname(out).toLowerCase() !== ".png") {
    throw usageError(`--out is ${JSON.stringify(out)}; its name must end in .png`);
  }
  if (await isFolder(out)) throw new UserError(`cannot write ${out}: it is a folder`);
  if (!(await isFolder(dirname(out)))) throw new UserError(`cannot write ${out}: its folder does not exist`);
  return out;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
