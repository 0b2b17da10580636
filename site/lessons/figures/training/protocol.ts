/** Messages between a page and the worker in which it trains. */
import type { Recipe } from "./job.ts";

export type Request =
  | Readonly<{ kind: "start"; target: Float32Array; recipe: Recipe; seed: number }>
  | Readonly<{ kind: "pause" | "resume" }>;

export type Reply =
  | Readonly<{
      kind: "progress";
      /** Training steps made. */
      step: number;
      /** Of the steps since the last message. */
      losses: readonly number[];
      parameters: Float32Array;
      /** States that training returns to, drawn: RGBA of each, side by side. Empty without a pool. */
      pool: readonly (Uint8Array | Uint8ClampedArray)[];
      finished: boolean;
    }>
  | Readonly<{ kind: "failed"; message: string }>;
