/** What a hidden unit answers all over the grid. */
import { aliveMask, type Grid, type Model, stepForward } from "neoblast";

/**
 * One hidden unit in all cells, by the plain step: shape (...grid), 0 in cells that do not live.
 *
 * @returns `share` of the living cells in which it answers more than 0.
 */
export function unitMap(
  { rule, parameters }: Pick<Model, "rule" | "parameters">,
  grid: Grid,
  state: Float32Array,
  unit: number,
): Readonly<{ answers: Float32Array; share: number }> {
  const living = aliveMask(rule, grid, state);
  const { activations } = stepForward({ rule, parameters, grid }, state, living);
  const [units] = rule.hidden;
  const answers = Float32Array.from(living, (lives, n) => (lives ? activations[1][n * units + unit] : 0));
  const count = living.reduce((sum, lives) => sum + lives, 0);
  return { answers, share: count > 0 ? answers.filter((answer) => answer > 0).length / count : 0 };
}
