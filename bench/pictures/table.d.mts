import type { SetResult } from "./run.mjs";

/** Mean errors at steps 96, 200, 1,000 and 10,000 over that of an empty grid; infinite where a run diverged. */
export function relativeErrors(result: Pick<SetResult, "growth" | "empty">): number[];

/** All pictures as a table in Markdown; below, a line that sums it up, and what failed. */
export function tableOf(results: readonly SetResult[]): string;
