import type { DrawOptions } from "../options.ts";

export type InterpolateOptions = DrawOptions &
  Readonly<{
    between?: readonly string[];
    steps: number;
    grid?: readonly [rows: number, columns: number];
    grow: number;
    data?: string;
  }>;
