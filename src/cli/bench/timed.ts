/** The two pieces of work that are timed. */
import type { Engine } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { pictureLoss } from "../../train/loss/loss.ts";
import { lossOfEach } from "../../train/loss/measure.ts";
import { BpttTrainer, type BpttProgress } from "../../train/bptt/bptt.ts";
import { benchWorkload, SEED, type Workload } from "./workload.ts";

/**
 * A function that makes a training step: the workload once, from rollout through loss, gradient and its
 * normalisation to Adam. The learning rate is 0, so that each step finds the same parameters. As out of a pool, the
 * initial states are the engine's own.
 */
export async function trainingSteps(
  engine: Engine,
  workload: Workload,
): Promise<() => Promise<BpttProgress>> {
  const { rule, grid, steps, parameters, target } = workload;
  const { final } = await engine.rollout({ ...workload, steps: 0, seed: SEED });
  const picture = pictureLoss(workload, grid, target);
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters,
    seed: SEED,
    settings: {
      steps: Infinity,
      batch: final.length,
      rollout: [steps, steps],
      learningRate: 0,
      schedule: { kind: "constant" },
      warmup: 0,
      optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      gradient: { normalize: true, clip: null },
      loss: { placement: "last", from: 1, every: 1 },
      average: null,
    },
    task: {
      batch: () => ({
        states: final,
        ...(picture.part && { terms: () => [{ ...picture.part!, weight: 1 }] }),
        evaluate: (visits) =>
          lossOfEach(visits, (_sample, state, sink) => {
            const error = picture(state, sink);
            return { error, objective: error };
          }),
        accept: () => ({}),
        reject: () => {},
      }),
      save: async () => ({ meta: {}, tensors: {} }),
      restore: () => {},
    },
  });
  const events = trainer.run();
  return async () => {
    const { value } = await events.next();
    if (!value) throw new Error("the trainer stopped of its own accord");
    return value;
  };
}

/** A function that runs one sample forward, recording nothing, and returns automaton steps a second. */
export function forwardRun(engine: Engine, steps = 500): () => Promise<number> {
  const workload = benchWorkload({ batch: 1, steps });
  return async () => {
    const began = performance.now();
    const rollout = await engine.rollout({ ...workload, seed: SEED });
    // A device may not be done before it is asked.
    await rollout.stats();
    disposeStates(rollout.final);
    return (1000 * steps) / (performance.now() - began);
  };
}

/** Middle, lowest and highest of some measurements. */
export type Spread = Readonly<{ median: number; low: number; high: number }>;

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, low: sorted[0], high: sorted.at(-1)! };
}
