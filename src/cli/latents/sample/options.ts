import type { DrawingOptions } from "../options.ts";

export type SampleOptions = DrawingOptions &
  Readonly<{ grid: readonly [rows: number, columns: number]; prior: "fitted" | "normal"; grow: number }>;
