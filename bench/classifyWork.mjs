// The workload of a training step of cells that classify, and our side of it.
import { handwriting } from "../dist/data/handwriting.js";
import { classificationDefaults } from "../dist/experiments/classification/config.js";
import { splitRule } from "../dist/model/pictureRule.js";
import { pictureState } from "../dist/model/start.js";
import { STREAM, uniform } from "../dist/random.js";
import { initialParameters, parameterTable } from "../dist/rule/parameters.js";
import { BpttTrainer } from "../dist/train/bptt/bptt.js";
import { composeTask } from "../dist/train/composeTask.js";
import { classLoss } from "../dist/train/loss/classes.js";

const SEED = 1;

/** Digits as training begins with them, and a network that says something. */
export function classifyWorkload({ batch = 16, steps = 20, fireRate, noise } = {}) {
  const config = classificationDefaults();
  const { rule: usual, readout } = splitRule(config.rule);
  const rule = { ...usual, fireRate: fireRate ?? usual.fireRate, noise: noise ?? usual.noise };
  const digits = handwriting({ seed: SEED, count: batch });
  const { grid } = digits;
  const parameters = initialParameters(rule, SEED);
  const last = parameterTable(rule).filter(({ name }) => name.startsWith(`update.${rule.hidden.length}.`));
  for (const { offset, size } of last) {
    for (let i = 0; i < size; i++) parameters[offset + i] = 0.1 * (uniform(SEED, STREAM.data, 0, i) - 0.5);
  }
  const pictures = Array.from({ length: batch }, (_, i) => digits.picture(i));
  const labels = pictures.map((_, i) => digits.label(i));
  const states = pictures.map((picture) => pictureState(picture, { rule, readout }));
  const loss = classLoss(rule, grid, readout.classes, (goal) => labels[goal]);
  return { rule, grid, steps, labels, states, parameters, loss };
}

/** What the workload comes to: final states, and the gradient of the mean loss by parameter name. */
export async function classifyOutcome(engine, { rule, grid, steps, states, parameters, loss }) {
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
export async function classifySteps(engine, { rule, grid, steps, states, parameters, loss }) {
  const task = composeTask({
    rule,
    grid,
    start: states[0],
    memory: null,
    goals: states.length,
    terms: [{ name: "classes", weight: 1, loss }],
    seed: SEED,
  });
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters,
    seed: SEED,
    // Every digit once in every step, so that each does the same work.
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
