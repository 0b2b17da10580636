/** An evaluation as tables for a terminal. */
import { type AngleEvaluation, type Evaluation, RECOVERY_STEPS } from "../../analysis/evaluation.ts";
import { errorText, ratioText } from "../../render/evaluation.ts";

const GAP = "  ";

/** Lines: one block for each angle. */
export function evaluationLines({ angles, skipped, damagedAt }: Evaluation): string[] {
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
    ...table([
      ["step", "mean MSE", "worst MSE"],
      ...growth.errors.map(({ step, mean, worst }) => [String(step), errorText(mean), errorText(worst)]),
    ]),
    "",
    `Mean MSE after damage at step ${damagedAt}, the worst at the end, and the ratio to undamaged runs:`,
    ...table([
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

/** Rows as lines, their cells in columns: the first to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(GAP),
  );
}
