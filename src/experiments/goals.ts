/** The goals of a model, which are the pictures it can grow. */
import { isEmoji, withoutSet } from "../data/emoji.ts";
import type { Model, Provenance } from "../model/model.ts";
import { oneHot } from "../train/goals.ts";

/** What to call a goal in words alone, which every font has: `lizard`, `cat.png`. */
export function goalName(
  { target, picture }: NonNullable<Provenance["goals"]>[number],
  index: number,
): string {
  const words = withoutSet(target ?? picture?.source ?? "")
    .split(" ")
    .filter((word) => word !== "" && !isEmoji(word));
  return words.length > 0 ? words.join(" ") : `goal ${index + 1}`;
}

/** The input of cells that are to grow a goal. */
export function goalInput({ rule }: Pick<Model, "rule">, goal: number): Float32Array {
  return oneHot(goal, rule.inputSize);
}
