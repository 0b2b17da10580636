/** What weights in 8 bits cost. */
import type { Engine } from "../../src/engine.ts";
import type { PictureModel } from "../../src/model/model.ts";
import { startState } from "../../src/model/start.ts";
import { dequantise, quantise } from "../../src/rule/quantisation.ts";

/** Mean squared errors of what grows, by the exact model and by the one with 8-bit weights. */
export type QuantisationCost = Readonly<{ exact: number; quantised: number }>;

/**
 * Measures the error that quantisation adds: both models grow the same samples, with the same cells firing.
 *
 * @param target shape (H, W, 4), premultiplied as the readout says. @param input the input of the cells, for a model with one.
 */
export async function quantisationCost(
  engine: Engine,
  model: PictureModel,
  target: Float32Array,
  {
    steps = 200,
    samples = 4,
    input,
    signal,
  }: Readonly<{ steps?: number; samples?: number; input?: Float32Array; signal?: AbortSignal }> = {},
): Promise<QuantisationCost> {
  const { rule, readout, parameters, provenance } = model;
  const { grid } = provenance;
  const start = startState(model, grid);
  const errorOf = async (numbers: Float32Array) => {
    const states = Array.from({ length: samples }, () => start);
    const rollout = await engine.rollout({
      rule,
      grid,
      parameters: numbers,
      states,
      ...(input && { inputs: states.map(() => input) }),
      steps,
      seed: 0,
      compare: { target, readout, steps: [steps], measure: "squared-error" },
      ...(signal && { signal }),
    });
    for (const state of rollout.final) state.dispose();
    const { compared } = await rollout.stats();
    return compared.reduce((sum, [error]) => sum + error, 0) / samples;
  };
  return {
    exact: await errorOf(parameters),
    quantised: await errorOf(dequantise(quantise(rule, parameters))),
  };
}
