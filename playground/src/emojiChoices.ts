/** The emoji that the page offers, and any other that a visitor types. */
import { describeEmoji, type Emoji, emojiCode, isFlag } from "../../src/data/emoji.ts";
import { drawEmoji, type Picture, readPicture } from "./picture.ts";

/** An emoji to choose: the emoji, its name in words, and its drawing as an SVG document. */
export type EmojiChoice = Readonly<{ emoji: string; name: string; svg: string }>;

/** The emoji to choose from, in the order shown. Loaded when first asked for. */
export async function loadEmojiChoices(): Promise<readonly EmojiChoice[]> {
  const { emojiChoices } = await import("virtual:emoji-choices");
  return emojiChoices;
}

/**
 * The picture of an emoji: of the emoji choices and of flags as on the command line; of any other as this system draws it.
 *
 * @throws UserError where the system has no drawing of it.
 */
export async function emojiPicture(text: string): Promise<Picture> {
  const emoji = text.trim();
  const choice = (await loadEmojiChoices()).find((each) => emojiCode(each.emoji) === emojiCode(emoji));
  if (choice) return { title: emoji, picture: await readPicture(new Blob([choice.svg])) };
  const flag = await loadFlag(emoji);
  if (!flag) return { title: emoji, picture: drawEmoji(emoji) };
  const picture = await readPicture(new Blob([flag.svg]));
  return { title: describeEmoji(emoji, flag), source: emoji, picture };
}

/** Undefined for what is no known flag. Systems without flags draw letters instead, and the page cannot detect that. */
async function loadFlag(emoji: string): Promise<Emoji | undefined> {
  if (!isFlag(emoji)) return undefined;
  const { flags } = await import("virtual:flags");
  const code = emojiCode(emoji);
  return Object.hasOwn(flags, code) ? (await flags[code]()).flag : undefined;
}
