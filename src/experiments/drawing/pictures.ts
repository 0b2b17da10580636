/** What experiments show that grow pictures from one cell. */
import { fieldAt } from "../../config/config.ts";
import { withPicture } from "../../model/model.ts";
import { type LossChart, TRAINING_CHART } from "../../render/lossChart.ts";
import type { Drawings } from "../drawings.ts";
import type { PictureSubject } from "../experiment.ts";
import { drawGoals } from "./goals.ts";
import { drawGrowth } from "./growth.ts";

const EVOLUTION_CHART: LossChart = {
  unit: "generation",
  subtitle: "of every generation, median and best of its members, and their moving means",
  lines: [
    { field: "loss", name: "median" },
    { field: "best", name: "best" },
  ],
};

export const growthDrawings = pictureDrawings(TRAINING_CHART);
export const evolutionDrawings = pictureDrawings(EVOLUTION_CHART);

function pictureDrawings(chart: LossChart): Drawings<unknown, PictureSubject, object> {
  return {
    sheets: ["sheet.png"],
    film: true,
    chart,
    async draw({ subject: { targets }, model, engine, signal }) {
      const request = { engine, signal, model: withPicture(model) };
      const { sheet, film } = await (targets.length === 1
        ? drawGrowth({ ...request, target: targets[0].data })
        : drawGoals({ ...request, targets: targets.map(({ data }) => data) }));
      return { sheets: { "sheet.png": sheet }, film };
    },
    files: {
      "sheet.png": "its growth at a glance, beside the target",
      "growth.webp": "a film from the seed to step 200 (growth.gif: the same)",
      "player.html": "the living automaton: open it in a browser and damage it",
      "model.safetensors": "the model",
    },
    next: (folder, config) =>
      Array.isArray(fieldAt(config, "target", "source"))
        ? `run ${folder} --goal 2@200 --steps 400 --out turned.webp`
        : `run ${folder} --damage half-left@100 --out healing.webp`,
  };
}
