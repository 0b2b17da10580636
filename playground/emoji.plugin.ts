/** The page's emoji: drawings of Noto Emoji and Twemoji, as on the command line, the same on every system. */
import type { Plugin } from "vite";
import { EMOJI_SETS, type EmojiSet, findEmoji, isFlag, unknownEmoji } from "../src/data/emoji.ts";
import { loadEmojiSet } from "../src/node/emoji.ts";
import CHOICES from "./emojiChoices.json" with { type: "json" };

const CHOICES_MODULE = "virtual:emoji-choices";
const FLAGS_MODULE = "virtual:flags";
/** Followed by the code of a flag. */
const FLAG_MODULE = "virtual:flag/";

/** Makes the modules `virtual:emoji-choices` and `virtual:flags` (`src/virtual.d.ts`), and one for each flag. */
export function emojiPlugin(): Plugin {
  let sets: Promise<EmojiSet[]> | undefined;
  return {
    name: "neoblast-emoji",
    resolveId: (id) =>
      id === CHOICES_MODULE || id === FLAGS_MODULE || id.startsWith(FLAG_MODULE) ? `\0${id}` : undefined,
    async load(id) {
      if (!id.startsWith("\0virtual:")) return undefined;
      sets ??= Promise.all(EMOJI_SETS.map(loadEmojiSet));
      return moduleText(id.slice(1), await sets);
    },
  };
}

function moduleText(id: string, sets: readonly EmojiSet[]): string | undefined {
  if (id === CHOICES_MODULE) {
    const choices = CHOICES.map((emoji) => ({ emoji, ...found(emoji, sets) }));
    return `export const emojiChoices = ${JSON.stringify(choices)};`;
  }
  if (id === FLAGS_MODULE) {
    const codes = sets
      .flatMap(({ characters }) => Object.keys(characters))
      .filter((code) => isFlag(textOf(code)));
    const loaders = [...new Set(codes)].map((code) => `"${code}": () => import("${FLAG_MODULE}${code}")`);
    return `export const flags = {\n${loaders.join(",\n")}\n};`;
  }
  if (!id.startsWith(FLAG_MODULE)) return undefined;
  return `export const flag = ${JSON.stringify(found(textOf(id.slice(FLAG_MODULE.length)), sets))};`;
}

/** From the first set that has it. */
function found(emoji: string, sets: readonly EmojiSet[]) {
  for (const set of sets) {
    const picture = findEmoji(emoji, set);
    if (picture) return picture;
  }
  throw unknownEmoji(emoji);
}

function textOf(code: string): string {
  return String.fromCodePoint(...code.split("-").map((digits) => Number.parseInt(digits, 16)));
}
