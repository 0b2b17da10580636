import type { Target } from "../data/image.ts";
import type { GrowingConfig } from "./growing.ts";
import { type Fitted, fitSeeds } from "./picture.ts";

/**
 * The configuration of a growing run with all that depends on its pictures: where growth starts (`fitSeeds`). What it
 * says already stays as it is.
 *
 * @param target as `createGrowing` takes it.
 * @throws UserError (exit status 2) for a seed outside the grid.
 */
export function fitGrowingConfig(
  config: GrowingConfig,
  target: Target | readonly Target[],
): Fitted<GrowingConfig> {
  return fitSeeds(config, [target].flat());
}
