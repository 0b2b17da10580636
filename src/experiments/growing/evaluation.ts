/** What is measured of a model that grows a picture: how far it is from it as it grows, long after, and after damage. */
import {
  type AngleEvaluation,
  type DamagedState,
  evaluate,
  type Evaluation as Growth,
  RECOVERY_STEPS,
} from "../../analysis/evaluation.ts";
import { withPicture } from "../../model/model.ts";
import { errorText, ratioText, recoverySheet } from "../../render/evaluation.ts";
import { type Evaluation, textTable } from "../evaluation.ts";
import type { PictureSubject } from "../experiment.ts";

const RUNS = 8;
const STEPS = [96, 200, 1000, 10000];
const ANGLES = [0, 30, 90];

export const growthEvaluation: Evaluation<PictureSubject> = {
  subject: "picture",
  amounts: ["steps", "runs", "angles"],
  samples: ({ runs = RUNS }) => runs,
  async evaluate({ engine, model, subject, seed, onProgress, signal, amounts }) {
    const { rule, readout, start, parameters } = withPicture(model);
    const [{ grid, data }] = subject.targets;
    const { runs = RUNS, steps = STEPS, angles = ANGLES } = amounts;
    const states: DamagedState[] = [];
    const report = await evaluate({
      engine,
      rule,
      readout,
      start,
      parameters,
      grid,
      target: data,
      seed,
      runs,
      steps,
      angles: [...new Set(angles)],
      watch: (shown) => void states.push(shown),
      onProgress,
      signal,
    });
    const drawn = report.angles.at(0);
    return {
      amount: `${report.runs} runs from seed ${report.seed}`,
      report,
      lines: evaluationLines(report),
      drawing: drawn
        ? {
            sheet: recoverySheet(drawn, states, { rule, readout }),
            shows: `how damage heals at angle ${drawn.angle}`,
          }
        : "No angle was left to draw",
    };
  },
};

/** Lines: one block for each angle. */
export function evaluationLines({ angles, skipped, damagedAt }: Growth): string[] {
  const blocks = [
    ...angles.map((result) => angleLines(result, damagedAt)),
    ...skipped.map(({ angle, reason }) => [`Angle ${angle} was skipped: ${reason}`]),
  ];
  return blocks.flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

function angleLines({ angle, growth, undamaged, recovery }: AngleEvaluation, damagedAt: number): string[] {
  const fates = (["died", "overgrown", "diverged"] as const).map(
    (fate) => `${fate} ${percent(growth[fate])}`,
  );
  const [, ...later] = RECOVERY_STEPS;
  return [
    `Angle ${angle}: ${fates.join(", ")}`,
    ...textTable([
      ["step", "mean MSE", "worst MSE"],
      ...growth.errors.map(({ step, mean, worst }) => [String(step), errorText(mean), errorText(worst)]),
    ]),
    "",
    `Mean MSE after damage at step ${damagedAt}, the worst at the end, and the ratio to undamaged runs:`,
    ...textTable([
      ["", "at once", ...later.map((after) => `+${after}`), "worst", "ratio", "died", "overgrown"],
      ...recovery.map(({ damage, errors, ratio, died, overgrown }) => [
        damage,
        ...errors.map(({ mean }) => errorText(mean)),
        errorText(errors[errors.length - 1].worst),
        ratio === null ? "-" : ratioText(ratio),
        percent(died),
        percent(overgrown),
      ]),
      ["undamaged", ...later.map(() => ""), errorText(undamaged.mean), errorText(undamaged.worst)],
    ]),
  ];
}

function percent(share: number | null): string {
  return share === null ? "-" : `${Math.round(100 * share)}%`;
}
