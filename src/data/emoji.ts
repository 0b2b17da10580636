import { UserError } from "../errors.ts";

/** An icon set in Iconify's JSON format (https://iconify.design/docs/types/iconify-json.html), as far as it is read. */
export type IconSet = Readonly<{
  icons: Readonly<Record<string, Readonly<{ body: string; width?: number; height?: number }>>>;
  aliases?: Readonly<Record<string, Readonly<{ parent: string }>>>;
  width?: number;
  height?: number;
}>;

/** Icon names by code points: lower-case hexadecimal of at least four digits, joined by "-". */
export type IconCharacters = Readonly<Record<string, string>>;

export type Emoji = Readonly<{ name: string; svg: string }>;

/** Whether a text is meant as an emoji, known or not: nothing but emoji code points (Unicode Technical Standard 51). */
export function isEmoji(text: string): boolean {
  return DRAWS.test(text) && ONLY_EMOJI.test(text);
}

/** A pictograph, a letter of a flag, or a keycap: what tells an emoji from digits. */
const DRAWS = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
/** With skin tones, joiner, variation selectors and the tags of regional flags. */
const ONLY_EMOJI =
  /^(?:\p{Emoji}|\p{Extended_Pictographic}|\u200d|\ufe0e|\ufe0f|\u20e3|[\u{e0020}-\u{e007f}])+$/u;

/**
 * Finds an emoji (🦎, 👩🏽‍🚀, 🇺🇳, ❤️) or an icon's name (lizard) in an icon set.
 *
 * @returns its name and its drawing as an SVG document.
 * @throws UserError where the set has no such picture.
 */
export function findEmoji(text: string, set: IconSet, characters: IconCharacters): Emoji {
  const code = codePoints(text);
  const name = Object.hasOwn(characters, code) ? characters[code] : text;
  const icon = iconOf(name, set);
  if (!icon) {
    throw new UserError(
      isEmoji(text)
        ? `the Noto emoji set has no ${text}; give a picture file instead, such as picture.png`
        : `${JSON.stringify(text)} is neither an emoji nor the name of one, such as lizard; a picture file needs its path, such as ./picture.png`,
    );
  }
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  return {
    name,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${icon.body}</svg>`,
  };
}

/** How an emoji is listed: variation selectors (FE0E, FE0F) choose text or picture and are left out. */
function codePoints(text: string): string {
  return Array.from(text, (character) => character.codePointAt(0)!.toString(16).padStart(4, "0"))
    .filter((code) => code !== "fe0f" && code !== "fe0e")
    .join("-");
}

function iconOf(name: string, { icons, aliases = {} }: IconSet) {
  const parent = Object.hasOwn(aliases, name) ? aliases[name].parent : name;
  return Object.hasOwn(icons, parent) ? icons[parent] : undefined;
}
