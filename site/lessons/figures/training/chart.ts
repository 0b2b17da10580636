/** The loss by training step, as points of a curve. */

/** Steps over which the curve averages. */
const WINDOW = 20;
/** Points that a curve of a few hundred pixels needs. */
const POINTS = 400;

/** Means of the losses of the last steps before each point; steps that were skipped, NaN, do not count. */
export function curveOf(losses: readonly number[]): [steps: number[], means: number[]] {
  const every = Math.max(1, Math.ceil(losses.length / POINTS));
  const steps: number[] = [];
  const means: number[] = [];
  for (let step = every; step <= losses.length; step += every) {
    const recent = losses.slice(Math.max(0, step - WINDOW), step).filter((loss) => Number.isFinite(loss));
    if (recent.length === 0) continue;
    steps.push(step);
    means.push(recent.reduce((sum, loss) => sum + loss, 0) / recent.length);
  }
  return [steps, means];
}
