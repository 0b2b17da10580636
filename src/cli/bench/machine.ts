import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

/** What a measurement depends on beside the program. */
export type Machine = Readonly<{
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  v8: string;
}>;

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || "unknown processor",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}
