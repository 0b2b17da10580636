import { firstDifference } from "../config/config.ts";
import { parameterTable } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";

/** @throws RangeError, one sentence that names the first field in which they differ. */
function checkEqual(otherwise: string, one: unknown, other: unknown): void {
  const found = firstDifference(one, other);
  if (!found) return;
  const [own, theirs] = found.values.map((value) => JSON.stringify(value));
  throw new RangeError(`${otherwise}: ${found.path} is ${own} in one and ${theirs} in the other`);
}

/**
 * Whether the cells of one rule can go on by another as they are: as many channels, of which the same are the picture
 * and tell whether a cell lives. What the hidden channels mean, each training settles for itself.
 *
 * @throws RangeError, one sentence that names the first field in which the rules differ.
 */
export function checkSameCells(own: Rule, other: Rule): void {
  checkEqual("one model cannot take over the other's cells", cellsOf(own), cellsOf(other));
}

function cellsOf({ channels, image, alive: { channel } }: Rule) {
  return { channels, image, alive: { channel } };
}

/**
 * The parameters of one model for cells on the grid of another (`RolloutRequest.graft`). The rules of both must agree
 * in every field but `stepSize`, which is folded in: the last layer is multiplied by guest.stepSize / host.stepSize.
 *
 * @param parameters the guest's; handed back as they are where the step sizes are equal.
 * @throws RangeError, one sentence that names the first field in which the rules differ.
 */
export function graftParameters(host: Rule, guest: Rule, parameters: Float32Array): Float32Array {
  checkEqual("the models cannot share a grid", host, { ...guest, stepSize: host.stepSize });
  if (guest.stepSize === host.stepSize) return parameters;
  if (host.stepSize === 0) {
    throw new RangeError(
      `the models cannot share a grid: stepSize is 0 in one and ${guest.stepSize} in the other`,
    );
  }
  const factor = guest.stepSize / host.stepSize;
  const folded = parameters.slice();
  const last = `update.${guest.hidden.length}.`;
  for (const { name, offset, size } of parameterTable(guest)) {
    if (!name.startsWith(last)) continue;
    for (let i = offset; i < offset + size; i++) folded[i] *= factor;
  }
  return folded;
}
