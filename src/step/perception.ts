import { featureCount, kernelCount, type PerceiveName, perceiveName } from "../rule/parts/perceive.ts";
import { cellCount, type Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { type Floats, addTo, zerosLike } from "./floats.ts";
import { attention } from "./perceive/attention.ts";
import { depthwise } from "./perceive/depthwise.ts";
import { filter } from "./perceive/filter.ts";
import type { PlainPerception, Seen } from "./perceive/plain.ts";
import { taps } from "./perceive/taps.ts";

const KINDS: Readonly<Record<PerceiveName, PlainPerception>> = { taps, depthwise, filter, attention };

/**
 * What each cell sees, as the rule's kind of perception says: P[n, c*K + k] of channel c by kernel k, then z.
 *
 * @param S (...grid, C). @param z the sample's vector, (I); undefined where the rule has none.
 * @param parameters flat; those that train nothing of a perception need none.
 * @returns (...grid, F).
 */
export function perceive(
  rule: Rule,
  grid: Grid,
  S: Floats,
  z: Floats | undefined,
  parameters?: Floats,
): Floats {
  const seen: Seen = { rule, grid, features: featureCount(rule), parameters };
  const cells = cellCount(grid);
  const P = zerosLike(S, cells * seen.features);
  KINDS[perceiveName(rule)].perceive(seen, S, P);
  const own = rule.channels * kernelCount(rule);
  if (z) for (let n = 0; n < cells; n++) P.set(z, n * seen.features + own);
  return P;
}

/**
 * The adjoint of {@link perceive}: adds to dS (...grid, C), dz (I) and the gradient of the parameters, given dP (...grid, F).
 *
 * @param trained where the perception is trained: the state seen, S (...grid, C), the parameters and their gradient, flat.
 */
export function perceiveBackward(
  rule: Rule,
  grid: Grid,
  dS: Floats,
  dz: Floats | undefined,
  dP: Floats,
  trained?: Readonly<{ S: Floats; parameters: Floats; gradient: Floats }>,
): void {
  const seen: Seen = { rule, grid, features: featureCount(rule), parameters: trained?.parameters };
  const none = zerosLike(dS, 0);
  KINDS[perceiveName(rule)].backward(seen, trained?.S ?? none, dP, dS, trained?.gradient ?? none);
  if (!dz) return;
  const own = rule.channels * kernelCount(rule);
  for (let n = 0; n < cellCount(grid); n++) {
    addTo(dz, dP.subarray(n * seen.features + own, (n + 1) * seen.features));
  }
}
