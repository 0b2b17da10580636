import type { Cotangent, Engine, Losses, LossVisit, Rollout, State } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { boxOf, type StateWindow } from "../../engine/window.ts";
import type { CotangentSink } from "./loss.ts";
import type { Batch, BatchLoss, Visit } from "../task.ts";

/** An objective above this is an explosion: ten times beyond any picture, everywhere. */
const MAX_OBJECTIVE = 100;
/** A state value beyond this is one, too. */
const MAX_VALUE = 1e6;

/** Losses of a batch, and what pulls their cotangents back. */
export type Measured<M extends object> = Omit<BatchLoss<M>, "cotangents"> & Pick<Losses, "backward">;

/** By sample, steps at which its loss is taken, with weights (`lossSteps`); one of them is its last. */
type LossPlaces = readonly (readonly { step: number; weight: number }[])[];

/**
 * Losses of a recorded rollout of a batch: taken by the engine where states lie, if both can; else of states that are read.
 * The kept ones are disposed of.
 *
 * @param engine that made it.
 */
export async function measure<M extends object>(
  engine: Engine,
  batch: Batch<M>,
  rollout: Rollout,
  places: LossPlaces,
): Promise<Measured<M>> {
  const taken = await takenByEngine(batch, rollout, places);
  if (taken) {
    disposeStates(keptOf(rollout, places));
    return taken;
  }
  const { cotangents, ...loss } = await evaluateStates(engine, batch, rollout, places);
  return { ...loss, backward: (request) => rollout.backward({ ...request, cotangents }) };
}

/** As {@link measure}, of states that are read, all at once. */
export async function evaluateStates<M extends object>(
  engine: Engine,
  batch: Batch<M>,
  rollout: Rollout,
  places: LossPlaces,
): Promise<BatchLoss<M>> {
  const visits = visitsOf(places);
  const kept = keptOf(rollout, places);
  let next = 0;
  const states = visits.map(({ sample, last }) => (last ? rollout.final[sample] : kept[next++]));
  const reading = engine.read(states);
  disposeStates(kept);
  const windows = await reading;
  return batch.evaluate(visits.map((visit, i): Visit => ({ ...visit, state: windows[i] })));
}

function visitsOf(places: LossPlaces): Omit<Visit, "state">[] {
  return places.flatMap((own, sample) => {
    const end = Math.max(...own.map(({ step }) => step));
    return own.map((place) => ({ sample, ...place, last: place.step === end }));
  });
}

/** The states that are visited before a sample's last. */
function keptOf(rollout: Rollout, places: LossPlaces): State[] {
  return visitsOf(places)
    .filter(({ last }) => !last)
    .map(({ sample, step }) => rollout.kept(sample, step));
}

/** As {@link lossOfEach}, of states that are not read. */
async function takenByEngine<M extends object>(
  batch: Batch<M>,
  rollout: Rollout,
  places: LossPlaces,
): Promise<Measured<M> | undefined> {
  if (!rollout.losses || !batch.terms) return undefined;
  const samples = places.length;
  const visited = visitsOf(places);
  const visits: LossVisit[] = [];
  for (const { sample, step, weight } of visited) {
    const terms = batch.terms(sample);
    if (!terms) return undefined;
    visits.push({ sample, step, factor: weight / samples, terms });
  }
  const losses = await rollout.losses(visits, MAX_VALUE);
  if (!losses) return undefined;
  const errors = Array.from({ length: samples }, () => NaN);
  const objectives = Array.from({ length: samples }, () => 0);
  const diverged = new Set<number>();
  for (const [i, { sample, weight, last }] of visited.entries()) {
    const values = losses.values[i];
    const objective = visits[i].terms.reduce((sum, term, t) => sum + term.weight * values[t], 0);
    if (last) errors[sample] = values[0];
    if (!losses.bounded[i] || !(objective <= MAX_OBJECTIVE)) diverged.add(sample);
    objectives[sample] += weight * objective;
  }
  return { errors, objectives, diverged: [...diverged], backward: (request) => losses.backward(request) };
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
