/** The optimisers that there are, by name. */
import * as z from "zod/mini";
import { adam, adamSchema } from "./adam.ts";
import { muon, muonSchema } from "./muon.ts";
import type { Optimizer } from "./optimizer.ts";

export const optimizerSchema = z.discriminatedUnion("kind", [adamSchema, muonSchema]);
/** Adam (Kingma and Ba, 2015) or Muon (Jordan et al., 2024), and its settings. Plain JSON. */
export type OptimizerSettings = Readonly<z.infer<typeof optimizerSchema>>;

/**
 * The optimiser that the settings name.
 *
 * @example
 * ```ts
 * import { createOptimizer } from "neoblast/train";
 *
 * // The first step of Adam goes by the learning rate, whatever the length of the gradient.
 * const adam = createOptimizer({ kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
 * const table = [{ name: "weight", shape: [2], offset: 0, size: 2 }];
 * const before = new Float32Array([1, 1]);
 * const { parameters } = adam.update(table, before, new Float32Array([5, -5]), adam.init(table), 0.1);
 * console.log(Array.from(parameters, (number) => number.toFixed(2))); // [ '0.90', '1.10' ]
 * ```
 */
export function createOptimizer(settings: OptimizerSettings): Optimizer {
  switch (settings.kind) {
    case "adam":
      return adam(settings);
    case "muon":
      return muon(settings);
    default:
      return settings satisfies never;
  }
}
