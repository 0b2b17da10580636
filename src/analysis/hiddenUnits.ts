/** Hidden units of an automaton's network: what they answer to the states that cells see. */
import { neighbourOffsets } from "../rule/kernels.ts";
import { neighboursAt } from "../step/neighbours.ts";
import { activate, type Automaton } from "../step/step.ts";
import { perceptionRadius } from "../rule/parts/perceive.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { type Cell, cellKinds } from "./cells.ts";

/** Number of hidden units, those of all layers together. */
export function hiddenCount({ hidden }: Rule): number {
  return hidden.reduce((sum, size) => sum + size, 0);
}

/**
 * Activations of the hidden units of every cell that fires, those of all layers one after the other; 0 in other cells.
 *
 * @param state shape (H, W, C). @param fired one byte a cell: 0 where it does not fire. @returns shape (H, W, units).
 */
export function hiddenUnits(automaton: Automaton, state: Float32Array, fired: Uint8Array): Float32Array {
  const { hidden } = automaton.rule;
  const units = hiddenCount(automaton.rule);
  const layers = activate(automaton, state, fired).slice(1, -1);
  const merged = new Float32Array(fired.length * units);
  let first = 0;
  for (const [layer, size] of hidden.entries()) {
    for (let n = 0; n < fired.length; n++)
      merged.set(layers[layer].subarray(n * size, (n + 1) * size), n * units + first);
    first += size;
  }
  return merged;
}

/**
 * Activations of a cell's hidden units, layer after layer: what the reference engine computes of the cell's
 * neighbourhood. The rule has no input.
 *
 * @param state shape (H, W, C).
 */
export function hiddenActivations(
  rule: Rule,
  parameters: Float32Array,
  grid: Plane,
  state: Float32Array,
  cell: Cell,
): Float32Array {
  const radius = perceptionRadius(rule);
  const side = 2 * radius + 1;
  const patch = patchAround(rule, grid, state, cell, radius);
  const fired = new Uint8Array(side * side);
  const centre = fired.length >> 1;
  fired[centre] = 1;
  const automaton = { rule: { ...rule, boundary: "zero" as const }, grid: [side, side] as const, parameters };
  const units = hiddenUnits(automaton, patch, fired);
  return units.subarray(centre * hiddenCount(rule), (centre + 1) * hiddenCount(rule));
}

/** A hidden unit, and its activation in each cell, shape (H, W); 0 in empty ones. */
export type UnitMap = Readonly<{ unit: number; activations: Float32Array }>;

/** The hidden units that answer most to a state, summed over living cells: at most `count`, the most active first. */
export function mostActiveUnits(
  rule: Rule,
  parameters: Float32Array,
  grid: Plane,
  state: Float32Array,
  count: number,
): UnitMap[] {
  const kinds = cellKinds(rule, grid, state);
  const units = hiddenCount(rule);
  const answers = hiddenUnits({ rule, grid, parameters }, state, kinds);
  const sums = new Float64Array(units);
  answers.forEach((value, i) => (sums[i % units] += value));
  return [...sums.keys()]
    .filter((unit) => sums[unit] > 0)
    .toSorted((a, b) => sums[b] - sums[a])
    .slice(0, count)
    .map((unit) => ({ unit, activations: answers.filter((_, i) => i % units === unit) }));
}

/** The cells around one, up to `radius` away: a state of (2 radius + 1)^2 cells, zero beyond an edge that ends the grid. */
function patchAround(
  { channels, boundary }: Rule,
  grid: Plane,
  state: Float32Array,
  [row, column]: Cell,
  radius: number,
): Float32Array {
  const offsets = neighbourOffsets(2, radius);
  const patch = new Float32Array(offsets.length * channels);
  for (const [i, offset] of offsets.entries()) {
    const n = neighboursAt(boundary, grid, offset)[row * grid[1] + column];
    if (n >= 0) patch.set(state.subarray(n * channels, (n + 1) * channels), i * channels);
  }
  return patch;
}
