import type { Cotangent, Rollout, State } from "../../engine.ts";
import type { StateWindow } from "../../engine/window.ts";
import type { CotangentSink } from "./loss.ts";
import type { Batch, BatchLoss, Visit } from "../task.ts";

/** An objective above this is an explosion: ten times beyond any picture, everywhere. */
const MAX_OBJECTIVE = 100;
/** A state value beyond this is one, too. */
const MAX_VALUE = 1e6;

/**
 * Losses of a rollout of a batch.
 *
 * @param places steps at which each sample's loss is taken, with weights (`lossSteps`); one of them is its last.
 */
export async function measure<M extends object>(
  batch: Batch<M>,
  rollout: Rollout,
  places: readonly (readonly { step: number; weight: number }[])[],
): Promise<BatchLoss<M>> {
  const visits: Visit[] = [];
  for (const [sample, samplePlaces] of places.entries()) {
    const end = Math.max(...samplePlaces.map(({ step }) => step));
    for (const place of samplePlaces) {
      const last = place.step === end;
      const state = await windowOf(last ? rollout.final[sample] : rollout.kept(sample, place.step));
      visits.push({ sample, ...place, last, state });
    }
  }
  return batch.evaluate(visits);
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

/** Where a window lies. */
export function boxOf({ top, left, height, width }: StateWindow) {
  return { top, left, height, width };
}

/** A state with nothing of the emptiness around it. */
export async function windowOf(state: State): Promise<StateWindow> {
  return { ...state.box, data: await state.readBox() };
}

function allBounded(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= MAX_VALUE)) return false;
  return true;
}
