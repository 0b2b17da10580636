import { channelStyles } from "../../../src/render/channels.ts";
import type { Model } from "../../../src/model/model.ts";

export type Channel = Readonly<{
  name: string;
  /** Of its lines; undefined: the colour of the page's text. */
  colour: string | undefined;
  dash: readonly number[];
}>;

/** The channels of a model: what they are called, and what their lines look like. */
export function channelsOf(model: Pick<Model, "rule" | "readout">): Channel[] {
  return channelStyles(model).map(({ name, visible, colour, dash }, i) => ({
    name: visible ? name.charAt(0).toUpperCase() + name.slice(1) : `Channel ${i}`,
    colour: name === "alpha" ? undefined : colour,
    dash,
  }));
}
