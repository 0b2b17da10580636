// The workload of a training step that weaves a texture, and our side of it.
import { targetFromRgba } from "../dist/data/image.js";
import { drawMaterial } from "../dist/data/materials.js";
import { disposeStates } from "../dist/engine/states.js";
import { resolveTextureConfig } from "../dist/experiments/texture/config.js";
import { createTexture, textureParameters } from "../dist/experiments/texture/texture.js";
import { splitRule } from "../dist/model/pictureRule.js";
import { STREAM, uniform } from "../dist/random.js";
import { stateSize } from "../dist/rule/grid.js";
import { parameterTable } from "../dist/rule/parameters.js";
import { textureLoss } from "../dist/train/loss/texture.js";

const SEED = 1;
/** Of the directions along which both sides look where they are compared. */
const STEP = 7;

/** The large model on bricks: noise on a torus, and parameters that move it a little. Every cell is computed, on every side. */
export function textureWorkload({ size = 64, batch = 4, steps = 48, fireRate = 0.5 } = {}) {
  const config = resolveTextureConfig({
    model: "full",
    overrides: {
      seed: SEED,
      target: { size },
      rule: { fireRate, seed: { noise: 0.5 } },
      training: {
        steps: 100_000,
        batch,
        rollout: [steps, steps],
        learningRate: 1e-30,
        schedule: { kind: "constant" },
        warmup: 0,
        pool: null,
      },
    },
  });
  const picture = targetFromRgba(drawMaterial("bricks", size), { size, padding: 0, premultiplied: true });
  const { rule } = splitRule(config.rule);
  const { grid } = picture;
  const parameters = textureParameters(rule, SEED);
  const last = parameterTable(rule).at(-1);
  for (let i = last.offset; i < parameters.length; i++) {
    parameters[i] = 0.01 * (2 * uniform(SEED, STREAM.data, 1, i) - 1);
  }
  const states = Array.from({ length: batch }, (_, sample) =>
    Float32Array.from(
      { length: stateSize(rule, grid) },
      (__, i) => uniform(SEED, STREAM.data, 2 + sample, i) - 0.5,
    ),
  );
  return { config, rule, grid, steps, parameters, states, picture, target: picture.data };
}

/** What a peer needs to know beside `writeWorkload`: the loss. */
export function textureNumbers({ config }) {
  const { patch, levels, directions, patches, sharpness } = config.training.loss;
  return { seed: SEED, step: STEP, settings: { patch, levels, directions, patches, sharpness } };
}

/** What the workload comes to: final states, and the gradient of the mean texture loss in the parameters. */
export async function textureOutcome(engine, { config, rule, grid, steps, parameters, states, picture }) {
  const layout = splitRule(config.rule, []);
  const loss = textureLoss(layout, grid, { ...picture, wraps: false }, config.training.loss, SEED);
  const rollout = await engine.rollout({ rule, grid, parameters, states, steps, seed: SEED, record: true });
  const finals = await Promise.all(rollout.final.map((state) => state.read()));
  disposeStates(rollout.final);
  const [height, width] = grid;
  const cotangents = finals.map((state, sample) => {
    const data = new Float32Array(state.length);
    const window = { top: 0, left: 0, height, width, data: state };
    loss(window, { goal: 0, trainingStep: STEP }, { data, scale: 1 / finals.length });
    return { sample, step: steps, data };
  });
  const gradients = await rollout.backward({ cotangents });
  rollout.dispose();
  return { states: finals, gradient: gradients.parameters };
}

/** Numbers in place of a loss's cotangents of the last states, one array for each sample, as large as those of a mean. */
export function givenCotangents({ states }) {
  return states.map((state, sample) =>
    state.map((_, i) => (uniform(SEED, STREAM.data, 2 + states.length + sample, i) - 0.5) / state.length),
  );
}

/** Rollout and backward pass from such cotangents: last states, which are the caller's to dispose of, and the gradient. */
export async function pullBack(engine, { rule, grid, steps, parameters, states }, cotangents) {
  const rollout = await engine.rollout({ rule, grid, parameters, states, steps, seed: SEED, record: true });
  const gradients = await rollout.backward({
    cotangents: cotangents.map((data, sample) => ({ sample, step: steps, data })),
  });
  rollout.dispose();
  return { final: rollout.final, gradient: gradients.parameters };
}

/** A function that makes a training step, the trainer's own: rollout, loss, backward pass, normalisation, Adam. */
export function textureSteps(engine, { config, picture, parameters }) {
  const events = createTexture({ engine, config, target: picture, parameters }).run();
  return async () => {
    const { value } = await events.next();
    if (!value) throw new Error("the trainer stopped of its own accord");
    return value;
  };
}
