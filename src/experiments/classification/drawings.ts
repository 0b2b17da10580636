/** The pictures in the folder of a run of `neoblast classify`. */
import {
  type Agreement,
  asClassifier,
  otherClass,
  type ShowRequest,
  showPictures,
} from "../../analysis/classification.ts";
import type { Raster } from "../../data/image.ts";
import { isLabelled, type PictureSet } from "../../data/pictureSet.ts";
import { classColour } from "../../render/classColours.ts";
import { keySheet, stackSheets } from "../../render/compose.ts";
import { confusionSheet } from "../../render/confusion.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { stateRaster } from "../../render/rgba.ts";
import { layoutTable, type Sheet } from "../../render/sheet.ts";
import { stripOf } from "../../render/strip.ts";
import type { Drawings, DrawRequest, Drawn } from "../drawings.ts";
import type { PictureSetSubject } from "../experiment.ts";
import type { ClassificationConfig } from "./config.ts";
import type { ClassificationReport } from "./report.ts";

/** Pictures of the sheet, a column each, and of the film. */
const COLUMNS = 12;
const FILMED = 24;
/** Steps of the sheet until each picture becomes another, and after that. */
const CHANGE = 200;
const STEPS = [0, 2, 5, 10, 20, 50, CHANGE];
const STEPS_AFTER = [1, 5, 10, 20, 200];
const FILM_CHANGE = 60;
const FILM_STEPS = Array.from({ length: 71 }, (_, i) => 2 * i);
/** About how many pixels wide a film and a picture of the sheet become. */
const FILM_WIDTH = 504;
const PANEL_WIDTH = 84;

type Request = DrawRequest<ClassificationConfig, PictureSetSubject, ClassificationReport>;

export const classificationDrawings: Drawings<ClassificationConfig, PictureSetSubject, ClassificationReport> =
  {
    sheets: ["confusion.png", "sheet.png"],
    film: true,
    chart: TRAINING_CHART,
    draw: classificationPictures,
    files: {
      "sheet.png": "pictures it has not seen, in the colours of the classes that their cells name",
      "confusion.png": "what is taken for what",
      "growth.webp": "how cells come to agree, and change their minds (growth.gif: the same)",
      "report.json": "shares of cells and pictures that are right",
      "player.html": "the living automaton: open it in a browser and draw",
      "model.safetensors": "the model",
    },
    next: (folder) => `run ${folder} --steps 200 --out states.webp`,
  };

/** Shows held-out pictures, a first of each class in turn, and then others in their places. */
async function classificationPictures(request: Request): Promise<Drawn> {
  const { agreement } = request.report!;
  const sheet = await agreementSheet(
    request,
    agreement[0].classes.map(({ name }) => name),
  );
  const film = await agreementFilm(request);
  return {
    sheets: { "confusion.png": confusionSheets(agreement), "sheet.png": sheet },
    film,
    page: { title: request.subject.name },
  };
}

/** What is taken for what: at the last step before the change, and after it. */
export function confusionSheets(agreement: readonly Agreement[]): Sheet {
  const settled = agreement.findLast(({ changed }) => !changed)!;
  const changed = agreement.findLast((moment) => moment.changed)!;
  return stackSheets([
    confusionSheet(settled, `After ${settled.step} steps`),
    confusionSheet(changed, `${changed.step - settled.step} steps after each became another`),
  ]);
}

async function agreementSheet(request: Request, names: readonly string[]): Promise<Sheet> {
  const { grid } = request.subject.test;
  const scale = Math.max(1, Math.round(PANEL_WIDTH / grid[1]));
  const stops = [...STEPS, ...STEPS_AFTER.map((step) => CHANGE + step)];
  const rows: { label: string; pictures: Raster[] }[] = [];
  for await (const { step, states } of show(request, { count: COLUMNS, change: CHANGE, stops })) {
    const label = step > CHANGE ? `+${step - CHANGE}` : step === 0 ? "picture" : `${step} steps`;
    rows.push({ label, pictures: states.map((state) => rasterOf(request, state, scale)) });
  }
  const key = keySheet(names.map((text, index) => ({ colour: classColour(index), text })));
  return stackSheets([
    key,
    layoutTable(
      rows[0].pictures.map(() => ""),
      rows,
    ),
  ]);
}

async function agreementFilm(request: Request): Promise<Raster[]> {
  const { grid } = request.subject.test;
  const columns = 6;
  const scale = Math.max(1, Math.round(FILM_WIDTH / (columns * grid[1])));
  const film: Raster[] = [];
  for await (const { states } of show(request, { count: FILMED, change: FILM_CHANGE, stops: FILM_STEPS })) {
    film.push(
      stripOf(
        states.map((state) => rasterOf(request, state, scale)),
        columns,
      ),
    );
  }
  return film;
}

function rasterOf({ model, subject }: Request, state: Float32Array, scale: number): Raster {
  return stateRaster(state, asClassifier(model), subject.test.grid, { scale });
}

function show(
  { engine, model, subject: { test }, signal }: Request,
  { count, ...when }: Pick<ShowRequest, "change" | "stops"> & Readonly<{ count: number }>,
): ReturnType<typeof showPictures> {
  const seed = model.provenance.seed ?? 0;
  const indices = inTurn(test, count);
  const others = indices.map((index) =>
    isLabelled(test) ? otherClass(test, index, test.count, seed) : index,
  );
  return showPictures({
    engine,
    model: asClassifier(model),
    grid: test.grid,
    pictures: indices.map((index) => test.picture(index)),
    others: others.map((index) => test.picture(index)),
    seed,
    signal,
    ...when,
  });
}

/** Numbers of the first pictures of all classes, one of each class after the other. */
function inTurn(pictures: PictureSet, count: number): number[] {
  const groups = new Map<number, number[]>();
  for (let index = 0; index < Math.min(pictures.count, 100 * count); index++) {
    const label = pictures.label?.(index) ?? 0;
    groups.set(label, [...(groups.get(label) ?? []), index]);
  }
  const sorted = [...groups].toSorted(([a], [b]) => a - b).map(([, indices]) => indices);
  const rounds = Array.from({ length: count }, (_, round) =>
    sorted.flatMap((indices) => indices[round] ?? []),
  );
  return rounds.flat().slice(0, count);
}
