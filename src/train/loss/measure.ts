import type { Cotangent, Engine, Rollout } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { boxOf, type StateWindow } from "../../engine/window.ts";
import type { CotangentSink } from "./loss.ts";
import type { Batch, BatchLoss, Visit } from "../task.ts";

/** An objective above this is an explosion: ten times beyond any picture, everywhere. */
const MAX_OBJECTIVE = 100;
/** A state value beyond this is one, too. */
const MAX_VALUE = 1e6;

/**
 * Losses of a rollout of a batch. All states are read at once; the kept ones are disposed of.
 *
 * @param engine that made it.
 * @param places steps at which each sample's loss is taken, with weights (`lossSteps`); one of them is its last.
 */
export async function measure<M extends object>(
  engine: Engine,
  batch: Batch<M>,
  rollout: Rollout,
  places: readonly (readonly { step: number; weight: number }[])[],
): Promise<BatchLoss<M>> {
  const visits = places.flatMap((own, sample) => {
    const end = Math.max(...own.map(({ step }) => step));
    return own.map((place) => ({ sample, ...place, last: place.step === end }));
  });
  const kept = visits.filter(({ last }) => !last).map(({ sample, step }) => rollout.kept(sample, step));
  let next = 0;
  const states = visits.map(({ sample, last }) => (last ? rollout.final[sample] : kept[next++]));
  const reading = engine.read(states);
  disposeStates(kept);
  const windows = await reading;
  return batch.evaluate(visits.map((visit, i): Visit => ({ ...visit, state: windows[i] })));
}

/**
 * Losses of a batch where each state's depends on nothing but itself: the weighted mean over the visits.
 *
 * @param loss of one sample's state: `error` is reported, and what a pool ranks by; `objective`, the error and any
 *   penalties, is minimised, and its cotangent is added to the sink.
 */
export function lossOfEach(
  visits: readonly Visit[],
  loss: (
    sample: number,
    state: StateWindow,
    sink: CotangentSink,
  ) => Readonly<{ error: number; objective: number }>,
): BatchLoss {
  const samples = Math.max(...visits.map(({ sample }) => sample)) + 1;
  const errors = Array.from({ length: samples }, () => NaN);
  const objectives = Array.from({ length: samples }, () => 0);
  const diverged = new Set<number>();
  const cotangents = visits.map(({ sample, step, weight, last, state }): Cotangent => {
    const data = new Float32Array(state.data.length);
    const { error, objective } = loss(sample, state, { data, scale: weight / samples });
    if (last) errors[sample] = error;
    if (!isBounded(objective, state)) diverged.add(sample);
    objectives[sample] += weight * objective;
    return { sample, step, data, box: boxOf(state) };
  });
  return { errors, objectives, cotangents, diverged: [...diverged] };
}

/** Whether an objective and the state that it was measured on are within bounds. */
export function isBounded(objective: number, { data }: StateWindow): boolean {
  return objective <= MAX_OBJECTIVE && allBounded(data);
}

function allBounded(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= MAX_VALUE)) return false;
  return true;
}
