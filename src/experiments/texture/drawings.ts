/** What a run shows that learns a texture. */
import type { Raster } from "../../data/image.ts";
import { damageEdit } from "../../edit/damage.ts";
import { withPicture } from "../../model/model.ts";
import { unrollModel } from "../../model/unroll.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { stateRaster, targetRaster } from "../../render/rgba.ts";
import { layoutSheet, type SheetPanel } from "../../render/sheet.ts";
import { FILM_BACKGROUND } from "../../render/animation.ts";
import { FILM_STEPS } from "../drawing/growth.ts";
import type { Drawings } from "../drawings.ts";
import type { PictureSubject } from "../experiment.ts";
import type { TextureConfig } from "./config.ts";

/** When a disc is erased, and what is shown: long before, and after. */
const ERASED_AT = 10_001;
const SHEET_STEPS: ReadonlyMap<number, string> = new Map([
  [100, "100 steps"],
  [1000, "1,000 steps"],
  [ERASED_AT - 1, "10,000 steps"],
  [ERASED_AT, "a disc erased"],
  [ERASED_AT + 200, "200 steps later"],
]);
/** About how many pixels long a picture becomes. */
const SIDE = 256;

export const textureDrawings: Drawings<TextureConfig, PictureSubject, object> = {
  sheets: ["sheet.png"],
  film: true,
  chart: TRAINING_CHART,
  async draw({ subject: { targets }, model: drawn, engine, signal }) {
    const model = withPicture(drawn);
    const { rule, readout, provenance } = model;
    const { grid, seed = 0 } = provenance;
    const scale = Math.max(1, Math.round(SIDE / Math.max(...grid)));
    const picture = targetRaster(targets[0].data, grid, readout.premultiplied, { scale });
    const panels: SheetPanel[] = [{ caption: "target", picture, emphasis: true }];
    const film: Raster[] = [];
    const states = unrollModel(engine, model, {
      stops: [...FILM_STEPS, ...SHEET_STEPS.keys()],
      edits: [damageEdit("hole", ERASED_AT, { rule, grid, seed })],
      signal,
    });
    for await (const { step, state } of states) {
      const caption = SHEET_STEPS.get(step);
      if (caption !== undefined)
        panels.push({ caption, picture: stateRaster(state, model, grid, { scale }) });
      if (FILM_STEPS.includes(step)) {
        film.push(stateRaster(state, model, grid, { scale, background: FILM_BACKGROUND }));
      }
    }
    return { sheets: { "sheet.png": layoutSheet(panels) }, film };
  },
  files: {
    "sheet.png": "the target, and the texture after 100, 1,000 and 10,000 steps and once it has healed",
    "growth.webp": "a film from the start to step 200 (growth.gif: the same)",
    "player.html": "the living texture: open it in a browser and erase some of it",
    "model.safetensors": "the model",
  },
  next: (folder) => `evaluate ${folder}`,
};
