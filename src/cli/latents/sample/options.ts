import type { DrawOptions } from "../options.ts";

export type SampleOptions = DrawOptions &
  Readonly<{ grid: readonly [rows: number, columns: number]; prior: "fitted" | "normal"; grow: number }>;
