import { type AngleEvaluation, RECOVERY_STEPS, type DamagedState } from "../analysis/evaluation.ts";
import type { PictureLayout } from "../model/readout.ts";
import type { DamageKind } from "../edit/damage.ts";
import { stateRaster } from "./rgba.ts";
import { layoutTable, type Sheet, type TableRow } from "./sheet.ts";

/** Least width of a picture in pixels. */
const PICTURE_WIDTH = 144;

/** What damage takes, in words. */
const NAMES: Readonly<Record<DamageKind, string>> = {
  "half-left": "left half",
  "half-right": "right half",
  "half-top": "top half",
  "half-bottom": "bottom half",
  hole: "hole",
  circle: "circle",
  half: "any half",
  band: "band",
  core: "core",
};

/** A mean squared error as it is written everywhere: two digits that count. */
export function errorText(error: number | null): string {
  return error === null ? "diverged" : error.toExponential(1);
}

/** A ratio as it is written everywhere: three digits that count. */
export function ratioText(ratio: number): string {
  return ratio.toPrecision(3);
}

/**
 * Runs that heal at one angle: a row for each kind of damage, with the mean error of all runs at its end.
 *
 * @param states of this evaluation, at least those of the angle.
 */
export function recoverySheet(
  { angle, recovery }: AngleEvaluation,
  states: readonly DamagedState[],
  layout: PictureLayout,
): Sheet {
  const moments = [null, ...RECOVERY_STEPS];
  const rows = recovery.map(({ damage, errors, ratio }): TableRow => {
    const { mean } = errors[errors.length - 1];
    const own = states.filter((shown) => shown.angle === angle && shown.damage === damage);
    return {
      label: NAMES[damage],
      notes: [
        mean === null ? "diverged" : `MSE ${errorText(mean)}`,
        ...(ratio === null ? [] : [`ratio ${ratioText(ratio)}`]),
      ],
      pictures: moments.flatMap((moment) =>
        own
          .filter(({ after }) => after === moment)
          .map(({ state, grid }) =>
            stateRaster(state, layout, grid, { scale: Math.ceil(PICTURE_WIDTH / grid[1]) }),
          ),
      ),
    };
  });
  return layoutTable(
    moments.map((after) => (after === null ? "before" : after === 0 ? "damaged" : `+${after}`)),
    rows,
  );
}
