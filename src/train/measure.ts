import type { Cotangent, Rollout, State } from "../engine.ts";
import { cellRuns } from "../engine/window.ts";
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
 * @param steps length of the rollout.
 * @param places steps at which each sample's loss is taken, with weights (`lossSteps`).
 */
export async function measure(
  batch: Batch,
  rollout: Rollout,
  steps: number,
  places: readonly (readonly { step: number; weight: number }[])[],
): Promise<Measured> {
  const measured: Measured = { errors: [], objectives: [], cotangents: [], unsound: [] };
  for (const [sample, samplePlaces] of places.entries()) {
    const last = rollout.final[sample];
    const final = await last.read();
    let sound = isBounded(final, last);
    let error: number | undefined;
    let objective = 0;
    for (const { step, weight } of samplePlaces) {
      const state = step === steps ? last : rollout.kept(sample, step);
      const values = step === steps ? final : await state.read();
      const data = new Float32Array(values.length);
      const loss = batch.loss(sample, values, state.box, { data, scale: weight / places.length });
      if (step === steps) error = loss.error;
      sound &&= loss.objective <= MAX_OBJECTIVE;
      objective += weight * loss.objective;
      measured.cotangents.push({ sample, step, data });
    }
    error ??= batch.loss(sample, final, last.box).error;
    sound &&= error <= MAX_OBJECTIVE;
    measured.errors.push(error);
    measured.objectives.push(objective);
    if (!sound) measured.unsound.push(sample);
  }
  return measured;
}

function isBounded(values: Float32Array, { grid, box, channels }: State): boolean {
  for (const [first, end] of cellRuns(grid, box)) {
    for (let i = first * channels; i < end * channels; i++) {
      if (!(Math.abs(values[i]) <= MAX_VALUE)) return false;
    }
  }
  return true;
}
