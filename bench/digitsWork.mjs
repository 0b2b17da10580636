// The workload of a training step that draws what an encoder says, and our side of it.
import { handwriting } from "../dist/data/handwriting.js";
import { COORDINATES, digitsEncoder } from "../dist/experiments/digits/digits.js";
import { resolveDigitsConfig } from "../dist/experiments/digits/config.js";
import { encoderTable, initialEncoder } from "../dist/nets/encoder.js";
import { createEncoderNetwork } from "../dist/nets/encoderNetwork.js";
import { STREAM, uniform } from "../dist/random.js";
import { initialParameters, parameterTable } from "../dist/rule/parameters.js";
import { positionOf, relativePosition, stateSize } from "../dist/rule/grid.js";
import { BpttTrainer } from "../dist/train/bptt/bptt.js";
import { splitRule } from "../dist/model/pictureRule.js";
import { pictureLoss } from "../dist/train/loss/loss.js";
import { lossOfEach } from "../dist/train/loss/measure.js";
import { fillNormal } from "../dist/noise.js";

const SEED = 1;
const draw = (what, index) => uniform(SEED, STREAM.data, what, index);

/**
 * Digits that stand: the last layer leaves the alive channel alone and moves the others little, so that every step of
 * every repetition is the same work, on as many living cells as a grown digit has.
 */
export function digitsWorkload({ batch = 8, steps = 64, fireRate = 0.5 } = {}) {
  const config = resolveDigitsConfig();
  const rule = { ...config.rule, fireRate };
  const settings = digitsEncoder(config);
  const { grid } = settings;
  const digits = handwriting({ seed: SEED, count: batch });
  const pictures = Array.from({ length: batch }, (_, i) => digits.picture(i));
  const { channels, alive } = rule;
  const states = pictures.map((picture, sample) => {
    const state = new Float32Array(stateSize(rule, grid));
    picture.forEach((value, cell) => {
      const position = positionOf(grid, cell);
      COORDINATES.forEach((channel, axis) => {
        state[cell * channels + channel] = relativePosition(position[axis], grid[axis]);
      });
      if (value <= alive.threshold) return;
      for (let c = COORDINATES.length; c < channels; c++) {
        state[cell * channels + c] =
          c === alive.channel ? 0.2 + 0.8 * value : draw(sample, cell * channels + c) - 0.5;
      }
    });
    return state;
  });
  const parameters = initialParameters(rule, SEED);
  const last = parameterTable(rule).filter(({ name }) => name.startsWith(`update.${rule.hidden.length}.`));
  for (const { offset, size } of last) {
    for (let i = 0; i < size; i++) {
      parameters[offset + i] = i % channels === alive.channel ? 0 : 0.002 * (2 * draw(batch, i) - 1);
    }
  }
  const noise = new Float32Array(batch * settings.latent);
  fillNormal(noise, SEED, 0, 0);
  return {
    rule,
    grid,
    steps,
    settings,
    pictures,
    noise,
    states,
    parameters,
    encoder: initialEncoder(settings, SEED),
  };
}

/** What the workload comes to: final states, and the gradient of the mean image loss by parameter name. */
export async function digitsOutcome(
  engine,
  { rule, grid, steps, settings, pictures, noise, states, parameters, encoder },
) {
  const network = await createEncoderNetwork(settings);
  const { latents, pullback } = await network.encode(encoder, pictures, noise);
  const rollout = await engine.rollout({
    rule,
    grid,
    parameters,
    states,
    inputs: latents,
    steps,
    seed: SEED,
    record: true,
  });
  const final = await Promise.all(rollout.final.map((state) => state.read()));
  const cotangents = final.map((state, sample) => {
    const data = new Float32Array(state.length);
    pictureLoss(
      splitRule(rule),
      grid,
      pictures[sample],
    )({ top: 0, left: 0, height: grid[0], width: grid[1], data: state }, { data, scale: 1 / final.length });
    return { sample, step: steps, data };
  });
  const gradients = await rollout.backward({ cotangents });
  rollout.dispose();
  const pulled = new Float32Array(encoder.length);
  await pullback(gradients.inputs, 0, pulled);
  network.dispose();
  return {
    final,
    gradient: Object.fromEntries([
      ...named(parameterTable(rule), gradients.parameters),
      ...named(encoderTable(settings), pulled),
    ]),
  };
}

/**
 * A function that makes a training step: encoder, rollout, loss, both backward passes, clipping and Adam, at a learning
 * rate of 0. It tells how long the automaton took of it.
 */
export async function digitsSteps(engine, workload) {
  const { rule, grid, steps, settings, pictures, noise, parameters, encoder } = workload;
  const network = await createEncoderNetwork(settings);
  const { final: states } = await engine.rollout({
    ...workload,
    inputs: pictures.map(() => new Float32Array(settings.latent)),
    steps: 0,
    seed: SEED,
  });
  let automaton = 0;
  const timed = async (work) => {
    const began = performance.now();
    try {
      return await work();
    } finally {
      automaton += (performance.now() - began) / 1000;
    }
  };
  const losses = pictures.map((picture) => pictureLoss(splitRule(rule), grid, picture));
  const trainer = new BpttTrainer({
    engine: {
      ...engine,
      read: (some) => engine.read(some),
      rollout: async (request) => {
        const rollout = await timed(() => engine.rollout(request));
        return {
          final: rollout.final,
          stats: () => rollout.stats(),
          kept: (sample, step) => rollout.kept(sample, step),
          backward: (asked) => timed(() => rollout.backward(asked)),
          dispose: () => rollout.dispose(),
        };
      },
    },
    rule,
    grid,
    parameters,
    seed: SEED,
    settings: {
      steps: Infinity,
      batch: states.length,
      rollout: [steps, steps],
      learningRate: 0,
      schedule: { kind: "constant" },
      warmup: 0,
      optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      gradient: { normalize: false, clip: 1 },
      loss: { placement: "last", from: 1, every: 1 },
      average: null,
    },
    task: {
      network: { table: encoderTable(settings), initial: encoder },
      batch: async (_step, _size, numbers) => {
        const { latents, pullback } = await network.encode(numbers, pictures, noise);
        return {
          states,
          conditioning: {
            inputs: latents,
            pullback: (cotangents, gradient) => pullback(cotangents, 0, gradient),
          },
          evaluate: (visits) =>
            lossOfEach(visits, (sample, state, sink) => {
              const error = losses[sample](state, sink);
              return { error, objective: error };
            }),
          accept: () => ({}),
          reject: () => {},
        };
      },
      save: async () => ({ meta: {}, tensors: {} }),
      restore: () => {},
    },
  });
  const events = trainer.run();
  return async () => {
    automaton = 0;
    const { value } = await events.next();
    if (!value) throw new Error("the trainer stopped of its own accord");
    return { ...value, automaton };
  };
}

function named(table, flat) {
  return table.map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]);
}
