import type { DrawingOptions } from "../options.ts";

export type ReconstructOptions = DrawingOptions &
  Readonly<{ data?: string; count: number; steps: readonly number[] }>;
