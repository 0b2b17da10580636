/** Emoji to choose from. */
import type { Raster } from "../../src/data/image.ts";
import { drawEmoji, readPicture } from "./picture.ts";

/** One of the shelf: the emoji, its name in words, and its drawing as an SVG document. */
export type ShelfEmoji = Readonly<{ emoji: string; name: string; svg: string }>;

/** The shelf, in the order shown. Loaded when first asked for. */
export async function loadShelf(): Promise<readonly ShelfEmoji[]> {
  const { shelf } = await import("virtual:shelf");
  return shelf;
}

/**
 * An emoji: of the shelf, as the command line has it; any other as this system draws it.
 *
 * @throws UserError where the system has no drawing of it.
 */
export async function emojiPicture(text: string): Promise<Raster> {
  const found = (await loadShelf()).find(({ emoji }) => plain(emoji) === plain(text.trim()));
  return found ? readPicture(new Blob([found.svg])) : drawEmoji(text.trim());
}

/** Without what chooses between text and picture. */
function plain(emoji: string): string {
  return emoji.replaceAll(/[\ufe0e\ufe0f]/g, "");
}
