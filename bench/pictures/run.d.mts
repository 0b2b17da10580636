import type { Growth, Recovery } from "../../src/index.ts";

/** What came out of one picture. */
export type SetResult = Readonly<{
  name: string;
  source: string;
  failed?: string;
  training: Readonly<{ steps: number; seconds: number; dead: number; exploded: number }>;
  recipe: string | null;
  grid: readonly [number, number];
  empty: number;
  runs: number;
  growth: Growth;
  damagedRuns: number | null;
  recovery: readonly Recovery[] | null;
}>;

/** Trains and measures pictures, one after the other or all by a sweep first, and keeps what came out after each. */
export function runSet(
  request: Readonly<{
    pictures: readonly Readonly<{ name: string; source: string }>[];
    only?: readonly string[];
    choices?: Readonly<{ recipe?: string; quality?: string }>;
    args?: readonly string[];
    out: string;
    models?: string;
    threads: number;
    how?: readonly string[];
    about?: Readonly<Record<string, unknown>>;
    amounts?: Readonly<{ runs: number; damagedRuns: number }>;
    stderr?: "inherit" | "ignore";
    say?: (text: string) => void;
  }>,
): Promise<SetResult[]>;
