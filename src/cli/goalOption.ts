import type { Option } from "commander";
import { type Kind, option } from "./values.ts";

const goalKind: Kind<string> = {
  allowed: "the name of a goal, its emoji or its number",
  parse: (text) => text || undefined,
};

/** Which goal a command is to look at. */
export function goalOption(): Option {
  return option(
    "--goal <name>",
    "which of its pictures, where it has several: an emoji, a name, or a number from 1",
    goalKind,
  );
}
