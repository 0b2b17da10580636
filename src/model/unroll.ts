import type { Engine } from "../engine.ts";
import { unroll, type UnrollOptions } from "../engine/unroll.ts";
import type { Model } from "./model.ts";
import { goalOfInput, startState } from "./start.ts";

/**
 * `unroll` of a model from its seeds, on the grid and by the fire masks that it names: those of `provenance`.
 *
 * @param options what else to say of the rollout, or otherwise.
 * @throws what `Engine.rollout` throws.
 */
export function unrollModel(
  engine: Engine,
  model: Model,
  options: Partial<UnrollOptions> & Pick<UnrollOptions, "stops">,
): ReturnType<typeof unroll> {
  const { rule, parameters, provenance } = model;
  const { grid, seed = 0 } = provenance;
  const [input] = options.inputs ?? [];
  const start = startState(model, grid, undefined, input && goalOfInput(input));
  return unroll({ engine, rule, parameters, grid, start, seed, ...options });
}
