import type { Amounts } from "../../experiments/evaluation.ts";
import type { KernelChoice } from "../engine.ts";
import type { EngineChoice } from "../engineOption.ts";

/** Options that were not given and have no default are undefined. */
export type EvaluateOptions = Amounts &
  Readonly<{
    goal?: string;
    size?: number;
    padding?: number;
    data?: string;
    seed: number;
    engine?: EngineChoice;
    kernels: KernelChoice;
    threads: number | "auto";
    out?: string;
    json?: true;
  }>;
