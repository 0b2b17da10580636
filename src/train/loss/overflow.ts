/** Values that leave the range in which pictures lie. */
import { type Grid, stateSize } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Readout } from "../../model/readout.ts";
import type { StateWindow } from "../../engine/window.ts";
import type { CotangentSink, StateLoss } from "./loss.ts";

/** Red, green and blue, or grey; what follows is alpha. */
const COLOURS = 3;

type Colours = Readonly<{ readout: Pick<Readout, "offset" | "channels">; middle: number }>;
const NO_COLOURS: Colours = { readout: { offset: 0, channels: 1 }, middle: 0 };

/**
 * Mean distance of all values of a state from [-1, 1]: keeps hidden channels from drifting away.
 *
 * Source: Niklasson et al., "Self-Organising Textures", Distill 2021.
 *
 * @param colours where they lie, and the middle of their range, which is then [middle - 1, middle + 1]. In the source, a colour
 *   is 0.5 more than what its cell holds, so that white and black are equally far from where they cost: that is a middle of
 *   0.5. Default 0.
 */
export function overflowLoss(
  rule: Rule,
  grid: Grid,
  { readout: { offset, channels }, middle }: Colours = NO_COLOURS,
): StateLoss {
  const size = stateSize(rule, grid);
  const middles = Array.from({ length: rule.channels }, (_, channel) =>
    channel >= offset && channel < offset + Math.min(channels, COLOURS) ? middle : 0,
  );
  const loss = ({ data }: StateWindow, sink?: CotangentSink) => {
    const slope = sink ? sink.scale / size : 0;
    let sum = 0;
    for (let i = 0; i < data.length; i++) {
      const value = data[i] - middles[i % middles.length];
      if (value >= -1 && value <= 1) continue;
      sum += Math.abs(value) - 1;
      if (sink) sink.data[i] += value > 0 ? slope : -slope;
    }
    return sum / size;
  };
  return middle === 0 ? Object.assign(loss, { part: { kind: "overflow", scale: 1 / size } as const }) : loss;
}
