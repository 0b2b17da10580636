import * as z from "zod/mini";
import { openEs, openEsSchema } from "./openEs.ts";
import { pgpe, pgpeSchema } from "./pgpe.ts";
import { snes, snesSchema } from "./snes.ts";
import type { SearchSettings, Strategy } from "./strategy.ts";

export const strategySchema = z.discriminatedUnion("kind", [openEsSchema, pgpeSchema, snesSchema]);
/** A strategy, by its `kind`, and its settings. Plain JSON. */
export type StrategySettings = Readonly<z.infer<typeof strategySchema>>;

/** The strategy that the settings name. */
export function createStrategy(settings: StrategySettings, search: SearchSettings): Strategy {
  switch (settings.kind) {
    case "open-es":
      return openEs(settings, search);
    case "pgpe":
      return pgpe(settings, search);
    case "snes":
      return snes(settings, search);
    default:
      return settings satisfies never;
  }
}
