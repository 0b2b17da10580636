/** Emoji to choose from. */
import { describeEmoji, type Emoji, emojiCode, isFlag } from "../../src/data/emoji.ts";
import { drawEmoji, type Picture, readPicture } from "./picture.ts";

/** One of the shelf: the emoji, its name in words, and its drawing as an SVG document. */
export type ShelfEmoji = Readonly<{ emoji: string; name: string; svg: string }>;

/** The shelf, in the order shown. Loaded when first asked for. */
export async function loadShelf(): Promise<readonly ShelfEmoji[]> {
  const { shelf } = await import("virtual:shelf");
  return shelf;
}

/**
 * An emoji: of the shelf, or a flag, as the command line has it; any other as this system draws it.
 *
 * @throws UserError where the system has no drawing of it.
 */
export async function emojiPicture(text: string): Promise<Picture> {
  const emoji = text.trim();
  const shelved = (await loadShelf()).find((each) => emojiCode(each.emoji) === emojiCode(emoji));
  if (shelved) return { title: emoji, picture: await readPicture(new Blob([shelved.svg])) };
  const flag = await loadFlag(emoji);
  if (!flag) return { title: emoji, picture: drawEmoji(emoji) };
  const picture = await readPicture(new Blob([flag.svg]));
  return { title: describeEmoji(emoji, flag), source: emoji, picture };
}

/** Undefined for what is no known flag. Systems without flags of countries draw letters, and do not say so. */
async function loadFlag(emoji: string): Promise<Emoji | undefined> {
  if (!isFlag(emoji)) return undefined;
  const { flags } = await import("virtual:flags");
  const code = emojiCode(emoji);
  return Object.hasOwn(flags, code) ? (await flags[code]()).flag : undefined;
}
