import { type PerceiveName, perceiveName } from "../../../rule/parts/perceive.ts";
import type { Rule } from "../../../rule/rule.ts";
import { attention } from "./attention.ts";
import { depthwise } from "./depthwise.ts";
import { filter } from "./filter.ts";
import type { PerceptionKind } from "./perception.ts";
import { taps } from "./taps.ts";

const kinds: Readonly<Partial<Record<PerceiveName, PerceptionKind>>> = { taps, depthwise, filter, attention };

/** Undefined for a kind of perception that there are no kernels for: the engine declines what the plain step may have. */
export function compiledKind(rule: Rule): PerceptionKind | undefined {
  return kinds[perceiveName(rule)];
}
