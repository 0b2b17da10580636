import { parameterTable } from "./parameters.ts";
import type { Rule } from "./rule.ts";

/** The first field in which two values differ, as a path, and both its values. */
function difference(one: unknown, other: unknown, path: string): [string, unknown, unknown] | undefined {
  if (isRecord(one) && isRecord(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const found = difference(one[key], other[key], path === "" ? key : `${path}.${key}`);
      if (found) return found;
    }
    return undefined;
  }
  return JSON.stringify(one) === JSON.stringify(other) ? undefined : [path, one, other];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The parameters of one model for cells on the grid of another (`RolloutRequest.graft`). The rules of both must agree
 * in every field but `stepSize`, which is folded in: the last layer is multiplied by guest.stepSize / host.stepSize.
 *
 * @param parameters the guest's; handed back as they are where the step sizes are equal.
 * @throws RangeError, one sentence that names the first field in which the rules differ.
 */
export function graftParameters(host: Rule, guest: Rule, parameters: Float32Array): Float32Array {
  const found = difference(host, { ...guest, stepSize: host.stepSize }, "");
  if (found) {
    const [field, own, other] = found;
    throw new RangeError(
      `the models cannot share a grid: ${field} is ${JSON.stringify(own)} in one and ${JSON.stringify(other)} in the other`,
    );
  }
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
