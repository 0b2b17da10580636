/** Values that leave the range in which pictures lie. */
import { type Grid, stateSize } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { StateWindow } from "../../engine/window.ts";
import type { CotangentSink, StateLoss } from "./loss.ts";

/**
 * Mean distance of all values of a state from [-1, 1]: keeps hidden channels from drifting away.
 *
 * Source: Niklasson et al., "Self-Organising Textures", Distill 2021.
 */
export function overflowLoss(rule: Rule, grid: Grid): StateLoss {
  const size = stateSize(rule, grid);
  const loss = ({ data }: StateWindow, sink?: CotangentSink) => {
    const slope = sink ? sink.scale / size : 0;
    let sum = 0;
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (value >= -1 && value <= 1) continue;
      sum += Math.abs(value) - 1;
      if (sink) sink.data[i] += value > 0 ? slope : -slope;
    }
    return sum / size;
  };
  return Object.assign(loss, { part: { kind: "overflow", scale: 1 / size } as const });
}
