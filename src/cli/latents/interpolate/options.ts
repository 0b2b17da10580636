import type { DrawingOptions } from "../options.ts";

export type InterpolateOptions = DrawingOptions &
  Readonly<{
    between?: readonly string[];
    steps: number;
    grid?: readonly [rows: number, columns: number];
    grow: number;
    data?: string;
  }>;
