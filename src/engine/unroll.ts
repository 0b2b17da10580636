import type { Engine, State } from "../engine.ts";
import type { Model } from "../io/model.ts";
import type { Grid } from "../rule/rule.ts";
import { applyDamage } from "../train/damage.ts";
import type { DamageAt } from "./values.ts";

export type UnrollOptions = Readonly<{
  engine: Engine;
  model: Pick<Model, "rule" | "parameters">;
  grid: Grid;
  /** Shape (H, W, C). */
  start: Float32Array;
  /** Of the fire masks and of random wounds. */
  seed: number;
  /** Steps whose states are wanted, from 0 on, in any order. */
  stops: Iterable<number>;
  damage?: readonly DamageAt[];
  signal?: AbortSignal;
}>;

/**
 * Rolls one sample out and hands over its state at every stop, so that callers keep pictures of them, not states. At a
 * step with damage, the state is the wounded one.
 */
export async function* unroll({
  engine,
  model: { rule, parameters },
  grid,
  start,
  seed,
  stops,
  damage = [],
  signal,
}: UnrollOptions): AsyncGenerator<{ step: number; state: Float32Array }, void> {
  const wanted = new Set(stops);
  const pauses = new Set([...wanted, ...damage.map(({ step }) => step)]);
  let state: Float32Array | State = start;
  let at = 0;
  for (const step of [...pauses].toSorted((a, b) => a - b)) {
    const rollout = await engine.rollout({
      rule,
      grid,
      parameters,
      states: [state],
      steps: step - at,
      firstStep: at,
      seed,
      ...(signal && { signal }),
    });
    at = step;
    [state] = rollout.final;
    const wounds = damage.filter((wound) => wound.step === step);
    if (wounds.length > 0) {
      const cells = await state.read();
      wounds.forEach(({ kind }, index) => applyDamage(cells, grid, rule.channels, kind, [seed, step, index]));
      state = cells;
    }
    if (wanted.has(step)) {
      yield { step, state: state instanceof Float32Array ? state.slice() : await state.read() };
    }
  }
}
