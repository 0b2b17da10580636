import { type PerceiveName, perceiveName } from "../../../rule/parts/perceive.ts";
import type { Rule } from "../../../rule/rule.ts";
import { attention } from "./attention.ts";
import { depthwise } from "./depthwise.ts";
import { filter } from "./filter.ts";
import type { DeviceKind } from "./kind.ts";
import { taps } from "./taps.ts";

const kinds: Readonly<Partial<Record<PerceiveName, DeviceKind>>> = { taps, depthwise, filter, attention };

/** Undefined for a kind of perception that there are no shaders for. */
export function deviceKind(rule: Rule): DeviceKind | undefined {
  return kinds[perceiveName(rule)];
}
