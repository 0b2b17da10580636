/** Hidden units of an automaton's network: what they answer to the states that cells see. */
import type { Floats } from "../engine/reference/floats.ts";
import { layersOf, network } from "../engine/reference/network.ts";
import { cellAt, perceive } from "../engine/reference/perception.ts";
import { perceptionRadius } from "../rule/kernels.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { type Cell, cellKinds } from "./cells.ts";

/** Number of hidden units, those of all layers together. */
export function hiddenCount({ hidden }: Rule): number {
  return hidden.reduce((sum, size) => sum + size, 0);
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
  grid: Grid,
  state: Float32Array,
  cell: Cell,
): Float32Array {
  const radius = perceptionRadius(rule);
  const side = 2 * radius + 1;
  const patch = neighbourhood(rule, grid, state, cell, radius);
  const fired = new Uint8Array(side * side);
  const centre = fired.length >> 1;
  fired[centre] = 1;
  const P = perceive({ ...rule, boundary: "zero" }, [side, side], patch, undefined);
  const ofCell = (values: Floats) => {
    const size = values.length / fired.length;
    return [...values.subarray(centre * size, (centre + 1) * size)];
  };
  return Float32Array.from(network(layersOf(rule, parameters), P, fired).slice(1, -1).flatMap(ofCell));
}

/** A hidden unit, and its activation in each cell, shape (H, W); 0 in empty ones. */
export type UnitMap = Readonly<{ unit: number; activations: Float32Array }>;

/** The hidden units that answer most to a state, summed over living cells: at most `count`, the most active first. */
export function mostActiveUnits(
  rule: Rule,
  parameters: Float32Array,
  grid: Grid,
  state: Float32Array,
  count: number,
): UnitMap[] {
  const kinds = cellKinds(rule, grid, state);
  const living = [...kinds.keys()].filter((n) => kinds[n] > 0);
  const activationsOf = (n: number) =>
    hiddenActivations(rule, parameters, grid, state, [Math.floor(n / grid[1]), n % grid[1]]);

  const sums = new Float64Array(hiddenCount(rule));
  for (const n of living) activationsOf(n).forEach((value, unit) => (sums[unit] += value));
  const chosen = [...sums.keys()]
    .filter((unit) => sums[unit] > 0)
    .toSorted((a, b) => sums[b] - sums[a])
    .slice(0, count)
    .map((unit) => ({ unit, activations: new Float32Array(kinds.length) }));
  for (const n of living) {
    const values = activationsOf(n);
    for (const { unit, activations } of chosen) activations[n] = values[unit];
  }
  return chosen;
}

/** The cells around one, up to `radius` away: a state of (2 radius + 1)^2 cells, zero beyond an edge that ends the grid. */
function neighbourhood(
  { channels, boundary }: Rule,
  grid: Grid,
  state: Float32Array,
  [row, column]: Cell,
  radius: number,
): Float32Array {
  const side = 2 * radius + 1;
  const patch = new Float32Array(side * side * channels);
  for (let i = 0; i < side * side; i++) {
    const n = cellAt(boundary, grid, row + Math.floor(i / side) - radius, column + (i % side) - radius);
    if (n >= 0) patch.set(state.subarray(n * channels, (n + 1) * channels), i * channels);
  }
  return patch;
}
