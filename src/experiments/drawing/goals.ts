/** How a model grows each of its goals, and turns one into the next. */
import { planeOf } from "../../rule/grid.ts";
import type { Raster } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { drawInputs } from "../../analysis/latents.ts";
import type { PictureModel } from "../../model/model.ts";
import { unrollModel } from "../../model/unroll.ts";
import { stackSheets } from "../../render/compose.ts";
import { stateRaster, targetRaster } from "../../render/rgba.ts";
import { layoutTable, type TableRow } from "../../render/sheet.ts";
import { stripOf } from "../../render/strip.ts";
import { FILM_BACKGROUND } from "../../render/animation.ts";
import { goalInput, goalName } from "../goals.ts";
import { FILM_STEPS, type SheetAndFilm } from "./growth.ts";

/** States on the sheet, beside the target. */
const GROWTH_STEPS = [20, 40, 60, 80, 120, 200, 1000];
/** Steps that a goal lasts where goals follow one another, and states on the sheet of the way to the next. */
const GOAL_STEPS = 200;
const SWITCH_STEPS = [0, 10, 20, 40, 60, 80, 120, 200];
const GROWTH_COLUMNS = [...GROWTH_STEPS.map((step, i) => (i === 0 ? `${step} steps` : `${step}`)), "target"];
const TURN_COLUMNS = SWITCH_STEPS.map((step) => (step === 0 ? "before" : `+${step}`));
/** Most goals that follow one another. */
const MAX_SWITCHES = 8;
/** About how many pixels wide a film and a picture of the sheet become. */
const FILM_WIDTH = 600;
const PANEL_WIDTH = 144;

type Request = Readonly<{
  engine: Engine;
  model: PictureModel;
  /** Of each goal, shape (H, W, 4), premultiplied as the readout says. */
  targets: readonly Float32Array[];
  signal: AbortSignal;
}>;

/**
 * A film of all goals that grow side by side; a sheet with a row for each, and below it what becomes of one pattern
 * whose goal changes.
 *
 * @throws what `Engine.rollout` throws.
 */
export async function drawGoals(request: Request): Promise<SheetAndFilm> {
  const { film, rows } = await growths(request);
  const turned = await turns(request);
  const sheets = [layoutTable(GROWTH_COLUMNS, rows, turned), layoutTable(TURN_COLUMNS, turned, rows)];
  return { film, sheet: stackSheets(sheets) };
}

/** Each goal from the seed. */
async function growths({
  engine,
  model,
  targets,
  signal,
}: Request): Promise<Pick<SheetAndFilm, "film"> & Readonly<{ rows: TableRow[] }>> {
  const { readout, provenance } = model;
  const { seed = 0 } = provenance;
  const grid = planeOf(provenance.grid);
  const count = targets.length;
  const inputs = targets.map((_, goal) => goalInput(model, goal));
  const columns = columnsFor(count);
  const filmScale = Math.max(1, Math.round(FILM_WIDTH / (columns * grid[1])));
  const scale = panelScale(grid[1]);
  const film: Raster[] = [];
  const pictures: Raster[][] = targets.map(() => []);
  const stops = [...FILM_STEPS, ...GROWTH_STEPS];
  for await (const { step, states } of drawInputs({ engine, model, inputs, stops, seed, signal })) {
    if (FILM_STEPS.includes(step)) film.push(sideBySide(states));
    if (!GROWTH_STEPS.includes(step)) continue;
    states.forEach((state, goal) => pictures[goal].push(stateRaster(state, model, grid, { scale })));
  }
  const rows = targets.map((target, goal): TableRow => ({
    label: nameOf(model, goal),
    pictures: [...pictures[goal], targetRaster(target, grid, readout.premultiplied, { scale })],
  }));
  return { film, rows };

  function sideBySide(states: readonly Float32Array[]): Raster {
    const places = columns * Math.ceil(count / columns);
    const nothing = new Float32Array(states[0].length);
    const shown = Array.from({ length: places }, (_, i) => states[i] ?? nothing);
    const look = { scale: filmScale, background: FILM_BACKGROUND };
    return stripOf(
      shown.map((state) => stateRaster(state, model, grid, look)),
      columns,
    );
  }
}

/** One pattern that gets the input of one goal after the other, and at last of the first again. */
async function turns({ engine, model, targets, signal }: Request): Promise<TableRow[]> {
  const grid = planeOf(model.provenance.grid);
  const scale = panelScale(grid[1]);
  const goals = targets.map((_, goal) => goal).slice(0, MAX_SWITCHES);
  const order = [...goals, 0];
  const rows = goals.map((goal, i) => ({
    label: nameOf(model, order[i + 1]),
    notes: [`from ${nameOf(model, goal)}`],
    pictures: [] as Raster[],
  }));
  const begins = goals.map((_, i) => (i + 1) * GOAL_STEPS);
  const states = unrollModel(engine, model, {
    inputs: [goalInput(model, 0)],
    switches: begins.map((step, i) => ({ step, input: goalInput(model, order[i + 1]) })),
    stops: begins.flatMap((begin) => SWITCH_STEPS.map((step) => begin + step)),
    signal,
  });
  for await (const { step, state } of states) {
    const picture = stateRaster(state, model, grid, { scale });
    for (const [i, begin] of begins.entries()) {
      if (SWITCH_STEPS.includes(step - begin)) rows[i].pictures.push(picture);
    }
  }
  return rows;
}

function nameOf({ provenance: { goals = [] } }: PictureModel, goal: number): string {
  return goalName(goals[goal] ?? {}, goal);
}

function panelScale(width: number): number {
  return Math.max(1, Math.round(PANEL_WIDTH / width));
}

/** Columns of a table, about square, that leaves few places empty. */
function columnsFor(count: number): number {
  const square = Math.ceil(Math.sqrt(count));
  const empty = (columns: number) => columns * Math.ceil(count / columns) - count;
  return empty(square + 1) < empty(square) ? square + 1 : square;
}
