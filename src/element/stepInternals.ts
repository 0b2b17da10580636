/** What cells compute in the next step, as the reference engine does it: perception, hidden units and update. */
import type { Floats } from "../step/floats.ts";
import { aliveMask } from "../step/masks.ts";
import { featureCount } from "../rule/parts/perceive.ts";
import { activate, type Automaton, perceptions } from "../step/step.ts";
import { hiddenUnits } from "../analysis/hiddenUnits.ts";
import { cellCount, type Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";

/** Cells that take part in a step: for rules that mask before it, those alive; else all. */
function activeCells(rule: Rule, grid: Grid, state: Float32Array): Uint8Array {
  if (rule.alive.mask === "both") return aliveMask(rule, grid, state);
  return new Uint8Array(cellCount(grid)).fill(1);
}

/** What every cell perceives: shape (H, W, F), feature c * K + k that of kernel k on channel c; 0 in cells that take no part. */
export function perceptionOf(automaton: Automaton, state: Float32Array): Floats {
  const { rule, grid } = automaton;
  const F = featureCount(rule);
  const P = perceptions(automaton, state);
  for (const [n, active] of activeCells(rule, grid, state).entries())
    if (!active) P.fill(0, n * F, (n + 1) * F);
  return P;
}

/** The hidden units of every cell, those of all layers: shape (H, W, units); 0 in cells that take no part. */
export function hiddenOf(automaton: Automaton, state: Float32Array): Float32Array {
  return hiddenUnits(automaton, state, activeCells(automaton.rule, automaton.grid, state));
}

/** What is added to a cell that fires: shape (H, W, C), the step size in it; 0 in cells that take no part. */
export function updateOf(automaton: Automaton, state: Float32Array): Floats {
  const { rule, grid } = automaton;
  const delta = activate(automaton, state, activeCells(rule, grid, state)).at(-1)!;
  return delta.map((value) => rule.stepSize * value);
}
