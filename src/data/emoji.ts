import { closest } from "../config/closest.ts";
import { UserError } from "../errors.ts";

/** An icon set in Iconify's JSON format (https://iconify.design/docs/types/iconify-json.html), as far as it is read. */
export type IconSet = Readonly<{
  icons: Readonly<Record<string, Readonly<{ body: string; width?: number; height?: number }>>>;
  aliases?: Readonly<Record<string, Readonly<{ parent: string }>>>;
  width?: number;
  height?: number;
}>;

/** Icon names by code points: lower-case hexadecimal of at least four digits, joined by "-", without FE0E and FE0F. */
export type IconCharacters = Readonly<Record<string, string>>;

/** The sets that emoji are looked for in, in this order. Noto Emoji has no flags of countries; Twemoji has. */
export const EMOJI_SETS = [
  { set: "Noto Emoji", module: "@iconify-json/noto" },
  { set: "Twemoji", module: "@iconify-json/twemoji" },
] as const;

export type EmojiSetName = (typeof EMOJI_SETS)[number]["set"];

export type EmojiSet = Readonly<{ set: EmojiSetName; icons: IconSet; characters: IconCharacters }>;

/** A picture of a set, as an SVG document. */
export type Emoji = Readonly<{ name: string; set: EmojiSetName; svg: string }>;

/** Skin tones and hair alone (Unicode's emoji components): the sets have their pictures but do not list their codes. */
const COMPONENTS: IconCharacters = {
  "1f3fb": "light-skin-tone",
  "1f3fc": "medium-light-skin-tone",
  "1f3fd": "medium-skin-tone",
  "1f3fe": "medium-dark-skin-tone",
  "1f3ff": "dark-skin-tone",
  "1f9b0": "red-haired",
  "1f9b1": "curly-haired",
  "1f9b2": "bald",
  "1f9b3": "white-haired",
};

/** Whether a text is meant as an emoji, known or not: nothing but emoji code points (Unicode Technical Standard 51). */
export function isEmoji(text: string): boolean {
  return ONLY_EMOJI.test(text) && DRAWS.test(text);
}

/** A pictograph, a letter of a flag, a skin tone or a keycap: what distinguishes an emoji from digits. */
const DRAWS = /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u20e3]/u;
/** With joiner, variation selectors and the tags of regional flags. One class, so that any text takes linear time. */
const ONLY_EMOJI = /^[\p{Emoji}\ufe0e\ufe0f\p{Extended_Pictographic}\u20e3\u{e0020}-\u{e007f}\u200d]+$/u;

/** Whether a text is one flag of a country or region, known or not: two letters, or a black flag with tags. */
export function isFlag(text: string): boolean {
  return /^(?:\p{Regional_Indicator}{2}|\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f})$/u.test(text);
}

/**
 * Finds an emoji (🦎, 👩🏽‍🚀, 🇺🇳, ❤️) or an icon's name (lizard) in a set.
 *
 * @returns undefined where the set has no such picture.
 */
export function findEmoji(text: string, { set, icons, characters }: EmojiSet): Emoji | undefined {
  const code = emojiCode(text);
  const name = own(characters, code) ?? own(COMPONENTS, code) ?? text;
  const icon = own(icons.icons, own(icons.aliases ?? {}, name)?.parent ?? name);
  if (!icon) return undefined;
  const width = icon.width ?? icons.width ?? 16;
  const height = icon.height ?? icons.height ?? 16;
  return {
    name,
    set,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${icon.body}</svg>`,
  };
}

/** What to say of a text that no set has. @param names those that the sets have. */
export function unknownEmoji(text: string, names: readonly string[] = []): UserError {
  return new UserError(
    isEmoji(text)
      ? `neither ${EMOJI_SETS.map(({ set }) => set).join(" nor ")} has ${text}; give a picture file instead, such as picture.png`
      : `${JSON.stringify(text)} is neither an emoji nor the name of one, such as ${closest(text, names) ?? "lizard"}; a picture file needs its path, such as ./picture.png`,
  );
}

/** An emoji for people, with the set it is from: `🦎 lizard (Noto Emoji)` for 🦎, `lizard (Noto Emoji)` for its name. */
export function describeEmoji(text: string, { name, set }: Emoji): string {
  return `${isEmoji(text) ? `${text} ` : ""}${name} (${set})`;
}

/** A description without the set that an emoji is from: `🦎 lizard` of `🦎 lizard (Noto Emoji)`. */
export function withoutSet(description: string): string {
  const ending = EMOJI_SETS.map(({ set }) => ` (${set})`).find((each) => description.endsWith(each));
  return ending === undefined ? description : description.slice(0, -ending.length);
}

/** How an emoji is listed: variation selectors (FE0E, FE0F) choose text or picture and are left out. */
export function emojiCode(text: string): string {
  return Array.from(text, (character) => character.codePointAt(0)!.toString(16).padStart(4, "0"))
    .filter((code) => code !== "fe0f" && code !== "fe0e")
    .join("-");
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
