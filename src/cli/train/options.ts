/** The options of the commands that train. */
import type { KernelChoice } from "../engine.ts";
import type { QueueOptions } from "../queueOption.ts";
import type { EngineChoice } from "../engineOption.ts";

/** Where runs go that were given no folder. */
export const RUNS_FOLDER = "runs";

/** Options of all of them; each has its experiment's beside. Those that were not given and have no default are undefined. */
export type TrainingOptions = Readonly<{
  seed?: number;
  set?: readonly string[];
  config?: string;
  /** A model to start from, where the experiment can. */
  start?: string;
  engine?: EngineChoice;
  kernels?: KernelChoice;
  threads: number | "auto";
  out?: string;
  resume?: string;
  checkpointEvery: number;
  json?: true;
  preview?: boolean;
}> &
  QueueOptions;

/** A command's arguments, of which there may be none, and its options. */
export type CommandLine<O extends TrainingOptions = TrainingOptions> = Readonly<{
  args: readonly string[];
  options: O;
}>;
