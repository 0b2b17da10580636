/** What is measured of a texture. */
import {
  ERASED_AT,
  evaluateTexture,
  type TextureEvaluation,
  type TextureState,
} from "../../analysis/textureEvaluation.ts";
import type { Target } from "../../data/image.ts";
import { type PictureModel, withPicture } from "../../model/model.ts";
import { gridText } from "../../rule/grid.ts";
import { stateRaster, targetRaster } from "../../render/rgba.ts";
import { layoutSheet, type Sheet } from "../../render/sheet.ts";
import type { Evaluation } from "../evaluation.ts";
import type { PictureSubject } from "../experiment.ts";

const RUNS = 8;
const STEPS = [96, 200, 1000, 10000];

export const textureEvaluation: Evaluation<PictureSubject> = {
  subject: "texture",
  amounts: ["steps", "runs", "angles"],
  samples: ({ runs = RUNS }) => runs,
  async evaluate({ engine, model: measured, subject, seed, onProgress, signal, amounts }) {
    const model = withPicture(measured);
    const [target] = subject.targets;
    const { runs = RUNS, steps = STEPS } = amounts;
    const states: TextureState[] = [];
    const report = await evaluateTexture({
      engine,
      model,
      target,
      seed,
      runs,
      steps,
      watch: (shown) => void states.push(shown),
      onProgress,
      signal,
    });
    return {
      amount: `${runs} runs from seed ${seed}`,
      report,
      lines: textureLines(report),
      drawing: { sheet: textureSheet(model, target, states), shows: "the texture" },
    };
  },
};

/** About how many pixels long a picture of the sheet becomes. */
const PANEL_SIDE = 256;

const scaleOf = (side: number) => Math.max(1, Math.round(PANEL_SIDE / side));
const percent = (share: number | null) => (share === null ? "diverged" : `${(100 * share).toFixed(1)}%`);

/** Lines for a terminal. */
function textureLines({ steps, healing, seam, grids }: TextureEvaluation): string[] {
  return [
    "Relative error, 0% the target's own patches and 100% one even colour: mean of the runs, and the worst",
    ...steps.map(({ step, mean, worst }) => `  ${step} steps: ${percent(mean)}, ${percent(worst)}`),
    `After a disc was erased at step ${ERASED_AT}:`,
    ...healing.map(({ after, mean, worst }) => `  +${after}: ${percent(mean)}, ${percent(worst)}`),
    "On other grids:",
    ...grids.map(({ grid, mean }) => `  ${gridText(grid)}: ${percent(mean)}`),
    `Seam: ${seam === null ? "none to be measured" : seam.toFixed(2)} (1: neighbours differ across the edges as they do elsewhere)`,
  ];
}

/** The target, and what the automaton made of it. */
function textureSheet(model: PictureModel, { grid, data }: Target, states: readonly TextureState[]): Sheet {
  const picture = targetRaster(data, grid, model.readout.premultiplied, {
    scale: scaleOf(Math.max(...grid)),
  });
  return layoutSheet([
    { caption: "target", picture, emphasis: true },
    ...states.map(({ caption, grid: on, state }) => ({
      caption,
      picture: stateRaster(state, model, on, { scale: scaleOf(Math.max(...on)) }),
    })),
  ]);
}
