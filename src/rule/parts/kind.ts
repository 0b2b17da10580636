import type { Rule } from "../rule.ts";

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
  /** Sets one tensor of its parameters as training begins with it. @param uniform draw number i, in [0, 1). @param name the tensor's. */
  begin(rule: Rule, tensor: Float32Array, uniform: (i: number) => number, name: string): void;
}>;
