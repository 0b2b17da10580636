/** Types of a rule; `schema.ts` says what each field means and may be. */
import type * as z from "zod/mini";
import type { KernelName } from "./kernelNames.ts";
import type { ruleSchema } from "./schema.ts";

export type Tap = Readonly<{ offset: readonly number[]; weight: number }>;
export type Kernel = KernelName | Readonly<{ taps: readonly Tap[] }>;
/** What a schema describes, never to be changed. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
/** Everything about one step of an automaton but the trained numbers. Plain JSON, part of every model file. */
export type Rule = Frozen<z.infer<typeof ruleSchema>>;

/** Axes of the grids that a rule runs on: 1, 2 or 3. */
export function axesOf({ axes = 2 }: Pick<Rule, "axes">): 1 | 2 | 3 {
  return axes;
}
