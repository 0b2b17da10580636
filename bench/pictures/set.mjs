// The pictures that training is tried on: emoji of all kinds, and what visitors bring. An entry more is a picture more.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const drawn = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Each with a name of its own, which is also that of its folder, and an emoji or the path of a file. */
export const set = [
  { name: "lizard", source: "🦎" },
  { name: "butterfly", source: "🦋" },
  { name: "octopus", source: "🐙" },
  { name: "face", source: "😀" },
  { name: "elephant", source: "🐘" },
  { name: "globe", source: "🌍" },
  { name: "star", source: "⭐" },
  { name: "balloon", source: "🎈" },
  { name: "unicorn", source: "🦄" },
  { name: "house", source: "🏠" },
  { name: "mushroom", source: "🍄" },
  { name: "heart", source: "❤️" },
  { name: "cactus", source: "🌵" },
  { name: "panda", source: "🐼" },
  { name: "peacock", source: "🦚" },
  { name: "doughnut", source: "🍩" },
  { name: "spider", source: "🕷️" },
  { name: "ball", source: "⚽" },
  { name: "rocket", source: "🚀" },
  { name: "rainbow", source: "🌈" },
  { name: "footprints", source: "👣" },
  { name: "logo", source: drawn("logo.svg") },
  { name: "word", source: drawn("word.svg") },
  { name: "bicycle", source: drawn("bicycle.svg") },
  { name: "landscape", source: drawn("landscape.png") },
  { name: "banner", source: drawn("banner.svg") },
  { name: "tower", source: drawn("tower.svg") },
  { name: "translucent", source: drawn("translucent.png") },
  { name: "ghost", source: drawn("ghost.svg") },
  { name: "cat", source: drawn("cat.svg") },
  { name: "leaf", source: drawn("leaf.svg") },
  { name: "exclamation", source: drawn("exclamation.svg") },
  { name: "robot", source: drawn("robot.png") },
];

/** What the playground offers first, each named by itself. */
export const shelf = JSON.parse(
  readFileSync(new URL("../../playground/emojiChoices.json", import.meta.url), "utf8"),
).map((emoji) => ({ name: emoji, source: emoji }));
/** Of pictures there, unless a visitor chooses another size. */
export const shelfSize = { size: 32, padding: 10 };
