/** The shelf's emoji: drawings of Noto Emoji, those of the command line, the same on every system. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";
import { findEmoji, type IconCharacters, type IconSet } from "../src/data/emoji.ts";

const MODULE = "virtual:shelf";

/** In the order shown: animals, plants and food, faces and things. */
const SHELF = "🦎 🦋 🐠 🐙 🦀 🐞 🦜 🦩 🌸 🌻 🍄 🌵 🍓 🍉 🥕 🍩 😀 🦊 🐸 🐼 👁️ ❤️ 🌍 🚀".split(" ");

/** Makes the module `virtual:shelf` (`src/virtual.d.ts`). */
export function shelfPlugin(): Plugin {
  return {
    name: "neoblast-shelf",
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load(id) {
      if (id !== `\0${MODULE}`) return undefined;
      const icons: IconSet = readNoto("icons.json");
      const characters: IconCharacters = readNoto("chars.json");
      const shelf = SHELF.map((emoji) => ({ emoji, ...findEmoji(emoji, icons, characters) }));
      return `export const shelf = ${JSON.stringify(shelf)};`;
    },
  };
}

function readNoto(name: string) {
  const { resolve } = createRequire(import.meta.url);
  return JSON.parse(readFileSync(resolve(`@iconify-json/noto/${name}`), "utf8"));
}
