import { channelStyles } from "../../../src/render/channels.ts";
import type { Rule } from "../../../src/rule/rule.ts";

export type Channel = Readonly<{
  name: string;
  /** Of its lines; undefined: the colour of the page's text. */
  colour: string | undefined;
  dash: readonly number[];
}>;

/** The channels of a rule: what they are called, and what their lines look like. */
export function channelsOf(rule: Rule): Channel[] {
  return channelStyles(rule).map(({ name, visible, colour, dash }, i) => ({
    name: visible ? name.charAt(0).toUpperCase() + name.slice(1) : `Channel ${i}`,
    colour: name === "alpha" ? undefined : colour,
    dash,
  }));
}
