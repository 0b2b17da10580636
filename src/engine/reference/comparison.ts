import type { Comparison } from "../../engine.ts";
import type { Rule } from "../../rule/rule.ts";
import { comparisonScale, toEightBits } from "../comparison.ts";
import type { Floats } from "../../step/floats.ts";

/** Compares a state S of shape (...grid, C) with a picture. */
export function compareState(rule: Rule, S: Floats, comparison: Comparison): number {
  const { target, measure, readout } = comparison;
  let sum = 0;
  for (let n = 0; n < target.length / 4; n++) {
    let wrong = false;
    for (let k = 0; k < readout.channels; k++) {
      const value = S[n * rule.channels + readout.offset + k];
      const wanted = target[n * 4 + k];
      if (measure === "squared-error") sum += (value - wanted) ** 2;
      else if (toEightBits(value) !== toEightBits(wanted)) wrong = true;
    }
    if (wrong) sum++;
  }
  return sum / comparisonScale(comparison);
}
