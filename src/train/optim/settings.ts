/** The optimisers that there are, by name. */
import * as z from "zod/mini";
import { adam, adamSchema } from "./adam.ts";
import { muon, muonSchema } from "./muon.ts";
import type { Optimizer } from "./optimizer.ts";

export const optimizerSchema = z.discriminatedUnion("kind", [adamSchema, muonSchema]);
export type OptimizerSettings = Readonly<z.infer<typeof optimizerSchema>>;

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
