import type { Engine, RolloutRequest, State } from "../engine.ts";
import { disposeStates } from "./states.ts";

/** A change of the state by hand, between two steps: damage, a seed planted. */
export type Edit = Readonly<{
  /** After which step, from 0 on. */
  step: number;
  /** Changes the state, of shape (...grid, C), in place. */
  apply(state: Float32Array): void;
}>;

/** Another input from a step on. */
export type Switch = Readonly<{
  /** After which step, from 0 on. */
  step: number;
  /** Input of the cells from there on. */
  input: Float32Array;
}>;

/** What `unroll` runs, and what happens on the way. */
export type UnrollOptions = Pick<
  RolloutRequest,
  "rule" | "grid" | "parameters" | "graft" | "inputs" | "seed" | "firstStep" | "signal"
> &
  Readonly<{
    engine: Engine;
    /** Shape (...grid, C), or a state of the engine. */
    start: Float32Array | State;
    /** Steps whose states are wanted, from 0 on, in any order. */
    stops: Iterable<number>;
    /** Those of one step are made in the order given. */
    edits?: readonly Edit[];
    /** Of one step, the last one counts. */
    switches?: readonly Switch[];
  }>;

/**
 * Rolls one sample out and hands over its state at every stop, as an array of shape (...grid, C) that the caller may keep.
 * Where edits are made after a step, its state is the edited one. Steps count from the start, `firstStep` moves the
 * fire masks only. It runs as far as the last stop, edit or switch.
 *
 * @throws what `Engine.rollout` throws.
 *
 * @example
 * ```ts
 * import { createWasmEngine, damageEdit, startState, unroll } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * const model = await loadModel("lizard.safetensors");
 * const { rule, parameters } = model;
 * const grid = [72, 72] as const;
 * const engine = await createWasmEngine();
 * const start = startState(model, grid);
 * const edits = [damageEdit("half-left", 100, { rule, grid, seed: 0 })];
 * const stops = [99, 100];
 * for await (const { step, state } of unroll({ engine, rule, grid, parameters, start, stops, edits, seed: 0 })) {
 *   // Whether anything is in the left half of the middle row.
 *   const row = state.subarray(36 * 72 * 16, (36 * 72 + 36) * 16);
 *   console.log(step, row.some((number) => number !== 0));
 *   // 99 true
 *   // 100 false
 * }
 * await engine.dispose();
 * ```
 */
export async function* unroll({
  engine,
  start,
  stops,
  edits = [],
  switches = [],
  inputs,
  firstStep = 0,
  ...request
}: UnrollOptions): AsyncGenerator<{ step: number; state: Float32Array }, void> {
  const wanted = new Set(stops);
  const pauses = new Set([...wanted, ...[...edits, ...switches].map(({ step }) => step)]);
  let state: Float32Array | State = start;
  let input = inputs;
  let at = 0;
  try {
    for (const step of [...pauses].toSorted((a, b) => a - b)) {
      const rollout = await engine.rollout({
        ...request,
        ...(input && { inputs: input }),
        states: [state],
        steps: step - at,
        firstStep: firstStep + at,
      });
      at = step;
      if (state !== start) disposeStates([state]);
      [state] = rollout.final;
      const switched = switches.findLast((each) => each.step === step);
      if (switched) input = [switched.input];
      const due = edits.filter((edit) => edit.step === step);
      if (due.length > 0) {
        const cells = await state.read();
        state.dispose();
        for (const { apply } of due) apply(cells);
        state = cells;
      }
      if (wanted.has(step)) {
        yield { step, state: state instanceof Float32Array ? state.slice() : await state.read() };
      }
    }
  } finally {
    if (state !== start) disposeStates([state]);
  }
}
