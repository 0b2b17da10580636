/** What a model is measured by: a picture, or pictures that training has not seen. */
import { resolve } from "node:path";
import { DRAWN } from "../../data/rowPuzzles.ts";
import { HANDWRITING } from "../../data/handwriting.ts";
import type {
  PictureSetSubject,
  PictureSubject,
  PuzzleSubject,
  Subject,
  SubjectKind,
} from "../../experiments/experiment.ts";
import { type Model, modelPlane, withPicture } from "../../model/model.ts";
import { loadData } from "../dataOption.ts";
import { modelOfGoal, oneOfGoals } from "../goals.ts";
import { trainedOn } from "../latents/trainedOn.ts";
import { modelTarget } from "../modelTarget.ts";
import { puzzleSets } from "../train/subject/puzzles.ts";
import { refuseInputs } from "../run/start.ts";
import { usageError } from "../values.ts";
import type { EvaluateOptions } from "./options.ts";

/** What was asked for: a model, by its path, and what names its subject. */
export type Asked = Readonly<{
  path: string;
  model: Model;
  source: string | undefined;
  options: EvaluateOptions;
}>;

/** A subject, and the model that is measured by it. */
export type Loaded = Readonly<{ model: Model; subject: Subject }>;

/** @throws UserError where it cannot be loaded, or (exit status 2) options do not belong to it. */
export function loadSubject(kind: SubjectKind, asked: Asked): Promise<Loaded> {
  switch (kind) {
    case "picture set":
      return loadPictures(asked);
    case "puzzles":
      return loadPuzzles(asked);
    case "picture":
    case "pictures":
    case "picture pairs":
    case "texture":
      return loadPicture(asked);
    default:
      return kind satisfies never;
  }
}

async function loadPicture({ path, model: loaded, source, options }: Asked): Promise<Loaded> {
  const { size, padding, data } = options;
  if (data !== undefined) throw usageError(`${path} draws a picture; leave out --data`);
  const goal = oneOfGoals(path, loaded, options.goal);
  const model = withPicture(modelOfGoal(loaded, goal), path);
  refuseInputs(model.rule, "evaluate", model.encoder);
  const target = await modelTarget(path, loaded, { source, size, padding }, goal);
  const { name, description, grid } = target;
  const subject: PictureSubject = { name, description, grid, targets: [target] };
  return { model, subject };
}

async function loadPictures(asked: Asked): Promise<Loaded> {
  const { path, model, options } = asked;
  checkNamed(asked, "pictures");
  const { data = await trainedOn(path) } = options;
  const [size] = modelPlane(model, path);
  const sets = await loadData(data === HANDWRITING ? data : resolve(data), { size });
  const subject: PictureSetSubject = { ...sets, grid: sets.test.grid };
  return { model, subject };
}

async function loadPuzzles(asked: Asked): Promise<Loaded> {
  const { path, model, options } = asked;
  checkNamed(asked, "puzzles");
  const { data = await trainedOn(path, DRAWN) } = options;
  const { grid } = model.provenance;
  const sets = await puzzleSets(data === DRAWN ? data : resolve(data), grid[0]);
  const subject: PuzzleSubject = { ...sets, grid };
  return { model, subject };
}

/** @throws UserError (exit status 2) for what names a picture, where a folder is to be named. */
function checkNamed({ path, source, options }: Asked, what: string): void {
  const foreign =
    source === undefined
      ? (["goal", "size", "padding"] as const).find((name) => options[name] !== undefined)
      : source;
  if (foreign === undefined) return;
  const given = source ?? `--${foreign}`;
  throw usageError(`${path} is measured by ${what} that --data names; leave out ${given}`);
}
