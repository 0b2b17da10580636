/** What a run shows whose cells restore pictures. */
import type { Raster } from "../../data/image.ts";
import type { PictureSet } from "../../data/pictureSet.ts";
import type { Engine } from "../../engine.ts";
import { unroll } from "../../engine/unroll.ts";
import { type PictureModel, withPicture } from "../../model/model.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { pictureRaster, stateRaster } from "../../render/rgba.ts";
import { layoutTable, type Sheet, type TableRow } from "../../render/sheet.ts";
import { stripOf } from "../../render/strip.ts";
import type { Drawings } from "../drawings.ts";
import type { PictureSetSubject } from "../experiment.ts";
import type { Restoration, RestorationConfig } from "./config.ts";
import { corrupt } from "./corruption.ts";
import type { RestorationReport } from "./report.ts";
import { spoiltState } from "./restoration.ts";

const SHEET_STEPS = [0, 2, 4, 8, 16, 32, 200];
const FILM_STEPS = Array.from({ length: 49 }, (_, step) => step);
/** Pictures of the film, in two rows. */
const FILMED = 12;
/** About how many pixels wide a film and a picture of the sheet become. */
const FILM_WIDTH = 504;
const PANEL_WIDTH = 84;

export function restorationDrawings(
  what: Restoration,
): Drawings<RestorationConfig, PictureSetSubject, RestorationReport> {
  return {
    sheets: ["sheet.png"],
    film: true,
    chart: TRAINING_CHART,
    async draw({ engine, model: drawn, subject: { test, name }, report, signal }) {
      const model = withPicture(drawn);
      const { levels } = report!;
      const sheet = await restorationSheet({ engine, model, pictures: test, levels, signal });
      const middle = levels[levels.length >> 1];
      const scale = Math.max(1, Math.round((FILM_WIDTH / test.grid[1] / FILMED) * 2));
      const frames: Raster[][] = FILM_STEPS.map(() => []);
      for (let index = 0; index < Math.min(FILMED, test.count); index++) {
        for await (const { step, state } of course(
          { engine, model, pictures: test, signal },
          index,
          middle,
          FILM_STEPS,
        )) {
          frames[step].push(stateRaster(state, model, test.grid, { scale, background: [255, 255, 255] }));
        }
      }
      const film = frames.map((pictures) => stripOf(pictures, Math.min(FILMED / 2, pictures.length)));
      return { sheets: { "sheet.png": sheet }, film, page: { title: name } };
    },
    files: {
      "sheet.png": `pictures it has not seen, ${what === "denoise" ? "under more and more noise" : "of which pixels are missing"}, as its cells restore them`,
      "growth.webp": "a film of the same (growth.gif: the same)",
      "report.json": "errors by how much was spoilt",
      "player.html": "the living automaton: open it in a browser",
      "model.safetensors": "the model",
    },
    next: (folder) => `evaluate ${folder}`,
  };
}

type Shown = Readonly<{ engine: Engine; model: PictureModel; pictures: PictureSet; signal: AbortSignal }>;

/** A row for each kind and level: what is given, what cells make of it, and the picture as it was. */
export async function restorationSheet({
  levels,
  ...shown
}: Shown & Pick<RestorationReport, "levels">): Promise<Sheet> {
  const { model, pictures } = shown;
  const { grid, channels } = pictures;
  const scale = Math.max(1, Math.round(PANEL_WIDTH / grid[1]));
  const rows: TableRow[] = [];
  for (const [index, level] of levels.entries()) {
    const drawn: Raster[] = [];
    for await (const { state } of course(shown, index % pictures.count, level, SHEET_STEPS)) {
      drawn.push(stateRaster(state, model, grid, { scale }));
    }
    const { error } = level.restored[level.restored.length - 1];
    rows.push({
      label: `${level.kind} ${level.level}`,
      notes: [`error ${level.given.toFixed(3)} to ${error?.toFixed(3) ?? "infinity"}`],
      pictures: [
        ...drawn,
        pictureRaster(pictures.picture(index % pictures.count), grid, channels, { scale }),
      ],
    });
  }
  const columns = [...SHEET_STEPS.map((step) => (step === 0 ? "given" : String(step))), "picture"];
  return layoutTable(columns, rows);
}

/** One picture that is spoilt, and what becomes of it. */
function course(
  { engine, model: { rule, readout, parameters }, pictures, signal }: Shown,
  index: number,
  { kind, level }: RestorationReport["levels"][number],
  stops: readonly number[],
): ReturnType<typeof unroll> {
  const { grid } = pictures;
  const spoilt = corrupt(pictures.picture(index), grid, { kind, level }, [1, 0, index]);
  return unroll({
    engine,
    rule,
    parameters,
    grid,
    start: spoiltState(spoilt, rule.channels, readout),
    seed: index,
    stops,
    signal,
  });
}
