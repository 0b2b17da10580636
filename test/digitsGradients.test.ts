/** The chain from an encoder's numbers through the automaton to the loss, and back. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../src/engine.ts";
import { expectCloseToScale, FLOAT32 } from "../src/conformance/compare.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { decodeSafetensors } from "../src/formats/safetensors.ts";
import {
  drawLatent,
  encode,
  type EncoderSettings,
  encoderTable,
  initialEncoder,
} from "../src/nets/encoder.ts";
import { encoderConditioner } from "../src/experiments/digits/encoderConditioner.ts";
import { createEncoderNetwork } from "../src/nets/encoderNetwork.ts";
import { type ParameterEntry, parameterTable, tableSize } from "../src/rule/parameters.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Plane } from "../src/rule/grid.ts";
import { imageLoss } from "../src/train/loss/loss.ts";
import { evaluateStates } from "../src/train/loss/measure.ts";
import { pictureTask } from "../src/train/pictureTask.ts";
import { uniform } from "../src/random.ts";
import { engines } from "./engines.ts";

const GRID: Plane = [8, 8];
const settings: EncoderSettings = { grid: [8, 8], channels: 1, features: [3, 4], latent: 3 };
const conventions = splitRule({
  ...picturePresets.cax,
  channels: 6,
  hidden: [8],
  inputSize: 3,
  alive: { mask: "both", channel: 5, threshold: 0.1 },
  fireRate: 1,
  image: { offset: 5, channels: 1, premultiplied: false },
  seed: { from: 5, to: 6 },
});
const { rule } = conventions;

/** Consecutive parts of an array, along its first axis of length `count`. */
function split(data: Float32Array, count: number): Float32Array[] {
  const length = data.length / count;
  return Array.from({ length: count }, (_, i) => data.slice(i * length, (i + 1) * length));
}

describe("golden values of PyTorch's autograd (test/golden/digits.py)", () => {
  const { tensors, metadata } = decodeSafetensors(
    readFileSync(new URL("golden/digits.safetensors", import.meta.url)),
  );
  const golden = (name: string) => Float32Array.from(tensors[name].data, Number);
  const flat = (table: readonly ParameterEntry[], prefix = "") => {
    const all = new Float32Array(tableSize(table));
    for (const { name, offset, shape } of table) {
      expect(tensors[prefix + name].shape, name).toEqual([...shape]);
      all.set(golden(prefix + name), offset);
    }
    return all;
  };
  const [steps, beta] = [Number(metadata.steps), Number(metadata.beta)];
  const [pictures, states] = ["pictures", "states"].map((name) => split(golden(name), 2));
  const numbers = flat(encoderTable(settings));

  describe.each(engines.filter(({ slow }) => !slow))("$name", ({ create }) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await create();
    });
    afterAll(() => engine.dispose());

    it("objective and every gradient", async () => {
      const network = await createEncoderNetwork(settings);
      const { latents, divergence, pullback } = await network.encode(numbers, pictures, golden("noise"));
      expectCloseToScale(
        latents.flatMap((z) => [...z]),
        golden("latents"),
        FLOAT32,
        "latents",
        1,
      );
      const rollout = await engine.rollout({
        rule,
        grid: GRID,
        parameters: flat(parameterTable(rule)),
        states,
        inputs: latents,
        steps,
        seed: 0,
        record: true,
      });
      const finals = await Promise.all(rollout.final.map((state) => state.read()));
      let objective = beta * divergence;
      const cotangents = finals.map((state, sample) => {
        const data = new Float32Array(state.length);
        objective += imageLoss(state, pictures[sample], conventions, { data, scale: 1 / 2 }) / 2;
        return { sample, step: steps, data };
      });
      expect(objective).toBeCloseTo(golden("objective")[0], 6);
      const { parameters, inputs } = await rollout.backward({ cotangents });
      rollout.dispose();
      const own = flat(parameterTable(rule), "grad.");
      expectCloseToScale([parameters].flat()[0], own, FLOAT32, "gradient of the automaton", 0);
      const pulled = new Float32Array(numbers.length);
      await pullback(inputs!, beta, pulled);
      expectCloseToScale(
        pulled,
        flat(encoderTable(settings), "grad."),
        FLOAT32,
        "gradient of the encoder",
        0,
      );
    });
  });
});

