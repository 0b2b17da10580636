/** Every engine against rollouts and gradients that PyTorch's autograd computed (test/golden/rollouts.py). */
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Cotangent, Engine } from "../src/engine.ts";
import { FLOAT32, expectClose, expectCloseToScale, parameterSets } from "../src/conformance/compare.ts";
import { parameterCount, parameterTable, parameterViews } from "../src/rule/parameters.ts";
import { engines } from "./engines.ts";
import { type Golden, goldenFiles, readGolden } from "./goldenRollouts.ts";

/** Float32 on both sides, with sums in different orders: see `FLOAT32`. */
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string) => {
  expectClose(actual, expected, FLOAT32, what);
  expectCloseToScale(actual, expected, FLOAT32, what, 0);
};

/** Mean squared error over the batch, and its cotangents times `weight`. */
function meanSquaredError(golden: Golden, states: readonly Float32Array[], step: number, weight: number) {
  const { rule, readout } = golden;
  const { target } = golden.data;
  const count = states.length * target.length;
  let loss = 0;
  const cotangents = states.map((state, sample): Cotangent => {
    const data = new Float32Array(state.length);
    for (let i = 0; i < target.length; i++) {
      const at = Math.floor(i / 4) * rule.channels + readout.offset + (i % 4);
      const error = state[at] - target[i];
      loss += error ** 2 / count;
      data[at] = (weight * 2 * error) / count;
    }
    return { sample, step, data };
  });
  return { loss: weight * loss, cotangents };
}

/** One of the equal parts of an array: entry `part` along its first axis of length `parts`. */
function sliceOf(values: Float32Array, part: number, parts: number): Float32Array {
  return values.subarray((values.length / parts) * part, (values.length / parts) * (part + 1));
}

describe.each(engines)("golden files on $name", ({ create, slow = false }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.dispose());

  it.for(goldenFiles.filter((_, i) => !slow || i % 3 === 1))("%s", async (file, { skip }) => {
    const golden = readGolden(file);
    const { rule, data, shapes } = golden;
    const declined = engine.declines(rule, { record: true, keep: true });
    if (declined !== undefined) skip(`${engine.name} declines: ${declined}`);
    const [steps, batch, height, width] = shapes.states;
    const samples = Array.from({ length: batch }, (_, sample) => sample);

    const parameters = new Float32Array(parameterCount(rule));
    for (const { name, offset } of parameterTable(rule)) parameters.set(data[name], offset);
    const rollout = await engine.rollout({
      rule,
      grid: [height, width],
      parameters,
      states: samples.map((sample) => sliceOf(data.state0, sample, batch)),
      ...(rule.inputSize > 0 && { inputs: samples.map((sample) => sliceOf(data.input, sample, batch)) }),
      steps,
      seed: 0,
      keep: Array.from({ length: steps }, (_, t) => t + 1),
      record: true,
    });

    let loss = 0;
    const cotangents: Cotangent[] = [];
    for (let step = 1; step <= steps; step++) {
      const states = await Promise.all(samples.map((sample) => rollout.kept(sample, step).read()));
      const expected = sliceOf(data.states, step - 1, steps);
      for (const sample of samples) {
        close(states[sample], sliceOf(expected, sample, batch), `sample ${sample} after step ${step}`);
      }
      const weight = data.loss_weights?.[step - 1] ?? (step === steps ? 1 : 0);
      if (weight === 0) continue;
      const atStep = meanSquaredError(golden, states, step, weight);
      loss += atStep.loss;
      cotangents.push(...atStep.cotangents);
    }
    close([loss], data.loss, "loss");

    const gradients = await rollout.backward({ cotangents, states: true });
    rollout.dispose();
    const views = parameterViews(rule, parameterSets(gradients)[0]);
    for (const { name } of parameterTable(rule)) close(views[name], data[`grad.${name}`], name);
    for (const sample of samples) {
      close(gradients.states![sample], sliceOf(data["grad.state0"], sample, batch), `state0 ${sample}`);
      if (rule.inputSize > 0) {
        close(gradients.inputs![sample], sliceOf(data["grad.input"], sample, batch), `input ${sample}`);
      }
    }
  });
});
