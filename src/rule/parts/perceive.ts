/**
 * What a rule's perception can be: one file a kind, all listed here. Of each, the plain step has the loops
 * (`step/perceive/`), and `schemas.ts` what its field may say.
 */
import type { Rule } from "../rule.ts";
import { attention } from "./attention.ts";
import { depthwise } from "./depthwise.ts";
import { filter } from "./filter.ts";
import type { PerceiveKind } from "./kind.ts";
import { taps } from "./taps.ts";

/** By the `kind` of `rule.perceive`; "taps" where a rule has no such field. */
export const perceiveKinds = { taps, depthwise, filter, attention } as const satisfies Record<
  string,
  PerceiveKind
>;
export type PerceiveName = keyof typeof perceiveKinds;

/** Which kind a rule's perception is. */
export function perceiveName({ perceive }: Pick<Rule, "perceive">): PerceiveName {
  return perceive?.kind ?? "taps";
}

export function perceiveKind(rule: Rule): PerceiveKind {
  return perceiveKinds[perceiveName(rule)];
}

/** Features that a cell perceives of each channel: K. */
export function kernelCount(rule: Rule): number {
  return perceiveKind(rule).kernels(rule);
}

/** Largest |offset| of any tap: how far a cell sees. */
export function perceptionRadius(rule: Rule): number {
  return perceiveKind(rule).radius(rule);
}

/** Numbers that the network of a cell receives: F = C * K + I. */
export function featureCount(rule: Rule): number {
  return rule.channels * kernelCount(rule) + rule.inputSize;
}
