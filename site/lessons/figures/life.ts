/** Cells by what they are: mature, growing or empty. */
import { aliveMask, type Grid, type Rule } from "neoblast";

export type Kind = "empty" | "growing" | "mature";

/** The kind of each cell of a state of shape (...grid, C). */
export function kindsOf(rule: Rule, grid: Grid, state: Float32Array): Kind[] {
  const { channels, alive } = rule;
  return Array.from(aliveMask(rule, grid, state), (lives, n): Kind => {
    if (!lives) return "empty";
    return state[n * channels + alive.channel] > alive.threshold ? "mature" : "growing";
  });
}

export function countKinds(kinds: readonly Kind[]): Readonly<Record<Kind, number>> {
  const counts = { empty: 0, growing: 0, mature: 0 };
  for (const kind of kinds) counts[kind]++;
  return counts;
}
