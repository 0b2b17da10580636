import type { KernelChoice } from "../engine.ts";

/** Options that were not given and have no default are undefined. */
export type EvaluateOptions = Readonly<{
  goal?: string;
  size?: number;
  padding?: number;
  steps: readonly number[];
  angles: readonly number[];
  runs: number;
  seed: number;
  kernels: KernelChoice;
  threads: number | "auto";
  out?: string;
  json?: true;
}>;
