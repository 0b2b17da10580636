import type { Cotangent, Rollout, State } from "../engine.ts";
import type { StateWindow } from "../engine/window.ts";
import type { Batch } from "./task.ts";

/** An objective above this is an explosion: ten times beyond any picture, everywhere. */
const MAX_OBJECTIVE = 100;
/** A state value beyond this is one, too. */
const MAX_VALUE = 1e6;

/** What a rollout of a batch was worth. */
export type Measured = Readonly<{
  /** Error of each sample's final state. */
  errors: number[];
  objectives: number[];
  cotangents: Cotangent[];
  /** Samples with a number beyond bounds. */
  unsound: number[];
}>;

/**
 * Losses of every sample, and the cotangents of their mean over the batch.
 *
 * @param places steps at which each sample's loss is taken, with weights (`lossSteps`); one of them is its last.
 */
export async function measure(
  batch: Batch,
  rollout: Rollout,
  places: readonly (readonly { step: number; weight: number }[])[],
): Promise<Measured> {
  const measured: Measured = { errors: [], objectives: [], cotangents: [], unsound: [] };
  for (const [sample, samplePlaces] of places.entries()) {
    const end = Math.max(...samplePlaces.map(({ step }) => step));
    let sound = true;
    let error = NaN;
    let objective = 0;
    for (const { step, weight } of samplePlaces) {
      const state = await windowOf(step === end ? rollout.final[sample] : rollout.kept(sample, step));
      const data = new Float32Array(state.data.length);
      const loss = batch.loss(sample, state, { data, scale: weight / places.length });
      if (step === end) error = loss.error;
      sound &&= loss.objective <= MAX_OBJECTIVE && isBounded(state.data);
      objective += weight * loss.objective;
      const { top, left, height, width } = state;
      measured.cotangents.push({ sample, step, data, box: { top, left, height, width } });
    }
    measured.errors.push(error);
    measured.objectives.push(objective);
    if (!sound) measured.unsound.push(sample);
  }
  return measured;
}

async function windowOf(state: State): Promise<StateWindow> {
  return { ...state.box, data: await state.readBox() };
}

function isBounded(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= MAX_VALUE)) return false;
  return true;
}
