import { firstDifference } from "../config/config.ts";
import { parameterTable } from "../rule/parameters.ts";
import type { Model } from "./model.ts";

type Looked = Pick<Model, "rule" | "readout">;

/** @throws RangeError, one sentence that names the first field in which they differ. */
function checkEqual(otherwise: string, one: unknown, other: unknown): void {
  const found = firstDifference(one, other);
  if (!found) return;
  const [own, theirs] = found.values.map((value) => JSON.stringify(value));
  throw new RangeError(`${otherwise}: ${found.path} is ${own} in one and ${theirs} in the other`);
}

/**
 * Whether the cells of one model can go on by another as they are: as many channels, of which the same are the picture
 * and decide whether a cell lives. What the hidden channels mean, each training settles for itself.
 *
 * @throws RangeError, one sentence that names the first field in which the models differ.
 */
export function checkSameCells(own: Looked, other: Looked): void {
  checkEqual("one model cannot take over the other's cells", cellsOf(own), cellsOf(other));
}

function cellsOf({ rule: { channels, alive }, readout }: Looked) {
  return { channels, readout, alive: { channel: alive.channel } };
}

/**
 * The parameters of one model for cells on the grid of another (`RolloutRequest.graft`). Both must have one readout, and
 * coordinates alike, where cells are given them, and their rules agree in every field but `stepSize`, which is folded in: the last layer is multiplied by
 * guest.stepSize / host.stepSize.
 *
 * @returns the guest's parameters as they are where the step sizes are equal.
 * @throws RangeError, one sentence that names the first field in which they differ.
 */
export function graftParameters(
  host: Pick<Model, "rule" | "readout"> & Partial<Pick<Model, "start">>,
  guest: Pick<Model, "rule" | "readout" | "parameters"> & Partial<Pick<Model, "start">>,
): Float32Array {
  const { parameters } = guest;
  const [own, theirs] = [host.rule, guest.rule];
  checkEqual(
    "the models cannot share a grid",
    { ...own, readout: host.readout, coordinates: host.start?.coordinates },
    { ...theirs, stepSize: own.stepSize, readout: guest.readout, coordinates: guest.start?.coordinates },
  );
  if (theirs.stepSize === own.stepSize) return parameters;
  if (own.stepSize === 0) {
    throw new RangeError(
      `the models cannot share a grid: stepSize is 0 in one and ${theirs.stepSize} in the other`,
    );
  }
  const factor = theirs.stepSize / own.stepSize;
  const folded = parameters.slice();
  const last = `update.${theirs.hidden.length}.`;
  for (const { name, offset, size } of parameterTable(theirs)) {
    if (!name.startsWith(last)) continue;
    for (let i = offset; i < offset + size; i++) folded[i] *= factor;
  }
  return folded;
}
