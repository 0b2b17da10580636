/** No number is worth timing that is wrong: how benchmarks are checked first. */
import type { Engine } from "../../engine.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { parameterTable } from "../../rule/parameters.ts";
import type { Rule } from "../../rule/rule.ts";
import { imageLoss } from "../../train/loss/loss.ts";
import { benchWorkload, SEED, type Workload } from "./workload.ts";

/** What a workload comes to: final states, shape (H, W, C) each, and the gradient of the mean image loss. */
export type Outcome = Readonly<{ states: Float32Array[]; gradient: Float32Array }>;

export async function outcomeOf(engine: Engine, workload: Workload): Promise<Outcome> {
  const { steps, target } = workload;
  const rollout = await engine.rollout({ ...workload, seed: SEED, record: true });
  const states = await Promise.all(rollout.final.map((state) => state.read()));
  const cotangents = states.map((state, sample) => {
    const data = new Float32Array(state.length);
    imageLoss(state, target, workload, { data, scale: 1 / states.length });
    return { sample, step: steps, data };
  });
  const gradients = await rollout.backward({ cotangents });
  rollout.dispose();
  const [gradient] = [gradients.parameters].flat();
  return { states, gradient };
}

/**
 * Largest deviation that passes. Float32 sums in another order are off by 1e-7 to 1e-6 of the largest number, and
 * rollouts pass that on; one cell, tap or weight left out shows as 1e-3.
 */
export const TOLERANCE = 1e-4;

/**
 * Largest difference between two outcomes, in units of the largest number of the tensor it occurs in.
 * @throws Error where it exceeds {@link TOLERANCE}.
 */
export function verify(actual: Outcome, expected: Outcome, rule: Rule, who: string): number {
  const table = parameterTable(rule);
  const tensors = ({ states, gradient }: Outcome) => [
    ...states,
    ...table.map(({ offset, size }) => gradient.subarray(offset, offset + size)),
  ];
  const others = tensors(expected);
  const deviations = tensors(actual).map((tensor, i) => deviation(tensor, others[i]));
  const largest = Math.max(...deviations);
  if (!(largest <= TOLERANCE)) {
    throw new Error(`${who} deviates by ${largest.toExponential(1)}; at most ${TOLERANCE} is allowed`);
  }
  return largest;
}

function deviation(actual: Float32Array, expected: Float32Array): number {
  let scale = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  }
  return actual.length === expected.length ? largest / scale : NaN;
}

const slice = benchWorkload({ grid: [40, 40], batch: 2, steps: 6 });
/** What the reference makes of it, which takes seconds. */
let reference: Promise<Outcome> | undefined;

/** Verifies an engine against the reference on a slice of the workload: fewer cells, samples and steps. */
export async function verifyAgainstReference(engine: Engine): Promise<number> {
  reference ??= outcomeOf(referenceEngine(), slice);
  return verify(await outcomeOf(engine, slice), await reference, slice.rule, `the ${engine.name} engine`);
}
