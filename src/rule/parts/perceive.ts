/**
 * What a rule's perception can be: one file a kind, all listed here. Of each, the plain step has the loops
 * (`step/perceive/`), and `schemas.ts` what its field may say.
 */
import type { Rule } from "../rule.ts";
import { depthwise } from "./depthwise.ts";
import { taps } from "./taps.ts";

/** The name and the shape of a tensor of parameters. */
export type TensorShape = Readonly<{ name: string; shape: readonly number[] }>;

/** What everything but the step itself has to know of a kind of perception. */
export type PerceiveKind = Readonly<{
  /** Features of each channel: K. */
  kernels(rule: Rule): number;
  /** Largest |offset| of any tap: how far a cell sees. */
  radius(rule: Rule): number;
  /** Its parameters, those of the network following them. */
  tensors(rule: Rule): TensorShape[];
  /** Sets its parameters as training begins with them. @param uniform draw number i, in [0, 1). */
  begin(rule: Rule, tensor: Float32Array, uniform: (i: number) => number): void;
}>;

/** By the `kind` of `rule.perceive`; "taps" where a rule has no such field. */
export const perceiveKinds = { taps, depthwise } as const satisfies Record<string, PerceiveKind>;
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
