/** What a run folder shows of a trained model. */
import { existsSync } from "node:fs";
import type { Engine } from "../engine.ts";
import { unroll } from "../engine/unroll.ts";
import type { Model } from "../io/model.ts";
import { playerHtml } from "../io/player.ts";
import { encodeGif, encodeSheet, encodeWebp } from "../node/encode.ts";
import { writeFileAtomic } from "../node/files.ts";
import type { RunFolder } from "../node/runFolder.ts";
import type { Raster } from "../data/image.ts";
import { type LossChart, lossCurve } from "../render/plots.ts";
import { stateRaster, targetRaster } from "../render/rgba.ts";
import { layoutSheet, type SheetPanel } from "../render/sheet.ts";
import { seedState } from "../rule/seed.ts";
import { FILM_BACKGROUND, filmOf } from "./film.ts";

/** The pictures in the order in which they are written; the last one completes a run. */
export const PICTURES = ["sheet.png", "growth.webp", "growth.gif", "loss.svg", "player.html"] as const;
type Picture = (typeof PICTURES)[number];

/** The film goes from the seed to here. */
const FILM_STEPS = 200;
const FILM_EVERY = 2;
/** States on the sheet; far beyond the rollouts of training, a stable pattern still stands. */
const SHEET_STEPS = [0, 10, 20, 30, 40, 60, 80, 120, 200, 500, 1000];
/** About how many pixels wide a film and a picture of the sheet become. */
const FILM_WIDTH = 288;
const PANEL_WIDTH = 216;

/** Whether a folder has all the pictures. */
export function hasPictures(folder: RunFolder): boolean {
  return PICTURES.every((name) => existsSync(folder.file(name)));
}

/**
 * Draws a model that grows from the seed, next to what it was trained for.
 *
 * @param target shape (H, W, 4), premultiplied as the rule says.
 * @throws UserError where a file cannot be written; AbortError or the signal's reason when aborted.
 */
export async function drawPictures(
  folder: RunFolder,
  options: Readonly<{
    engine: Engine;
    model: Model;
    target: Float32Array;
    lossChart: LossChart;
    signal: AbortSignal;
  }>,
): Promise<void> {
  const { model, lossChart, signal } = options;
  const { film, panels } = await grow(options);
  const animation = filmOf(film);
  const draw: Record<Picture, () => Promise<Uint8Array | string>> = {
    "sheet.png": () => encodeSheet(layoutSheet(panels)),
    "growth.webp": () => encodeWebp(animation),
    "growth.gif": () => encodeGif(animation),
    "loss.svg": async () => lossCurve(await folder.metrics.read(), lossChart),
    "player.html": async () => playerHtml(model, { title: model.provenance.target ?? "An automaton" }),
  };
  for (const name of PICTURES) {
    signal.throwIfAborted();
    await writeFileAtomic(folder.file(name), await draw[name]());
  }
}

/** Frames of the film and panels of the sheet, from one rollout. */
async function grow({
  engine,
  model,
  target,
  signal,
}: Parameters<typeof drawPictures>[1]): Promise<{ film: Raster[]; panels: SheetPanel[] }> {
  const { rule, parameters, provenance } = model;
  const { grid, seed = 0 } = provenance;
  const filmScale = Math.max(1, Math.round(FILM_WIDTH / grid[1]));
  const scale = Math.max(1, Math.round(PANEL_WIDTH / grid[1]));
  const filmSteps = Array.from({ length: FILM_STEPS / FILM_EVERY + 1 }, (_, i) => i * FILM_EVERY);
  const film: Raster[] = [];
  const panels: SheetPanel[] = [];
  const states = unroll({
    engine,
    rule,
    parameters,
    grid,
    start: seedState(rule, grid),
    seed,
    stops: [...filmSteps, ...SHEET_STEPS],
    signal,
  });
  for await (const { step, state } of states) {
    if (step <= FILM_STEPS) {
      film.push(stateRaster(state, rule, grid, { scale: filmScale, background: FILM_BACKGROUND }));
    }
    if (SHEET_STEPS.includes(step)) {
      const caption = step === 0 ? "seed" : `${step} steps`;
      panels.push({ caption, picture: stateRaster(state, rule, grid, { scale }) });
    }
  }
  const picture = targetRaster(target, grid, rule.image.premultiplied, { scale });
  panels.push({ caption: "target", picture, emphasis: true });
  return { film, panels };
}
