/** How a model grows its picture. */
import type { Raster } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import type { PictureModel } from "../../model/model.ts";
import { unrollModel } from "../../model/unroll.ts";
import { stateRaster, targetRaster } from "../../render/rgba.ts";
import { layoutSheet, type Sheet, type SheetPanel } from "../../render/sheet.ts";
import { FILM_BACKGROUND } from "../../render/animation.ts";

/** A sheet that shows a model at a glance, and a film of its growth. */
export type SheetAndFilm = Readonly<{
  sheet: Sheet;
  /** Frames of one size. */
  film: readonly Raster[];
}>;

/** Steps of the frames of a film. */
export const FILM_STEPS: readonly number[] = Array.from({ length: 101 }, (_, i) => 2 * i);
/** States on the sheet; far beyond the rollouts of training, a stable pattern still stands. */
const SHEET_STEPS = [0, 10, 20, 30, 40, 60, 80, 120, 200, 500, 1000];
/** About how many pixels long a film and a picture of the sheet become. */
const FILM_SIDE = 288;
const PANEL_SIDE = 216;

/**
 * One rollout from the seeds: its film, and states at chosen steps next to what it was trained for.
 *
 * @param target shape (H, W, 4), premultiplied as the readout says.
 * @throws what `Engine.rollout` throws.
 */
export async function drawGrowth({
  engine,
  model,
  target,
  signal,
}: Readonly<{
  engine: Engine;
  model: PictureModel;
  target: Float32Array;
  signal: AbortSignal;
}>): Promise<SheetAndFilm> {
  const { readout, provenance } = model;
  const { grid } = provenance;
  const filmScale = Math.max(1, Math.round(FILM_SIDE / Math.max(...grid)));
  const scale = Math.max(1, Math.round(PANEL_SIDE / Math.max(...grid)));
  const film: Raster[] = [];
  const panels: SheetPanel[] = [];
  const states = unrollModel(engine, model, { stops: [...FILM_STEPS, ...SHEET_STEPS], signal });
  for await (const { step, state } of states) {
    if (FILM_STEPS.includes(step)) {
      film.push(stateRaster(state, model, grid, { scale: filmScale, background: FILM_BACKGROUND }));
    }
    if (SHEET_STEPS.includes(step)) {
      const caption = step === 0 ? "seed" : `${step} steps`;
      panels.push({ caption, picture: stateRaster(state, model, grid, { scale }) });
    }
  }
  const picture = targetRaster(target, grid, readout.premultiplied, { scale });
  panels.push({ caption: "target", picture, emphasis: true });
  return { film, sheet: layoutSheet(panels) };
}
