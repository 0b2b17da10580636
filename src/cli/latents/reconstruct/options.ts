import type { DrawOptions } from "../options.ts";

export type ReconstructOptions = DrawOptions &
  Readonly<{ data?: string; count: number; steps: readonly number[] }>;
