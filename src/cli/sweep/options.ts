import type { KernelChoice } from "../engine.ts";
import type { QueueOptions } from "../queueOption.ts";
import type { EngineName } from "../../runs/record.ts";

/** Options of `neoblast sweep`. Those that were not given and have no default are undefined. */
export type SweepOptions = Pick<QueueOptions, "queue" | "tag" | "patience"> &
  Readonly<{
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
    json?: true;
    dryRun?: true;
  }>;
