import { join } from "node:path";
import type { Engine } from "../../engine.ts";
import { growthEvaluation } from "../../experiments/growing/evaluation.ts";
import type { Amounts, Evaluated, Evaluation } from "../../experiments/evaluation.ts";
import type { Subject } from "../../experiments/experiment.ts";
import { experiments } from "../../experiments/registry.ts";
import type { Model } from "../../model/model.ts";
import { encodeSheet } from "../../node/encode.ts";
import { isFolder } from "../../node/files.ts";
import { VERSION } from "../../version.ts";
import { buildWords, engineFor } from "../engine.ts";
import { type Place, placeOf, writePlace } from "../place.ts";
import { engineError } from "../nextStep.ts";
import { loadNamedModel } from "../standardInput.ts";
import { interruptible, unlessAborted } from "../terminal/interrupt.ts";
import { duration } from "../terminal/pace.ts";
import { print, printJson, say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { usageError } from "../values.ts";
import { subjectWords } from "../subjects/kinds.ts";
import type { Measured } from "../subjects/subject.ts";
import type { EvaluateOptions } from "./options.ts";

const PICTURE = "evaluation.png";
const AMOUNTS = ["steps", "runs", "angles", "count"] as const satisfies readonly (keyof Amounts)[];

/** Measures a model as its experiment does, prints the report and draws what it shows. */
export async function evaluateModel(
  path: string,
  source: string | undefined,
  options: EvaluateOptions,
): Promise<void> {
  const model = await loadNamedModel(path);
  const evaluation = await evaluationOf(model);
  const idle = AMOUNTS.find((name) => options[name] !== undefined && !evaluation.amounts.includes(name));
  if (idle !== undefined) {
    throw usageError(`--${idle} says nothing about how ${path} is measured; leave it out`);
  }
  const files = await subjectWords(evaluation).files();
  const loaded = await files.forModel({ path, model, source, options });
  const out = await placeOfPicture(path, source, options);
  await interruptible(async (signal) => {
    const began = performance.now();
    const { engine, evaluated } = await measure(evaluation, loaded, options, signal);
    const { description, grid } = loaded.subject;
    const { amount, report, lines, drawing } = evaluated;
    if (options.json) {
      printJson({ version: VERSION, engine, model: path, target: description, ...report }, 2);
    } else {
      (out.standard ? say : print)(
        `${description}, ${grid.join(" x ")} cells, ${amount}, ${buildWords(engine)}`,
        "",
        ...lines,
      );
    }
    signal.throwIfAborted();
    say(`Measured in ${duration((performance.now() - began) / 1000)}`);
    if (typeof drawing === "string") return say(drawing);
    const picture = await unlessAborted(signal, encodeSheet(drawing.sheet));
    await writePlace(out, picture, (written) => say(`Drew ${drawing.shows} in ${written}`));
  }, "Stopped before everything was measured and drawn");
}

/** What is measured of a model: what its experiment says, or else what of one that grows a picture. */
async function evaluationOf(model: Model): Promise<Evaluation<Subject>> {
  const experiment = experiments.find(({ evaluation }) => evaluation?.fits(model));
  return experiment?.evaluation?.load() ?? growthEvaluation;
}

async function measure(
  evaluation: Evaluation<Subject>,
  { model, subject }: Measured,
  { seed, engine: choice, kernels, threads, ...amounts }: EvaluateOptions,
  signal: AbortSignal,
): Promise<{ engine: Pick<Engine, "name" | "build">; evaluated: Evaluated }> {
  const samples = evaluation.samples(amounts);
  const engine = await engineFor(
    choice,
    { kernels, threads, samples },
    { rule: model.rule, grid: subject.grid, samples, need: {} },
    { say, done: "Measured" },
  );
  let bar: ProgressBar | undefined;
  try {
    const evaluated = await evaluation.evaluate({
      engine,
      model,
      subject,
      amounts,
      seed,
      onProgress: (done, total) => (bar ??= new ProgressBar(total)).show(done),
      signal,
    });
    return { engine: { name: engine.name, build: engine.build }, evaluated };
  } catch (error) {
    throw engineError(error, "this cannot be evaluated", "--size");
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
