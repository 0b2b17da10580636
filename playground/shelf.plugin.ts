/** The page's emoji: drawings of Noto Emoji and Twemoji, those of the command line, the same on every system. */
import type { Plugin } from "vite";
import { EMOJI_SETS, type EmojiSet, findEmoji, isFlag, unknownEmoji } from "../src/data/emoji.ts";
import { loadEmojiSet } from "../src/node/emoji.ts";
import SHELF from "./shelf.json" with { type: "json" };

const SHELF_MODULE = "virtual:shelf";
const FLAGS_MODULE = "virtual:flags";
/** Followed by the code of a flag. */
const FLAG_MODULE = "virtual:flag/";

/** Makes the modules `virtual:shelf` and `virtual:flags` (`src/virtual.d.ts`), and one for each flag. */
export function shelfPlugin(): Plugin {
  let sets: Promise<EmojiSet[]> | undefined;
  return {
    name: "neoblast-shelf",
    resolveId: (id) =>
      id === SHELF_MODULE || id === FLAGS_MODULE || id.startsWith(FLAG_MODULE) ? `\0${id}` : undefined,
    async load(id) {
      if (!id.startsWith("\0virtual:")) return undefined;
      sets ??= Promise.all(EMOJI_SETS.map(loadEmojiSet));
      return moduleText(id.slice(1), await sets);
    },
  };
}

function moduleText(id: string, sets: readonly EmojiSet[]): string | undefined {
  if (id === SHELF_MODULE) {
    const shelf = SHELF.map((emoji) => ({ emoji, ...found(emoji, sets) }));
    return `export const shelf = ${JSON.stringify(shelf)};`;
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
