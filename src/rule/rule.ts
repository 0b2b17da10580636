/** Types of a rule; `schema.ts` says what each field means and may be. */
import type * as z from "zod/mini";
import type { kernelNames, ruleSchema } from "./schema.ts";

export type Tap = Readonly<{ offset: readonly [number, number]; weight: number }>;
export type KernelName = (typeof kernelNames)[number];
export type Kernel = KernelName | Readonly<{ taps: readonly Tap[] }>;
/** What a schema describes, never to be changed. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
export type Rule = Frozen<z.infer<typeof ruleSchema>>;

/** Height and width in cells. A row-major array, so that other ranks can join. */
export type Grid = readonly [height: number, width: number];

/** Cells [top, top + height) x [left, left + width) of a grid. */
export type Box = Readonly<{ top: number; left: number; height: number; width: number }>;

/** All of a grid. */
export function wholeBox([height, width]: Grid): Box {
  return { top: 0, left: 0, height, width };
}

/** How many numbers a state on this grid holds: H * W * C. */
export function stateSize(rule: Rule, grid: Grid): number {
  return grid[0] * grid[1] * rule.channels;
}
