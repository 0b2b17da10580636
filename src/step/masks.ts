import { fireLimit, fires } from "../random.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { type Floats, roundLike } from "./floats.ts";
import { cellAt } from "./cellAt.ts";

/** Whether the alive channel of cell n exceeds the threshold. NaN does not. */
function exceeds({ channels, alive }: Rule, S: Floats, n: number): boolean {
  return S[n * channels + alive.channel] > roundLike(S, alive.threshold);
}

/** One byte a cell, (H, W): 1 where the alive channel exceeds the threshold somewhere in the 3x3 neighbourhood. */
export function aliveMask(rule: Rule, grid: Grid, S: Floats): Uint8Array {
  const [height, width] = grid;
  const mask = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const neighbour = cellAt(rule.boundary, grid, y + dy, x + dx);
          if (neighbour >= 0 && exceeds(rule, S, neighbour)) mask[y * width + x] = 1;
        }
      }
    }
  }
  return mask;
}

/** Cells whose alive channel exceeds the threshold; all cells for a rule without a mask. */
export function countLiving(rule: Rule, S: Floats): number {
  const cells = S.length / rule.channels;
  if (rule.alive.mask === "none") return cells;
  let count = 0;
  for (let n = 0; n < cells; n++) if (exceeds(rule, S, n)) count++;
  return count;
}

/** One byte a cell, (H, W): 1 where the cell fires in this step. */
export function fireMask(
  rule: Rule,
  [height, width]: Grid,
  seed: number,
  sample: number,
  step: number,
): Uint8Array {
  const limit = fireLimit(rule.fireRate);
  const mask = new Uint8Array(height * width);
  for (let n = 0; n < mask.length; n++) if (fires(limit, seed, sample, step, n)) mask[n] = 1;
  return mask;
}
