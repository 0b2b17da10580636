/** Looking into an automaton while it runs: what is recorded, and when. */
import type { Engine } from "../engine.ts";
import { unroll } from "../engine/unroll.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Readout } from "../model/readout.ts";
import { placeChannels, type Start, startState } from "../model/start.ts";
import { type DamageAt, damageEdit } from "../edit/damage.ts";
import { type Cell, CELL_KIND, cellKinds } from "./cells.ts";
import { hiddenActivations, hiddenCount } from "./hiddenUnits.ts";

/** A run from the seeds. The rule has no input. */
export type InspectionRequest = Readonly<{
  engine: Engine;
  rule: Rule;
  /** By which seeds are numbered; null: states have no picture. */
  readout: Readout | null;
  start: Start;
  grid: Plane;
  parameters: Float32Array;
  /** Unsigned 32-bit seed of the fire masks and of the damage. */
  seed: number;
  /** Steps to run, from 1 on. */
  steps: number;
  damage: readonly DamageAt[];
  /** Cells whose every channel is recorded at every step. */
  cells: readonly Cell[];
  /** Sees each state, of shape (H, W, C), from step 0 on. */
  watch?: (step: number, state: Float32Array) => void;
  signal?: AbortSignal;
}>;

/** What is known of a run. After a step that damage follows, states are damaged ones. */
export type Recording = Readonly<{
  /** Shape (steps + 1, cells, C). */
  traces: Float32Array;
  /** Mature and growing cells after each step. */
  mature: Uint32Array;
  growing: Uint32Array;
  /** Euclidean norm of the state after each step. */
  norms: Float64Array;
  /** Whole states, of shape (H, W, C), at `momentSteps`. */
  moments: readonly Moment[];
  /** Activations of the hidden units at the cells, shape (`sampledSteps`, cells, units). */
  hidden: Float32Array;
}>;

/** A state of shape (H, W, C) after a step. */
export type Moment = Readonly<{ step: number; state: Float32Array }>;

/** Most steps for which pictures and hidden units are kept. */
const MAX_SAMPLES = 200;
const MAX_MOMENTS = 12;

/** 0, every so manieth step so that there are at most `most` after it, and the last. */
export function sampledSteps(steps: number, most = MAX_SAMPLES): number[] {
  const stride = Math.ceil(steps / most);
  return [...Array.from({ length: Math.ceil(steps / stride) }, (_, i) => i * stride), steps];
}

/**
 * Steps at which to look: 0, 10, 20, 40, 80, ..., the same after each damage, and the last. Where that would be more than
 * twelve, the strides grow by larger factors, and of more damages than that, some are left out.
 */
export function momentSteps(steps: number, damage: readonly DamageAt[]): number[] {
  const starts = [...new Set([0, ...damage.map(({ step }) => step)])].toSorted((a, b) => a - b);
  for (let factor = 2; ; factor *= 2) {
    const chosen = new Set(starts);
    for (const [i, start] of starts.entries()) {
      const end = starts[i + 1] ?? steps;
      for (let after = 10; start + after < end; after *= factor) chosen.add(start + after);
    }
    const sorted = [...chosen.add(steps)].toSorted((a, b) => a - b);
    if (sorted.length <= MAX_MOMENTS) return sorted;
    if (factor > steps) return thinned(sorted, MAX_MOMENTS);
  }
}

/** `count` of the items, the first and the last among them. */
function thinned<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]);
}

/**
 * Runs an automaton from its seeds and records what happens inside.
 *
 * @throws what `Engine.rollout` throws.
 *
 * @example
 * ```ts
 * import { createWasmEngine, record } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * const model = await loadModel("lizard.safetensors");
 * const engine = await createWasmEngine();
 * const what = { grid: [72, 72], seed: 0, steps: 60, damage: [], cells: [[36, 36]] } as const;
 * const { traces, mature } = await record({ engine, ...model, ...what });
 * console.log(traces.length, mature[0]); // 976 1
 * await engine.dispose();
 * ```
 */
export async function record(request: InspectionRequest): Promise<Recording> {
  const { rule, readout, grid, parameters, start, seed, steps, damage, cells, watch, ...rest } = request;
  const { channels } = rule;
  const units = hiddenCount(rule);
  const sampled = new Map(sampledSteps(steps).map((step, index) => [step, index]));
  const kept = new Set(momentSteps(steps, damage));
  const recording = {
    traces: new Float32Array((steps + 1) * cells.length * channels),
    mature: new Uint32Array(steps + 1),
    growing: new Uint32Array(steps + 1),
    norms: new Float64Array(steps + 1),
    moments: [] as Moment[],
    hidden: new Float32Array(sampled.size * cells.length * units),
  };
  const edits = damage.map(({ kind, step }, index) =>
    damageEdit(kind, step, { rule, grid, seed, index, kept: placeChannels({ rule, start }) }),
  );
  const run = unroll({
    ...rest,
    rule,
    grid,
    parameters,
    seed,
    edits,
    start: startState({ rule, readout, start }, grid),
    stops: Array.from({ length: steps + 1 }, (_, step) => step),
  });
  for await (const { step, state } of run) {
    for (const kind of cellKinds(rule, grid, state)) {
      if (kind === CELL_KIND.mature) recording.mature[step]++;
      else if (kind === CELL_KIND.growing) recording.growing[step]++;
    }
    recording.norms[step] = norm(state);
    if (kept.has(step)) recording.moments.push({ step, state });
    const sample = sampled.get(step);
    for (const [i, cell] of cells.entries()) {
      const from = (cell[0] * grid[1] + cell[1]) * channels;
      recording.traces.set(state.subarray(from, from + channels), (step * cells.length + i) * channels);
      if (sample === undefined) continue;
      const activations = hiddenActivations(rule, parameters, grid, state, cell);
      recording.hidden.set(activations, (sample * cells.length + i) * units);
    }
    watch?.(step, state);
  }
  return recording;
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
