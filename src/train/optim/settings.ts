/** The optimisers that there are, by name. */
import * as z from "zod/mini";
import { adam, adamSchema } from "./adam.ts";
import { muon, muonSchema } from "./muon.ts";
import type { Optimizer } from "./optimizer.ts";

export const optimizerSchema = z.discriminatedUnion("kind", [adamSchema, muonSchema]);
/** Adam (Kingma and Ba, 2015) or Muon (Jordan et al., 2024), and its settings. Plain JSON. */
export type OptimizerSettings = Readonly<z.infer<typeof optimizerSchema>>;

/** The optimiser that the settings name. */
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
