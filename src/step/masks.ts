import { fireLimit, fires } from "../random.ts";
import { cellCount, type Grid } from "../rule/grid.ts";
import { neighbourOffsets } from "../rule/kernels.ts";
import type { Rule } from "../rule/rule.ts";
import { type Floats, roundLike } from "./floats.ts";
import { neighboursAt } from "./neighbours.ts";

/** Whether the alive channel of cell n exceeds the threshold. NaN does not. */
function exceeds({ channels, alive }: Rule, S: Floats, n: number): boolean {
  return S[n * channels + alive.channel] > roundLike(S, alive.threshold);
}

/** One byte a cell: 1 where the alive channel exceeds the threshold somewhere as far as the rule's mask reaches. */
export function aliveMask(rule: Rule, grid: Grid, S: Floats): Uint8Array {
  const cells = cellCount(grid);
  const mask = new Uint8Array(cells);
  const { reach = 1 } = rule.alive;
  const around = neighbourOffsets(grid.length, reach).map((offset) =>
    neighboursAt(rule.boundary, grid, offset),
  );
  for (let n = 0; n < cells; n++) {
    for (const neighbours of around) {
      const neighbour = neighbours[n];
      if (neighbour >= 0 && exceeds(rule, S, neighbour)) mask[n] = 1;
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

/** One byte a cell: 1 where the cell fires in this step. */
export function fireMask(rule: Rule, grid: Grid, seed: number, sample: number, step: number): Uint8Array {
  const limit = fireLimit(rule.fireRate);
  const mask = new Uint8Array(cellCount(grid));
  for (let n = 0; n < mask.length; n++) if (fires(limit, seed, sample, step, n)) mask[n] = 1;
  return mask;
}
