import type { EngineName } from "../../runs/record.ts";
import type { KernelChoice } from "../engine.ts";

export type WorkerCommandOptions = Readonly<{
  queue: string;
  engine?: EngineName;
  kernels?: KernelChoice;
  threads: number | "auto";
  tags?: readonly string[];
  /** Seconds. */
  lock: number;
  patience?: number;
}>;
