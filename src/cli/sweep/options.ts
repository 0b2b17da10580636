import type { KernelChoice } from "../engine.ts";
import type { EngineName } from "../../runs/record.ts";

/** Options of `neoblast sweep`. Those that were not given and have no default are undefined. */
export type SweepOptions = Readonly<{
  grid?: readonly string[];
  set?: readonly string[];
  seeds?: number | readonly number[];
  random?: number;
  halving?: readonly number[];
  keep?: number;
  pictures?: true;
  out?: string;
  resume?: string;
  parallel?: number;
  engine?: EngineName;
  kernels?: KernelChoice;
  threads: number | "auto";
  checkpointEvery: number;
  queue?: string;
  json?: true;
  dryRun?: true;
}>;
