import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Emoji, EMOJI_SETS, type EmojiSet, findEmoji, unknownEmoji } from "../data/emoji.ts";
import { optionalPackage } from "./optional.ts";

/**
 * An emoji (🦎, 🇩🇪) or one named (lizard), from the first set that has it.
 *
 * @throws UserError where none has.
 */
export async function loadEmoji(text: string): Promise<Emoji> {
  const names: string[] = [];
  for (const each of EMOJI_SETS) {
    const set = await loadEmojiSet(each);
    const found = findEmoji(text, set);
    if (found) return found;
    names.push(...Object.keys(set.icons.icons));
  }
  throw unknownEmoji(text, names);
}

/** Reads a set, from the package that holds it. */
export function loadEmojiSet({ set, module }: (typeof EMOJI_SETS)[number]): Promise<EmojiSet> {
  return optionalPackage(async () => {
    const { resolve } = createRequire(import.meta.url);
    // Of 25 MB; decoded while it is read, which `readFile(..., "utf8")` does, they take half as long again.
    const read = async (name: string) =>
      JSON.parse((await readFile(resolve(`${module}/${name}`))).toString());
    return { set, icons: await read("icons.json"), characters: await read("chars.json") };
  });
}
