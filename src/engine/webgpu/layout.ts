/** How a rule lies on a device: what `plan.ts` makes. */
import type { Rule } from "../../rule/rule.ts";

/** A layer of the network; sizes are padded, places are in vectors of four. */
export type LayerPlan = Readonly<{
  inputs: number;
  outputs: number;
  /** Weight (inputs, outputs), its transpose (outputs, inputs), and the bias (outputs), if there is one. */
  weight: number;
  transpose: number;
  bias: number | undefined;
}>;

export type Plan = Readonly<{
  rule: Rule;
  /** Channels, padded, and in vectors. */
  C: number;
  C4: number;
  /** Features of each channel: feature k of channel c is number k * C + c. */
  K: number;
  layers: readonly LayerPlan[];
  /** Taps of the perception, and numbers of its constants. */
  taps: number;
  constants: number;
  /** Where what is trained of the perception begins, in vectors. */
  perception: number;
  /** Vectors of a parameter set that have gradients: they come first. And of all of it. */
  trained: number;
  size: number;
  /** Of each number of a set, its place among the rule's own parameters; -1 where it is padding. */
  places: Int32Array;
  /** Cells that run the network side by side, forward and backward. */
  forwardBlock: number;
  backwardBlock: number;
  /** How many inputs of a product, or taps, are read before they are used: 1, 2 or 4. */
  unroll: number;
  /** What layers are multiplied in, forward. */
  precision: Precision;
}>;

/** A type of WGSL that products are computed in. */
export type Precision = "f32" | "f16";

/** How shaders are written for a device: bytes of workgroup memory that they may use, `Plan.unroll`, and `Plan.precision`. */
export type Tuning = Readonly<{ workgroupBytes: number; unroll: number; precision: Precision }>;
