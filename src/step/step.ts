/** One step of the automaton and, directly below it, its adjoint. The derivation is in `engine/README.md`. */
import type { Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { type Floats, zerosLike } from "./floats.ts";
import { aliveMask } from "./masks.ts";
import { layersOf, network, networkBackward, networks, rowsOf } from "./network.ts";
import { perceive, perceiveBackward } from "./perception.ts";

/** What stays the same over all steps of a sample. */
export type Automaton = Readonly<{
  rule: Rule;
  grid: Grid;
  /** Flat, by `parameterTable(rule)`. */
  parameters: Floats;
  /** z: the vector every cell receives, (I). */
  input?: Floats | undefined;
  /** Other parameters, and which cells run them: see `Graft` of the contract. */
  graft?: Readonly<{ parameters: readonly Floats[]; cells: Uint8Array }> | undefined;
}>;

/** One byte a channel: 1 where it is pinned. */
export function pinnedMask({ channels, pinned = [] }: Rule): Uint8Array {
  const mask = new Uint8Array(channels);
  for (const channel of pinned) mask[channel] = 1;
  return mask;
}

/** A step done, with all that its adjoint needs. */
export type Step = Readonly<{
  /** S: the state before the step, (...grid, C). */
  before: Floats;
  /** S'': the state after the step, (...grid, C). */
  next: Floats;
  /** One byte a cell: whether it fired, and whether it lives on after the step. */
  fired: Uint8Array;
  alive: Uint8Array;
  /** What went into each layer of the network, (cells, inputs), and the deltas, (cells, C). */
  activations: readonly Floats[];
  /** Fired cells whose update could matter: those that `pre` rules out do not count. */
  cellUpdates: number;
}>;

/** What every cell perceives of S (...grid, C), by the parameters that it runs: (cells, F). */
export function perceptions({ rule, grid, parameters, input, graft }: Automaton, S: Floats): Floats {
  const own = perceive(rule, grid, S, input, parameters);
  if (!graft || !rule.perceive) return own;
  const grafted = graft.parameters.map((set) => perceive(rule, grid, S, input, set));
  return rowsOf([own, ...grafted], graft.cells);
}

/**
 * The network of every fired cell, on what the cell perceives of S (...grid, C).
 *
 * @param fired one byte a cell.
 * @returns what goes into each layer, the perceptions of all cells (cells, F) first, and last the deltas (cells, C); 0 in
 *   the rows of cells that do not fire, but for the perceptions, and for pinned channels.
 */
export function activate(automaton: Automaton, S: Floats, fired: Uint8Array): Floats[] {
  const { rule, parameters, graft } = automaton;
  const layers = layersOf(rule, parameters);
  const P = perceptions(automaton, S);
  const grafted = graft?.parameters.map((set) => layersOf(rule, set)) ?? [];
  const activations = graft
    ? networks([layers, ...grafted], graft.cells, P, fired)
    : network(layers, P, fired);
  const delta = activations[activations.length - 1];
  for (const channel of rule.pinned ?? []) {
    for (let i = channel; i < delta.length; i += rule.channels) delta[i] = 0;
  }
  return activations;
}

/**
 * S': the state (...grid, C) once its fired cells have moved by their deltas (cells, C), before any mask.
 *
 * @param noise of variance 1, (cells, C): see `updateNoise`; none where left out.
 */
export function moved(rule: Rule, S: Floats, delta: Floats, fired: Uint8Array, noise?: Floats): Floats {
  const { channels: C, stepSize, noise: sigma = 0 } = rule;
  const pinned = pinnedMask(rule);
  const next = S.slice();
  for (let n = 0; n < fired.length; n++) {
    if (!fired[n]) continue;
    for (let i = n * C; i < (n + 1) * C; i++) {
      if (!pinned[i % C]) next[i] += stepSize * (noise ? delta[i] + sigma * noise[i] : delta[i]);
    }
  }
  return next;
}

/**
 * S' = S + stepSize * fired * (network(perceive(S)) + sigma * noise); S'' = S' where a cell is alive, else 0. Pinned channels stay as they
 * are in either.
 *
 * @param S (...grid, C), not changed. @param fired one byte a cell. @param noise of variance 1, (cells, C): see `updateNoise`;
 *   none where left out.
 *
 * @example
 * ```ts
 * import { fireMask, initialParameters, picturePresets, splitRule, startState, stepForward } from "neoblast";
 *
 * // One step in plain loops, with what cells perceived, their hidden units and what these say.
 * const conventions = splitRule(picturePresets.distill);
 * const { rule } = conventions;
 * const grid = [5, 5] as const;
 * const automaton = { rule, grid, parameters: initialParameters(rule, 0) };
 * const fired = fireMask(rule, grid, 7, 0, 0);
 * const { next, activations } = stepForward(automaton, startState(conventions, grid), fired);
 * console.log(next.length, activations.map(({ length }) => length)); // 400 [ 1200, 3200, 400 ]
 * ```
 */
export function stepForward(automaton: Automaton, S: Floats, fired: Uint8Array, noise?: Floats): Step {
  const { rule, grid } = automaton;
  const { channels: C } = rule;
  const { mask } = rule.alive;
  const everywhere = new Uint8Array(fired.length).fill(1);

  const pre = mask === "both" ? aliveMask(rule, grid, S) : everywhere;
  const activations = activate(automaton, S, fired);
  const next = moved(rule, S, activations[activations.length - 1], fired, noise);
  const pinned = pinnedMask(rule);
  let cellUpdates = 0;
  for (let n = 0; n < fired.length; n++) if (fired[n]) cellUpdates += pre[n];
  const post = mask === "none" ? everywhere : aliveMask(rule, grid, next);
  const alive = post.map((survives, n) => survives & pre[n]);
  for (let n = 0; n < alive.length; n++) {
    if (alive[n]) continue;
    for (let c = 0; c < C; c++) if (!pinned[c]) next[n * C + c] = 0;
  }
  return { before: S, next, fired, alive, activations, cellUpdates };
}

/**
 * The adjoint of {@link stepForward} at a step done without a graft: pulls dNext back. Masks and noise are constants.
 *
 * @param dNext d loss / d S'', (...grid, C), not changed.
 * @param dS d loss / d S, (...grid, C). @param dParameters flat. @param dInput (I). All three are added to.
 */
export function stepBackward(
  { rule, grid, parameters }: Automaton,
  { before, fired, alive, activations }: Step,
  dNext: Floats,
  dS: Floats,
  dParameters: Floats,
  dInput: Floats | undefined,
): void {
  const { channels: C, stepSize } = rule;
  const dDelta = zerosLike(dNext, dNext.length);
  const pinned = pinnedMask(rule);
  for (let n = 0; n < alive.length; n++) {
    for (let c = 0; c < C; c++) {
      if (!alive[n] && !pinned[c]) continue;
      dS[n * C + c] += dNext[n * C + c];
      if (fired[n] && !pinned[c]) dDelta[n * C + c] += stepSize * dNext[n * C + c];
    }
  }
  const layers = layersOf(rule, parameters);
  const dP = networkBackward(layers, layersOf(rule, dParameters), activations, dDelta, fired);
  perceiveBackward(rule, grid, dS, dInput, dP, { S: before, parameters, gradient: dParameters });
}
