import type { Tensor } from "../tensor.ts";

/** What JSON can hold. Numbers must be finite; -0 becomes 0. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** The whole state of a trainer between two steps: restoring it continues bit for bit. */
export type Snapshot = Readonly<{
  /** Whatever is not an array: step, counters, settings that must match on resuming. */
  meta: { readonly [key: string]: Json | undefined };
  /** Parameters, moments, pool. */
  tensors: Readonly<Record<string, Tensor>>;
}>;