const draws = (count: number, index: number) =>
  Float32Array.from({ length: count }, (_, i) => uniform(3, 0, index, i));

/** Compares a gradient with the slopes of what it is the gradient of. */
async function checkSlopes(
  values: Float32Array,
  gradient: Float32Array,
  at: (moved: Float32Array) => Promise<number>,
) {
  const largest = Math.max(...gradient.map(Math.abs));
  for (let i = 0; i < values.length; i += Math.ceil(values.length / 40)) {
    const step = 2e-4;
    const moved = (by: number) => at(values.map((value, j) => (j === i ? value + by : value)));
    const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
    // Objectives of about 0.2 in single precision are off by 1e-8, slopes by 5e-5.
    expect(Math.abs(gradient[i] - slope), `number ${i}`).toBeLessThan(0.01 * largest + 5e-5);
  }
}

describe("finite differences of a training step's objective", () => {
  const pictures = [draws(64, 1), draws(64, 2), draws(64, 3)];
  const beta = 0.02;
  const parameters = Float32Array.from(
    { length: tableSize(parameterTable(rule)) },
    (_, i) => 0.3 * (uniform(3, 0, 6, i) - 0.5),
  );
  const numbers = initialEncoder(settings, 5);

  it("agree with the pullback, in the encoder and in the automaton", async () => {
    const network = await createEncoderNetwork(settings);
    const conditioner = encoderConditioner({
      network,
      settings,
      picture: (goal) => pictures[goal],
      beta,
      noise: 1,
      seed: 2,
    });
    const goals = { count: 3, target: (goal: number) => pictures[goal], conditioner };
    const pool = {
      size: 4,
      reseed: 1,
      kept: null,
      retried: null,
      damaged: 0,
      switched: 0,
      damage: ["circle" as const],
    };
    const task = pictureTask({ ...conventions, grid: GRID, goals, pool, seed: 2 });
    const engine = referenceEngine({ precision: "float64" });
    const steps = 4;
    const batch = await task.batch(0, 3, numbers);
    const run = (own: Float32Array, inputs: readonly Float32Array[]) =>
      engine.rollout({
        rule,
        grid: GRID,
        parameters: own,
        states: batch.states,
        inputs,
        steps,
        seed: 0,
        record: true,
      });
    const places = batch.states.map(() => [{ step: steps, weight: 1 }]);
    const rollout = await run(parameters, batch.conditioning!.inputs);
    const { cotangents } = await evaluateStates(engine, batch, rollout, places);
    const gradients = await rollout.backward({ cotangents });
    const pulled = new Float32Array(numbers.length);
    await batch.conditioning!.pullback!(gradients.inputs!, pulled);

    /** By the task's batch of other numbers: goals and noise are those of the step. */
    const objective = async (own: Float32Array, encoder: Float32Array) => {
      const moved = await task.batch(0, 3, encoder);
      const { objectives } = await evaluateStates(
        engine,
        moved,
        await run(own, moved.conditioning!.inputs),
        places,
      );
      return objectives.reduce((sum, value) => sum + value, 0) / 3 + moved.conditioning!.penalty!;
    };
    await checkSlopes(parameters, [gradients.parameters].flat()[0], (own) => objective(own, numbers));
    await checkSlopes(numbers, pulled, (encoder) => objective(parameters, encoder));
    expect(Math.max(...pulled.map(Math.abs))).toBeGreaterThan(1e-3);
  });

  it("noise moves the latent vectors by the posterior's deviation", async () => {
    const network = await createEncoderNetwork(settings);
    const options = { network, settings, picture: (goal: number) => pictures[goal], beta, seed: 2 };
    const inputs = async (noise: number) =>
      (await encoderConditioner({ ...options, noise }).condition([1], 7, numbers)).inputs[0];
    const posterior = encode({ settings, parameters: numbers }, pictures[1]);
    const [still, drawn] = [await inputs(0), await inputs(1)];
    const noise = drawn.map(
      (value, i) => (value - posterior.mean[i]) / Math.exp(posterior.logVariance[i] / 2),
    );
    // Single precision on both sides.
    still.forEach((value, i) => expect(value).toBeCloseTo(posterior.mean[i], 5));
    drawLatent(posterior, noise).forEach((value, i) => expect(drawn[i]).toBeCloseTo(value, 5));
    expect(Math.max(...noise.map(Math.abs))).toBeGreaterThan(0.1);
  });
});
