/** What a run shows that turns pictures into others. */
import { drawInputs } from "../../analysis/latents.ts";
import type { Raster } from "../../data/image.ts";
import { withPicture } from "../../model/model.ts";
import { FILM_BACKGROUND } from "../../render/animation.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { stateRaster, targetRaster } from "../../render/rgba.ts";
import { layoutTable, type TableRow } from "../../render/sheet.ts";
import { stripOf } from "../../render/strip.ts";
import { oneHot } from "../../train/goals.ts";
import { FILM_STEPS } from "../drawing/growth.ts";
import type { Drawings } from "../drawings.ts";
import type { PairSubject } from "../experiment.ts";
import { goalName } from "../goals.ts";
import type { TransformConfig } from "./config.ts";

/** States on the sheet, beside the target. */
const SHEET_STEPS = [0, 5, 10, 20, 40, 60, 120, 200, 1000];
/** Before it, and after it, a film stands still for so many frames. */
const STILL = 12;
/** About how many pixels wide a film and a picture of the sheet become. */
const FILM_WIDTH = 320;
const PANEL_WIDTH = 132;

export const transformDrawings: Drawings<TransformConfig, PairSubject, object> = {
  sheets: ["sheet.png"],
  film: true,
  chart: TRAINING_CHART,
  async draw({ subject: { targets, grid }, model: drawn, engine, signal }) {
    const model = withPicture(drawn);
    const { readout, provenance } = model;
    const { seed = 0 } = provenance;
    const pairs = targets.length;
    const scale = Math.max(1, Math.round(PANEL_WIDTH / grid[1]));
    const filmScale = Math.max(1, Math.round(FILM_WIDTH / grid[1] / Math.min(pairs, 3)));
    const inputs = targets.map((_, pair) => (pairs === 1 ? new Float32Array(0) : oneHot(pair, pairs)));
    const film: Raster[] = [];
    const pictures: Raster[][] = targets.map(() => []);
    const stops = [...FILM_STEPS, ...SHEET_STEPS];
    for await (const { step, states } of drawInputs({ engine, model, inputs, stops, seed, signal })) {
      const look = { scale: filmScale, background: FILM_BACKGROUND };
      if (FILM_STEPS.includes(step)) {
        const frame = stripOf(
          states.map((state) => stateRaster(state, model, grid, look)),
          Math.min(pairs, 3),
        );
        film.push(...Array.from({ length: step === 0 ? STILL : 1 }, () => frame));
      }
      if (!SHEET_STEPS.includes(step)) continue;
      states.forEach((state, pair) => pictures[pair].push(stateRaster(state, model, grid, { scale })));
    }
    const rows = targets.map((target, pair): TableRow => ({
      label: provenance.goals ? goalName(provenance.goals[pair], pair) : "",
      pictures: [...pictures[pair], targetRaster(target.data, grid, readout.premultiplied, { scale })],
    }));
    const columns = [...SHEET_STEPS.map((step) => (step === 0 ? "start" : String(step))), "target"];
    return { sheets: { "sheet.png": layoutTable(columns, rows) }, film };
  },
  files: {
    "sheet.png": "how each picture becomes the other, and stays it",
    "growth.webp": "a film to step 200 (growth.gif: the same)",
    "player.html": "the living automaton: open it in a browser and damage it",
    "model.safetensors": "the model",
  },
  next: (folder) => `evaluate ${folder}`,
};
