// Our side of a workload whose samples each have a goal of their own: one of its states, and a loss of the last.
import { parameterTable } from "../dist/rule/parameters.js";
import { BpttTrainer } from "../dist/train/bptt/bptt.js";
import { composeTask } from "../dist/train/composeTask.js";

export const SEED = 1;

/** What the workload comes to: final states, and the gradient of the mean loss by parameter name. */
export async function goalOutcome(engine, { rule, grid, steps, states, parameters, loss }) {
  const request = { rule, grid, parameters, states, steps, seed: SEED, record: true };
  const rollout = await engine.rollout(request);
  const final = await Promise.all(rollout.final.map((state) => state.read()));
  const cotangents = final.map((state, sample) => {
    const data = new Float32Array(state.length);
    const window = { top: 0, left: 0, height: grid[0], width: grid[1], data: state };
    loss(window, { goal: sample, trainingStep: 0 }, { data, scale: 1 / final.length });
    return { sample, step: steps, data };
  });
  const { parameters: flat } = await rollout.backward({ cotangents });
  rollout.dispose();
  const gradient = parameterTable(rule).map(({ name, offset, size }) => [
    name,
    flat.subarray(offset, offset + size),
  ]);
  return { final, gradient: Object.fromEntries(gradient) };
}

/** A function that makes a training step: rollout, loss, backward pass and Adam, at a learning rate of 0. */
export async function goalSteps(engine, { rule, grid, steps, states, parameters, loss }) {
  const task = composeTask({
    rule,
    grid,
    start: states[0],
    memory: null,
    goals: states.length,
    terms: [{ name: "loss", weight: 1, loss }],
    seed: SEED,
  });
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters,
    seed: SEED,
    // Every goal once in every step, so that each does the same work.
    task: {
      ...task,
      batch: async (...drawn) => ({
        ...(await task.batch(...drawn)),
        states,
      }),
    },
    settings: {
      steps: Infinity,
      batch: states.length,
      rollout: [steps, steps],
      learningRate: 0,
      schedule: { kind: "constant" },
      warmup: 0,
      optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      gradient: { normalize: true, clip: null },
      loss: { placement: "last", from: 1, every: 1 },
      average: null,
    },
  });
  const events = trainer.run();
  return async () => {
    const { value } = await events.next();
    if (!value) throw new Error("the trainer stopped of its own accord");
    return value;
  };
}
