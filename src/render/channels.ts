/** What the channels of a state are called, and the colours they are drawn in. */
import type { Readout } from "../model/readout.ts";
import type { Rule } from "../rule/rule.ts";
import { colours } from "./theme.ts";

export type ChannelStyle = Readonly<{
  /** red, green, blue, alpha or grey where it belongs to the picture; else hidden and the channel's number. */
  name: string;
  /** Whether it belongs to the picture. */
  visible: boolean;
  colour: string;
  /** Lengths of dashes and gaps in pixels; none for a whole line. */
  dash: readonly number[];
}>;

const VISIBLE: Readonly<Record<string, string>> = {
  red: "#e5383b",
  green: "#2f9e44",
  blue: "#2563eb",
  alpha: colours.ink,
  grey: "#8d8b85",
};
const PICTURES = { 1: ["grey"], 3: ["red", "green", "blue"], 4: ["red", "green", "blue", "alpha"] } as const;

/** Neighbours differ in hue and in lightness, and all stand out from dark and from light paper. */
const HIDDEN = [
  "#bf5257",
  "#23c79d",
  "#b774c7",
  "#808000",
  "#75abff",
  "#d5753a",
  "#00919b",
  "#ec84b7",
  "#60a750",
  "#7b69c6",
  "#d9a02c",
  "#00a0d7",
];
/** For each time that the colours of hidden channels are used up. */
const DASHES = [[], [6, 3], [2, 2], [8, 2, 2, 2], [12, 4], [1, 3]];

/** One style for each channel of a rule. @param automaton.readout null: none belongs to a picture. */
export function channelStyles({
  rule: { channels, alive },
  readout,
}: Readonly<{ rule: Pick<Rule, "channels" | "alive">; readout: Readout | null }>): ChannelStyle[] {
  const names: readonly string[] = readout ? PICTURES[readout.channels] : [];
  const offset = readout?.offset ?? 0;
  let hidden = 0;
  return Array.from({ length: channels }, (_, channel): ChannelStyle => {
    const name = names[channel - offset];
    if (name !== undefined) return { name, visible: true, colour: VISIBLE[name], dash: [] };
    const turn = Math.floor(hidden / HIDDEN.length);
    const colour = HIDDEN[hidden++ % HIDDEN.length];
    const kind = channel === alive.channel ? "alive" : "hidden";
    return { name: `${kind} ${channel}`, visible: false, colour, dash: DASHES[turn % DASHES.length] };
  });
}
