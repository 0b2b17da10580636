/** What all engines share of comparing states with a picture. */
import type { Comparison } from "../engine.ts";

/** A value from 0 to 1 in 8 bits, others clamped: 0 to 255. NaN stays NaN, which equals nothing. */
export function toEightBits(value: number): number {
  return Math.floor(255 * Math.min(1, Math.max(0, value)) + 0.5);
}

/** What the sum over cells is divided by. */
export function comparisonScale({ target, measure, readout: { channels } }: Comparison): number {
  const cells = target.length / 4;
  switch (measure) {
    case "squared-error":
      return cells * channels;
    case "wrong-pixels": {
      let shown = 0;
      for (let t = 0; t < target.length; t += 4) {
        let k = 0;
        while (k < channels && toEightBits(target[t + k]) === 0) k++;
        if (k < channels) shown++;
      }
      return Math.max(1, shown);
    }
    default:
      return measure satisfies never;
  }
}
