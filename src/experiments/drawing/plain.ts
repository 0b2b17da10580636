/** What experiments show that have no drawings of their own: the loss, and states of one rollout from the seeds. */
import { shownReadout } from "../../model/readout.ts";
import { unrollModel } from "../../model/unroll.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { stateRaster } from "../../render/rgba.ts";
import { layoutSheet, type SheetPanel } from "../../render/sheet.ts";
import type { DrawRequest, Drawings } from "../drawings.ts";

const SHEET_STEPS = [0, 10, 20, 40, 60, 80, 120, 200];
/** About how many pixels long a picture of the sheet becomes. */
const PANEL_SIDE = 216;

/** @param unit what one training step is called. */
export function plainDrawings(unit: string): Drawings<unknown, unknown, unknown> {
  return {
    sheets: ["sheet.png"],
    film: false,
    chart:
      unit === "step"
        ? TRAINING_CHART
        : { ...TRAINING_CHART, unit, subtitle: `of every ${unit}, and its moving mean` },
    draw: async (request) => ({ sheets: { "sheet.png": layoutSheet(await panels(request)) } }),
    files: {
      "sheet.png": "its states at a glance",
      "loss.svg": "the loss",
      "player.html": "the living automaton: open it in a browser and damage it",
      "model.safetensors": "the model",
    },
    next: (folder) => `run ${folder} --steps 200 --out states.webp`,
  };
}

async function panels({
  engine,
  model,
  signal,
}: DrawRequest<unknown, unknown, unknown>): Promise<SheetPanel[]> {
  const { rule, provenance } = model;
  const { grid } = provenance;
  const shown = { rule, readout: shownReadout(model) };
  const scale = Math.max(1, Math.round(PANEL_SIDE / Math.max(...grid)));
  const states = unrollModel(engine, model, {
    ...(rule.inputSize > 0 && { inputs: [new Float32Array(rule.inputSize)] }),
    stops: SHEET_STEPS,
    signal,
  });
  const result: SheetPanel[] = [];
  for await (const { step, state } of states) {
    const caption = step === 0 ? "seed" : `${step} steps`;
    result.push({ caption, picture: stateRaster(state, shown, grid, { scale }) });
  }
  return result;
}
