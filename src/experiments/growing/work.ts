/** How much work training on a picture is, before it begins. */
import type { Rule } from "../../rule/rule.ts";
import { highest } from "../../train/ramp.ts";
import type { BpttSettings } from "../../train/bptt/settings.ts";

/**
 * Cell updates of a training step on a grown pattern, as far as they can be foreseen: samples, times the mean length of a
 * rollout, times the cells that live, times the share of them that fires. On grown emoji it is within a tenth of what was
 * counted; young patterns take less.
 *
 * @param livingCells of the picture.
 */
export function workOfStep(
  { batch, rollout }: Pick<BpttSettings, "batch" | "rollout">,
  { fireRate }: Rule,
  livingCells: number,
): number {
  const [fewest, most] = "from" in rollout ? rollout.to : rollout;
  return (highest(batch) * (fewest + most) * livingCells * fireRate) / 2;
}
